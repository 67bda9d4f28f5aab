#include "replication/raft_node.hpp"

#include <algorithm>
#include <climits>
#include <cstring>

#include <fmt/format.h>

#include "base/failure.hpp"

namespace mosaic::replication {
namespace {

constexpr unsigned kElectionTimeoutMs = 400;
constexpr unsigned kHeartbeatMs = 50;
constexpr unsigned kConnectRetryMs = 100;
/// A snapshot is a few bytes; one that was sent to a node which ended is sent anew after this.
constexpr unsigned kInstallTimeoutMs = 1'000;
/// Snapshots are taken when the machine wants one, not by the number of entries.
constexpr unsigned kNever = UINT_MAX;
/// Whatever is sent to a node goes to the same connection: libraft would make a new one whenever
/// it learns of another address, which for a node that was begun alone is at every election.
constexpr const char* kById = "by id";

const std::string& listen_at(const RaftOptions& options) {
  return options.listen.empty() ? options.address : options.listen;
}

std::string address_of(const RaftOptions& options) {
  return options.address.empty() ? kAlone : options.address;
}

/// libraft begins a file only once all its space has been set aside, so what fails for want of room
/// is the making of the next file, which leaves every entry as it was.
bool is_for_want_of_room(int status, std::string_view message) {
  return status == RAFT_NOSPACE || message.starts_with("create segment");
}

Error failed(std::string_view doing, int status, std::string_view more) {
  return {ErrorCode::kUnavailable, fmt::format("the log cannot be {}: {}", doing,
                                               more.empty() ? raft_strerror(status) : more)};
}

}  // namespace

/// libraft knows it by its address until it has been answered.
struct RaftNode::Request {
  struct raft_apply raft {};
  RaftNode* node = nullptr;
  std::uint64_t ticket = 0;
};

struct RaftNode::Append {
  raft_io_append raft{};
  RaftNode* node = nullptr;
  raft_io_append* wanted = nullptr;
  raft_io_append_cb then = nullptr;
  std::uint64_t term = 0;       ///< in which it began
  std::optional<Index> upto{};  ///< as answered_ was
};

RaftNode& RaftNode::of(raft_io* io) {
  return *static_cast<RaftNode*>(static_cast<struct raft*>(io->data)->data);
}

RaftNode::RaftNode(uv_loop_t& loop, RaftOptions options, RaftMachine& machine)
    : options_(std::move(options)),
      machine_(machine),
      transport_(loop, listen_at(options_), options_.addresses, options_.tls),
      members_(raft_, [this] { machine_.has_more_to_do(); }),
      barriers_(raft_, [this] { machine_.has_more_to_do(); }),
      news_(raft_, [this](const raft_message& news) { send_own(news); }),
      ends_(raft_, [this](const raft_message& question) { send_own(question); }),
      term_(stored_term(options_.folder)) {
  init(loop);
  try {
    bootstrap();
    start();
  } catch (...) {
    bool done = false;
    close([&] { done = true; });
    while (!done) uv_run(&loop, UV_RUN_ONCE);
    throw;
  }
}

RaftNode::~RaftNode() = default;

void RaftNode::init(uv_loop_t& loop) {
  fsm_.version = 2;
  fsm_.data = this;
  fsm_.apply = [](raft_fsm* fsm, const raft_buffer* entry, void** result) {
    auto& node = of(fsm);
    *result = nullptr;
    // libraft does not say which entry it is: the one after the last that was applied.
    const Index index = raft_last_applied(&node.raft_) + 1;
    const auto request = node.requests_.find(index);
    const auto ticket = request == node.requests_.end() ? 0 : request->second->ticket;
    node.machine_.committed(index, {static_cast<const char*>(entry->base), entry->len}, ticket);
    return 0;
  };
  fsm_.snapshot = [](raft_fsm* fsm, raft_buffer* buffers[], unsigned* count) {
    return of(fsm).take(buffers, count);
  };
  fsm_.snapshot_finalize = [](raft_fsm*, raft_buffer* buffers[], unsigned* count) {
    for (unsigned i = 0; i < *count; ++i) raft_free((*buffers)[i].base);
    raft_free(*buffers);
    *buffers = nullptr;
    *count = 0;
    return 0;
  };
  fsm_.restore = [](raft_fsm* fsm, raft_buffer* manifest) {
    of(fsm).machine_.restored({static_cast<const char*>(manifest->base), manifest->len});
    raft_free(manifest->base);  // ours, once we answer that all is well
    return 0;
  };
  int status = raft_uv_init(&io_, &loop, options_.folder.c_str(), transport_.get());
  if (status != 0) throw Failure(failed("opened", status, io_.errmsg));
  raft_.data = this;
  status = raft_init(&raft_, &io_, &fsm_, options_.id, address_of(options_).c_str());
  if (status != 0) {
    const auto error = failed("opened", status, io_.errmsg);
    raft_uv_close(&io_);
    throw Failure(error);
  }
  raft_.data = this;
  // The default drops entries in silence after one flipped bit.
  raft_uv_set_auto_recovery(&io_, false);
  raft_uv_set_snapshot_compression(&io_, false);
  raft_uv_set_connect_retry_delay(&io_, kConnectRetryMs);
  raft_set_election_timeout(&raft_, kElectionTimeoutMs);
  raft_set_heartbeat_timeout(&raft_, kHeartbeatMs);
  raft_set_install_snapshot_timeout(&raft_, kInstallTimeoutMs);
  raft_set_pre_vote(&raft_, true);
  raft_set_snapshot_threshold(&raft_, kNever);
  wrap_disk();
  wrap_network();
}

/// The first node of a log votes for itself. Of no effect where there is a log already.
void RaftNode::bootstrap() {
  if (options_.joins || has_metadata(options_.folder)) return;
  raft_configuration members;
  raft_configuration_init(&members);
  raft_configuration_add(&members, options_.id, address_of(options_).c_str(), RAFT_VOTER);
  for (const auto& member : options_.others)
    raft_configuration_add(&members, member.id, member.address.c_str(), RAFT_VOTER);
  note_term_change(options_.folder, {}, {1, 0}, false);
  const int status = raft_bootstrap(&raft_, &members);
  raft_configuration_close(&members);
  if (status != 0) throw Failure(failed("begun", status, raft_errmsg(&raft_)));
  note_term_change(options_.folder, {}, {1, 0}, true);
  term_ = {1, 0};
}

void RaftNode::start() {
  const int status = raft_start(&raft_);
  if (status == 0) return;
  if (transport_.cannot_listen())
    throw Failure(ErrorCode::kUnavailable,
                  fmt::format("the log cannot listen at '{}'", listen_at(options_)));
  throw Failure(failed("started", status, raft_errmsg(&raft_)));
}

void RaftNode::wrap_disk() {
  disk_ = io_;
  io_.append = [](raft_io* io, raft_io_append* request, const raft_entry entries[], unsigned count,
                  raft_io_append_cb then) { return of(io).append(request, entries, count, then); };
  io_.set_term = [](raft_io* io, raft_term term) {
    auto& node = of(io);
    return node.change_term({term, 0}, [&] { return node.disk_.set_term(io, term); });
  };
  io_.set_vote = [](raft_io* io, raft_id vote) {
    auto& node = of(io);
    return node.change_term({node.term_.term, vote}, [&] { return node.disk_.set_vote(io, vote); });
  };
}

/// libraft frees what it sends messages with when it is told so, and so does this.
void RaftNode::send_own(const raft_message& message) {
  const auto* servers = raft_.configuration.servers;
  const auto* end = servers + raft_.configuration.n;
  const auto* to =
      std::find_if(servers, end, [&](const auto& s) { return s.id == message.server_id; });
  if (to == end || closed_) return;
  auto addressed = message;
  addressed.server_address = to->address;
  auto request = std::make_unique<raft_io_send>();
  const int status =
      io_.send(&io_, request.get(), &addressed, [](raft_io_send* sent, int) { delete sent; });
  if (status == 0) static_cast<void>(request.release());
}

void RaftNode::wrap_network() {
  io_.start = [](raft_io* io, unsigned msecs, raft_io_tick_cb tick, raft_io_recv_cb received) {
    auto& node = of(io);
    node.received_ = received;
    return node.disk_.start(io, msecs, tick, [](raft_io* from, raft_message* message) {
      auto& self = of(from);
      self.news_.heard(*message);
      self.ends_.heard(*message);
      self.answered_ = self.upto(*message);
      self.received_(from, message);
      self.answered_.reset();
      self.news_.tell();
    });
  };
  io_.send = [](raft_io* io, raft_io_send* request, const raft_message* message,
                raft_io_send_cb sent) {
    auto& node = of(io);
    // What was written while the leader was lost, libraft 0.15 tells nobody.
    if (message->server_address == nullptr) return RAFT_NOCONNECTION;
    if (message->type == RAFT_IO_INSTALL_SNAPSHOT && node.ends_.ask(message->server_id))
      return RAFT_NOCONNECTION;
    node.transport_.heard_of(message->server_id, plain_address(message->server_address));
    auto by_id = *message;
    by_id.server_address = kById;
    if (by_id.type == RAFT_IO_APPEND_ENTRIES_RESULT && by_id.append_entries_result.rejected == 0)
      node.say_only_what_is_agreed(by_id.append_entries_result);
    return node.disk_.send(io, request, &by_id, sent);
  };
}

/// Up to where a message of entries makes the log that of its leader, once it is taken; of one that
/// no longer leads, nothing.
std::optional<Index> RaftNode::upto(const raft_message& message) const {
  if (message.type != RAFT_IO_APPEND_ENTRIES) return std::nullopt;
  const auto& sent = message.append_entries;
  return sent.term < term_.term ? 0 : sent.prev_log_index + sent.n_entries;
}

/// libraft 0.15 says how far this node has stored, whosever entries those are; the leader would
/// count it for its own of the same index. What answers no entries is about a snapshot, which every
/// leader has.
void RaftNode::say_only_what_is_agreed(raft_append_entries_result& result) {
  agreed_ = std::max<Index>(agreed_, answered_.value_or(result.last_log_index));
  result.last_log_index = std::min<raft_index>(result.last_log_index, agreed_);
}

int RaftNode::change_term(Term now, const std::function<int()>& change) {
  int status = 0;
  const auto noted = to_result([&] {
    note_term_change(options_.folder, term_, now, false);
    status = change();
    if (status != 0) return;
    if (now.term != term_.term) agreed_ = 0;
    note_term_change(options_.folder, std::exchange(term_, now), now, true);
  });
  return noted ? status : RAFT_IOERR;
}

int RaftNode::append(raft_io_append* wanted, const raft_entry* entries, unsigned count,
                     raft_io_append_cb then) {
  auto* append = new Append{{}, this, wanted, then, term_.term, answered_};
  append->raft.data = append;
  const int status = disk_.append(&io_, &append->raft, entries, count, [](auto* done, int result) {
    auto* finished = static_cast<Append*>(done->data);
    finished->node->appended(finished, result);
  });
  if (status == 0) return 0;
  delete append;
  break_down(failed("written", status, io_.errmsg), is_for_want_of_room(status, io_.errmsg));
  return status;
}

/// What could not be written is not told to libraft before it is closed: it would go on with a log
/// that has a hole.
void RaftNode::appended(Append* append, int status) {
  if (status != 0 && status != RAFT_CANCELED) {
    failed_.push_back(append);
    return break_down(failed("written", status, io_.errmsg),
                      is_for_want_of_room(status, io_.errmsg));
  }
  const auto wanted = append->wanted;
  const auto then = append->then;
  answered_ = append->term == term_.term ? append->upto : 0;
  delete append;
  then(wanted, status);
  answered_.reset();
  news_.tell();
}

void RaftNode::break_down(const Error& error, bool disk_full) {
  if (std::exchange(broken_, true)) return;
  machine_.broke(error, disk_full);
}

void RaftNode::close(std::function<void()> closed) {
  closed_ = std::move(closed);
  raft_close(&raft_, [](struct raft* raft) {
    auto& node = *static_cast<RaftNode*>(raft->data);
    raft_uv_close(&node.io_);
    node.members_.end();
    node.barriers_.end();
    // May destroy the node.
    auto done = std::move(node.closed_);
    done();
  });
  finish_failed_appends();
}

void RaftNode::finish_failed_appends() {
  for (auto* append : std::exchange(failed_, {})) {
    append->then(append->wanted, RAFT_CANCELED);
    delete append;
  }
}

Status RaftNode::propose(std::size_t bytes, const std::function<void(char*)>& fill,
                         std::uint64_t ticket) {
  if (broken_) return Error{ErrorCode::kUnavailable, "the log cannot be written"};
  raft_buffer buffer{raft_malloc(bytes), bytes};
  if (buffer.base == nullptr) return Error{ErrorCode::kOverloaded, "no memory for the log"};
  fill(static_cast<char*>(buffer.base));
  auto request = std::make_unique<Request>();
  request->node = this;
  request->ticket = ticket;
  request->raft.data = request.get();
  const int status = ::raft_apply(&raft_, &request->raft, &buffer, 1,
                                  [](struct raft_apply* done, int result, void*) {
                                    auto* answered = static_cast<Request*>(done->data);
                                    auto& node = *answered->node;
                                    const auto proposed = answered->ticket;
                                    node.requests_.erase(done->index);
                                    if (result != 0) node.machine_.lost_sight_of(proposed);
                                  });
  if (status != 0) {
    raft_free(buffer.base);
    return failed("written", status, raft_errmsg(&raft_));
  }
  requests_.emplace(request->raft.index, std::move(request));
  return {};
}

void RaftNode::attend() {
  if (broken_) return;
  members_.attend();
  barriers_.attend();
}

void RaftNode::for_each(Index after, Index to,
                        const std::function<void(Index, std::string_view)>& visit) const {
  const auto& log = raft_.log;
  Index index = log.offset + 1;
  for (auto at = log.front; at != log.back && index <= to; at = (at + 1) % log.size) {
    const auto& entry = log.entries[at];
    if (entry.type == RAFT_COMMAND && index > after)
      visit(index, {static_cast<const char*>(entry.buf.base), entry.buf.len});
    ++index;
  }
}

void RaftNode::take_snapshot() {
  raft_set_snapshot_threshold(&raft_, 1);
  if (broken_ || !requests_.empty()) return;
  // Nothing is on its way: an entry of the engine's own will do. Where another leads, one comes
  // sooner or later.
  barriers_.ask([](const Result<Index>&) {});
}

int RaftNode::take(raft_buffer* buffers[], unsigned* count) {
  // A change of the members that is not committed yet would stand in it for good.
  if (raft_.configuration_uncommitted_index != 0) return RAFT_BUSY;
  const Index applied = last_applied();
  const auto snapshot = machine_.snapshot(applied);
  raft_set_snapshot_threshold(&raft_, kNever);
  // A node that has all up to `forget_to` is asked whether its log ends there in the same way: that
  // entry stays, too. Never 0: libraft takes that for the snapshot of another node.
  raft_set_snapshot_trailing(&raft_, static_cast<unsigned>(applied - snapshot.forget_to + 1));
  auto* buffer = static_cast<raft_buffer*>(raft_malloc(sizeof(raft_buffer)));
  auto* bytes = raft_malloc(snapshot.manifest.size());
  if (buffer == nullptr || bytes == nullptr) {
    raft_free(buffer);
    raft_free(bytes);
    return RAFT_BUSY;
  }
  std::memcpy(bytes, snapshot.manifest.data(), snapshot.manifest.size());
  *buffer = {bytes, snapshot.manifest.size()};
  *buffers = buffer;
  *count = 1;
  return 0;
}

}  // namespace mosaic::replication
