#include "replication/tls_transport.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <functional>

#include "base/durable_file.hpp"
#include "replication/introduction.hpp"
#include "support/authority_folder.hpp"
#include "support/loopback_socket.hpp"

namespace mosaic::replication {
namespace {

using Clock = std::chrono::steady_clock;
using mosaic::test::AuthorityFolder;
using mosaic::test::Caller;
using mosaic::test::LoopbackSocket;

/// A stream as libraft has it: reads into a text, and is freed when it is closed.
struct Stream {
  uv_stream_t* stream;
  std::string heard;
  bool ended = false;
  bool is_closed = false;

  explicit Stream(uv_stream_t* given) : stream(given) { stream->data = this; }
  void read() {
    uv_read_start(
        stream,
        [](uv_handle_t*, std::size_t, uv_buf_t* buffer) {
          static char bytes[64 << 10];
          *buffer = uv_buf_init(bytes, sizeof bytes);
        },
        [](uv_stream_t* from, ssize_t size, const uv_buf_t* buffer) {
          auto& self = *static_cast<Stream*>(from->data);
          if (size > 0) self.heard.append(buffer->base, static_cast<std::size_t>(size));
          self.ended = self.ended || size < 0;
        });
  }
  /// The bytes are kept until they are written.
  void write(std::string bytes) {
    struct Pending {
      uv_write_t request;
      std::string bytes;
    };
    auto* pending = new Pending{{}, std::move(bytes)};
    pending->request.data = pending;
    const auto buffer =
        uv_buf_init(pending->bytes.data(), static_cast<unsigned>(pending->bytes.size()));
    uv_write(&pending->request, stream, &buffer, 1,
             [](uv_write_t* done, int) { delete static_cast<Pending*>(done->data); });
  }
  std::size_t unwritten() const { return uv_stream_get_write_queue_size(stream); }
  void close() {
    uv_close(reinterpret_cast<uv_handle_t*>(stream), [](uv_handle_t* handle) {
      static_cast<Stream*>(handle->data)->is_closed = true;
      raft_free(handle);
    });
  }
};

/// One node's transport, in the place of libraft.
struct Node {
  raft_uv_transport transport{};
  TlsTransport tls;
  std::string address;
  struct Accepted {
    raft_id id;
    std::string address;
    std::unique_ptr<Stream> stream;
  };
  std::vector<Accepted> accepted;
  struct raft_uv_connect request {};
  std::optional<int> connect_status;
  std::unique_ptr<Stream> connected;
  bool closing = false;
  bool is_closed = false;

  Node(uv_loop_t& loop, raft_id id, const tls::TlsFiles& files, std::uint64_t join_ms = kTlsJoinMs)
      : tls(loop, files, transport, join_ms), address(LoopbackSocket().address()) {
    transport.data = this;
    request.data = this;
    EXPECT_EQ(transport.init(&transport, id, address.c_str()), 0);
  }
  static Node& of(raft_uv_transport* transport) { return *static_cast<Node*>(transport->data); }

  void listen() {
    const int status = transport.listen(
        &transport, [](raft_uv_transport* self, raft_id id, const char* from, uv_stream_t* stream) {
          of(self).accepted.push_back({id, from, std::make_unique<Stream>(stream)});
        });
    ASSERT_EQ(status, 0) << transport.errmsg;
  }
  int connect(const std::string& to) {
    connect_status.reset();
    return transport.connect(&transport, &request, 1, to.c_str(),
                             [](struct raft_uv_connect* done, uv_stream_t* stream, int status) {
                               auto& self = *static_cast<Node*>(done->data);
                               self.connect_status = status;
                               if (status == 0) self.connected = std::make_unique<Stream>(stream);
                             });
  }
  void close() {
    closing = true;
    transport.close(&transport, [](raft_uv_transport* self) { of(self).is_closed = true; });
    for (auto& each : accepted) each.stream->close();
    if (connected) connected->close();
  }
};

struct Transports : testing::Test {
  AuthorityFolder authority;
  uv_loop_t loop{};
  std::list<Node> nodes;

  void SetUp() override {
    // As the log's thread does.
    std::signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&loop);
  }
  void TearDown() override {
    for (auto& node : nodes) {
      if (!node.closing) node.close();
    }
    EXPECT_TRUE(run_until([&] {
      return std::all_of(nodes.begin(), nodes.end(), [](auto& node) { return node.is_closed; });
    }));
    uv_run(&loop, UV_RUN_DEFAULT);
    EXPECT_EQ(uv_loop_close(&loop), 0);
  }
  Node& add(std::uint64_t join_ms = kTlsJoinMs) {
    const auto id = nodes.size() + 1;
    return nodes.emplace_back(loop, id, authority.files_of("node-" + std::to_string(id)), join_ms);
  }
  /// Whether it came to be so within half a minute, or `within`.
  bool run_until(const std::function<bool()>& so,
                 std::chrono::milliseconds within = std::chrono::seconds(30)) {
    const auto until = Clock::now() + within;
    while (!so()) {
      if (Clock::now() > until) return false;
      uv_run(&loop, UV_RUN_NOWAIT);
    }
    return true;
  }
  /// Two nodes, the first of which has connected to the second.
  void join(Node& from, Node& to) {
    to.listen();
    ASSERT_EQ(from.connect(to.address), 0) << from.transport.errmsg;
    ASSERT_TRUE(run_until([&] { return from.connect_status && !to.accepted.empty(); }));
    ASSERT_EQ(*from.connect_status, 0);
  }
};

TEST_F(Transports, TellWhoConnects) {
  auto& one = add();
  auto& two = add();
  join(one, two);
  EXPECT_EQ(two.accepted[0].id, 1U);
  EXPECT_EQ(two.accepted[0].address, one.address);
}

TEST_F(Transports, PassBytesBothWays) {
  auto& one = add();
  auto& two = add();
  join(one, two);
  two.accepted[0].stream->read();
  one.connected->read();
  one.connected->write("there");
  two.accepted[0].stream->write("and back");
  EXPECT_TRUE(run_until([&] {
    return two.accepted[0].stream->heard == "there" && one.connected->heard == "and back";
  }));
}

TEST_F(Transports, PassTheEndOn) {
  auto& one = add();
  auto& two = add();
  join(one, two);
  auto& reader = *two.accepted[0].stream;
  reader.read();
  one.connected->write("last words");
  one.connected->close();
  EXPECT_TRUE(run_until([&] { return reader.ended; }));
  EXPECT_EQ(reader.heard, "last words");
  EXPECT_TRUE(run_until([&] { return one.connected->is_closed; }));
  one.connected.reset();
}

TEST_F(Transports, SlowDownWhoWritesToOneThatDoesNotRead) {
  constexpr std::size_t kBytes = 48 << 20;
  auto& one = add();
  auto& two = add();
  join(one, two);
  std::string all(kBytes, '\0');
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>(i * 2'654'435'761U >> 13);
  one.connected->write(all);
  // Until nothing moves any more.
  std::size_t before = 0;
  do {
    before = one.connected->unwritten();
  } while (run_until([&] { return one.connected->unwritten() < before; },
                     std::chrono::milliseconds(300)));
  // Kernels hold some MiB of a connection, and each side one.
  EXPECT_GT(before, kBytes / 2);
  two.accepted[0].stream->read();
  ASSERT_TRUE(run_until([&] { return two.accepted[0].stream->heard.size() >= kBytes; }));
  EXPECT_TRUE(two.accepted[0].stream->heard == all);
}

TEST_F(Transports, FailToReachNobody) {
  auto& one = add();
  ASSERT_EQ(one.connect(LoopbackSocket().address()), 0);
  ASSERT_TRUE(run_until([&] { return one.connect_status.has_value(); }));
  EXPECT_EQ(*one.connect_status, RAFT_NOCONNECTION);
}

TEST_F(Transports, RefuseAnAddressThatIsNone) {
  auto& one = add();
  for (const std::string address : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "a:1"}) {
    EXPECT_EQ(one.connect(address), RAFT_NOCONNECTION) << address;
    EXPECT_NE(std::string(one.transport.errmsg).find("'" + address + "'"), std::string::npos);
  }
}

TEST_F(Transports, SayThatAnAddressIsTaken) {
  auto& one = add();
  auto& two = add();
  one.listen();
  two.tls.bind_to(one.address);
  EXPECT_EQ(two.transport.listen(&two.transport, nullptr), RAFT_IOERR);
  EXPECT_NE(std::string(two.transport.errmsg).find(one.address), std::string::npos);
}

TEST_F(Transports, ListenWhereTheyAreTold) {
  auto& one = add();
  auto& two = add();
  const auto bound = LoopbackSocket().address();
  two.tls.bind_to(bound);
  two.listen();
  one.connect(bound);
  EXPECT_TRUE(run_until([&] { return !two.accepted.empty(); }));
}

TEST_F(Transports, DoNotConnectToOneThatIsNotOfTheirAuthority) {
  const AuthorityFolder other;
  auto& one = add();
  auto& foreign = nodes.emplace_back(loop, 9, other.files_of("node-9"));
  foreign.listen();
  one.connect(foreign.address);
  ASSERT_TRUE(run_until([&] { return one.connect_status.has_value(); }));
  EXPECT_EQ(*one.connect_status, RAFT_NOCONNECTION);
  EXPECT_TRUE(foreign.accepted.empty());
}

/// One that would take anybody's word finds out, too: it would connect again and again at once.
TEST_F(Transports, KnowThatTheyAreNotLetIn) {
  const AuthorityFolder other;
  auto files = other.files_of("node-9");
  const auto both = other / "both.pem";
  write_durably(both,
                *read_whole(other.made.certificate) + *read_whole(authority.made.certificate));
  files.ca = both;
  auto& foreign = nodes.emplace_back(loop, 9, files);
  auto& one = add();
  one.listen();
  foreign.connect(one.address);
  ASSERT_TRUE(run_until([&] { return foreign.connect_status.has_value(); }));
  EXPECT_EQ(*foreign.connect_status, RAFT_NOCONNECTION);
  EXPECT_TRUE(one.accepted.empty());
}

TEST_F(Transports, CloseOneThatSpeaksNoTls) {
  auto& one = add();
  one.listen();
  const Caller caller(one.address);
  caller.say(encode_introduction({2, "127.0.0.1:1"}));
  ASSERT_TRUE(run_until([&] { return one.tls.waiting() == 1; }));
  EXPECT_TRUE(run_until([&] { return one.tls.waiting() == 0; }));
  EXPECT_TRUE(one.accepted.empty());
}

TEST_F(Transports, CloseOneThatSaysNothing) {
  auto& one = add(50);
  one.listen();
  const Caller caller(one.address);
  ASSERT_TRUE(run_until([&] { return one.tls.waiting() == 1; }));
  ASSERT_TRUE(run_until([&] { return one.tls.waiting() == 0; }));
  EXPECT_EQ(caller.hear_all(), "");
}

TEST_F(Transports, GiveUpOnOneThatDoesNotAnswer) {
  auto& one = add(50);
  LoopbackSocket mute;
  ::listen(mute.file, 8);
  one.connect(mute.address());
  ASSERT_TRUE(run_until([&] { return one.connect_status.has_value(); }));
  EXPECT_EQ(*one.connect_status, RAFT_NOCONNECTION);
}

TEST_F(Transports, HoldNoMoreStrangersThanAllowedAndLetNodesIn) {
  auto& one = add();
  auto& two = add();
  two.listen();
  std::list<Caller> callers;
  while (callers.size() < kTlsStrangersMax) {
    callers.emplace_back(two.address);
    ASSERT_TRUE(run_until([&] { return two.tls.waiting() == callers.size(); }));
  }
  // For each that is one too many, the oldest has to go.
  const Caller more(two.address);
  ASSERT_TRUE(run_until([&] { return callers.front().is_hung_up_on(); }));
  const Caller yet_more(two.address);
  ASSERT_TRUE(run_until([&] { return std::next(callers.begin())->is_hung_up_on(); }));
  EXPECT_FALSE(callers.back().is_hung_up_on());
  EXPECT_TRUE(run_until([&] { return two.tls.waiting() == kTlsStrangersMax; }));
  one.connect(two.address);
  ASSERT_TRUE(run_until([&] { return one.connect_status.has_value(); }));
  EXPECT_EQ(*one.connect_status, 0);
}

TEST_F(Transports, CancelWhatTheyAskedForWhenTheyAreClosed) {
  auto& one = add();
  LoopbackSocket mute;
  ::listen(mute.file, 8);
  one.connect(mute.address());
  one.close();
  ASSERT_TRUE(run_until([&] { return one.is_closed; }));
  EXPECT_EQ(one.connect_status, RAFT_CANCELED);
}

TEST_F(Transports, SendOutWhatWasWrittenBeforeTheyAreClosed) {
  auto& one = add();
  auto& two = add();
  join(one, two);
  auto& reader = *two.accepted[0].stream;
  reader.read();
  one.connected->write("last words");
  one.close();
  EXPECT_TRUE(run_until([&] { return reader.ended && one.is_closed; }));
  EXPECT_EQ(reader.heard, "last words");
}

TEST_F(Transports, SurviveOneThatVanishes) {
  auto& one = add();
  auto& two = add();
  join(one, two);
  two.close();
  ASSERT_TRUE(run_until([&] { return two.is_closed; }));
  one.connected->write(std::string(1 << 20, 'x'));
  one.connected->read();
  EXPECT_TRUE(run_until([&] { return one.connected->ended; }));
}

}  // namespace
}  // namespace mosaic::replication
