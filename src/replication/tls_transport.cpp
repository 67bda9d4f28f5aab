#include "replication/tls_transport.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/failure.hpp"
#include "base/log.hpp"
#include "replication/introduction.hpp"

namespace mosaic::replication {
namespace {

constexpr std::size_t kScratchBytes = 64 << 10;
/// Connections that the system holds until they are accepted.
constexpr int kBacklog = 64;
/// libraft has closed its streams by then.
constexpr std::uint64_t kLeaveMs = 1'000;
/// Whoever knocks must not fill the disk.
constexpr std::uint64_t kWarnEveryMs = 10'000;

/// IPv4 `ip:port`.
std::optional<sockaddr_in> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port_text = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  sockaddr_in address{};
  if (error != std::errc() || end != port_text.data() + port_text.size() ||
      uv_ip4_addr(std::string(text.substr(0, colon)).c_str(), port, &address) != 0) {
    return std::nullopt;
  }
  return address;
}

}  // namespace

/// A connection, and who waits for it.
struct TlsTransport::Peer {
  Peer(TlsTransport& transport, TlsStream::Side side)
      : stream(transport.loop_, transport.context_, side, transport.scratch_, transport) {}

  TlsStream stream;
  std::string name;
  Connect* request = nullptr;  ///< null: the other side has connected, or it has been answered
  raft_uv_connect_cb connected = nullptr;

  bool is_stranger() const { return request == nullptr && !stream.joined() && !stream.closing(); }
};

TlsTransport::TlsTransport(uv_loop_t& loop, const tls::TlsFiles& files,
                           raft_uv_transport& transport, std::uint64_t join_ms)
    : loop_(loop),
      context_(or_throw(tls::TlsContext::load(files))),
      transport_(transport),
      join_ms_(join_ms),
      scratch_(kScratchBytes) {
  transport.impl = this;
  transport.init = [](raft_uv_transport* self, raft_id id, const char* address) {
    return of(self).init(id, address);
  };
  transport.listen = [](raft_uv_transport* self, raft_uv_accept_cb accepted) {
    return of(self).listen(accepted);
  };
  transport.connect = [](raft_uv_transport* self, Connect* request, raft_id, const char* address,
                         raft_uv_connect_cb connected) {
    return of(self).connect(request, address, connected);
  };
  transport.close = [](raft_uv_transport* self, raft_uv_transport_close_cb then) {
    of(self).close(then);
  };
}

TlsTransport::~TlsTransport() = default;

int TlsTransport::fail(int status, const std::string& why) {
  const auto end = fmt::format_to_n(transport_.errmsg, sizeof transport_.errmsg - 1, "{}", why);
  *end.out = '\0';
  return status;
}

int TlsTransport::init(raft_id id, const char* address) {
  id_ = id;
  address_ = address;
  return 0;
}

int TlsTransport::listen(raft_uv_accept_cb accepted) {
  accepted_ = accepted;
  const auto& text = bound_to_.empty() ? address_ : bound_to_;
  const auto address = parse_address(text);
  if (!address) return fail(RAFT_INVALID, fmt::format("'{}' is no IPv4 ip:port", text));
  uv_tcp_init(&loop_, &listener_);
  listener_.data = this;
  listener_is_open_ = true;
  int status = uv_tcp_bind(&listener_, reinterpret_cast<const sockaddr*>(&*address), 0);
  if (status == 0) {
    status = uv_listen(reinterpret_cast<uv_stream_t*>(&listener_), kBacklog,
                       [](uv_stream_t* listener, int result) {
                         static_cast<TlsTransport*>(listener->data)->accept(result);
                       });
  }
  if (status == 0) return 0;
  return fail(RAFT_IOERR, fmt::format("listening at {}: {}", text, uv_strerror(status)));
}

TlsTransport::Peer* TlsTransport::add(TlsStream::Side side) {
  const auto added = to_result([&] { peers_.emplace_back(*this, side); });
  if (added) {
    peers_.back().stream.close_after(join_ms_);
    return &peers_.back();
  }
  log::warn("no connection of the log: {}", added.error().detail);
  return nullptr;
}

TlsTransport::Peer& TlsTransport::peer_of(const TlsStream& stream) {
  return *std::find_if(peers_.begin(), peers_.end(),
                       [&](const Peer& peer) { return &peer.stream == &stream; });
}

std::size_t TlsTransport::waiting() const {
  return static_cast<std::size_t>(std::count_if(
      peers_.begin(), peers_.end(), [](const Peer& peer) { return !peer.stream.joined(); }));
}

void TlsTransport::accept(int status) {
  if (status != 0) return;
  make_room();
  auto* const peer = add(TlsStream::Side::kAccepting);
  if (peer == nullptr) return;
  peer->stream.accept(reinterpret_cast<uv_stream_t*>(&listener_));
  peer->name = peer->stream.peer();
}

/// A node is done in a moment, so the oldest stranger is none.
void TlsTransport::make_room() {
  const auto is_stranger = [](const Peer& peer) { return peer.is_stranger(); };
  const auto strangers = std::count_if(peers_.begin(), peers_.end(), is_stranger);
  if (static_cast<std::size_t>(strangers) < kTlsStrangersMax) return;
  std::find_if(peers_.begin(), peers_.end(), is_stranger)
      ->stream.close(Error{ErrorCode::kOverloaded, "others came while it had not shown who it is"});
}

int TlsTransport::connect(Connect* request, const char* text, raft_uv_connect_cb connected) {
  const auto address = parse_address(text);
  if (!address) return fail(RAFT_NOCONNECTION, fmt::format("'{}' is no IPv4 ip:port", text));
  auto* const peer = add(TlsStream::Side::kConnecting);
  if (peer == nullptr) return fail(RAFT_NOCONNECTION, "no memory for a connection");
  request->cb = connected;
  peer->request = request;
  peer->connected = connected;
  peer->name = text;
  peer->stream.connect(*address);
  return 0;
}

void TlsTransport::established(TlsStream& stream) {
  if (peer_of(stream).request != nullptr) stream.say(encode_introduction({id_, address_}));
}

void TlsTransport::heard(TlsStream& stream, std::string& plain) {
  peer_of(stream).request == nullptr ? heard_introduction(stream, plain)
                                     : heard_welcome(stream, plain);
}

void TlsTransport::heard_introduction(TlsStream& stream, std::string& plain) {
  const auto who = take_introduction(plain);
  if (!who) return stream.close(who.error());
  if (!*who) return;
  stream.say(encode_welcome());
  auto* const joined = stream.closing() ? nullptr : stream.join();
  if (joined != nullptr) accepted_(&transport_, (*who)->id, (*who)->address.c_str(), joined);
}

void TlsTransport::heard_welcome(TlsStream& stream, std::string& plain) {
  const auto welcome = take_welcome(plain);
  if (!welcome) return stream.close(welcome.error());
  if (!*welcome) return;
  auto* const joined = stream.join();
  if (joined == nullptr) return;
  auto& peer = peer_of(stream);
  peer.connected(std::exchange(peer.request, nullptr), joined, 0);
}

void TlsTransport::closed(TlsStream& stream, const std::optional<Error>& why) {
  auto& peer = peer_of(stream);
  if (why && !stream.joined() && closed_ == nullptr) warn(peer, *why);
  auto* const request = peer.request;
  const auto connected = peer.connected;
  peers_.remove_if([&](const Peer& each) { return &each == &peer; });
  if (request != nullptr)
    connected(request, nullptr, closed_ == nullptr ? RAFT_NOCONNECTION : RAFT_CANCELED);
  finish_if_closed();
}

/// A node that is not there is libraft's daily bread; one that is not let in is not.
void TlsTransport::warn(const Peer& peer, const Error& why) {
  const auto now = uv_now(&loop_);
  if (why.code == ErrorCode::kUnavailable || (warned_ms_ && now - *warned_ms_ < kWarnEveryMs))
    return;
  warned_ms_ = now;
  log::warn("no connection of the log {} {}: {}", peer.request == nullptr ? "from" : "to",
            peer.name, why.detail);
}

void TlsTransport::close(raft_uv_transport_close_cb then) {
  closed_ = then;
  for (auto& peer : peers_) {
    // The others end when libraft closes its streams, which it is about to do.
    peer.stream.joined() ? peer.stream.close_after(kLeaveMs) : peer.stream.close();
  }
  if (!listener_is_open_) return finish_if_closed();
  uv_close(reinterpret_cast<uv_handle_t*>(&listener_), [](uv_handle_t* listener) {
    auto& self = *static_cast<TlsTransport*>(listener->data);
    self.listener_is_open_ = false;
    self.finish_if_closed();
  });
}

void TlsTransport::finish_if_closed() {
  if (closed_ == nullptr || listener_is_open_ || !peers_.empty()) return;
  // May destroy this.
  std::exchange(closed_, nullptr)(&transport_);
}

}  // namespace mosaic::replication
