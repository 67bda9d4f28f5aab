#include "replication/raft_log.hpp"

#include <pthread.h>

#include <csignal>

#include <fmt/format.h>

#include "base/failure.hpp"
#include "base/log.hpp"
#include "replication/batches.hpp"

namespace mosaic::replication {
namespace {

namespace fs = std::filesystem;

/// Between tries to open a log whose disk was full.
constexpr std::uint64_t kRetryMs = 1'000;
/// A snapshot is worth its two files when it lets go of this part of what is kept.
constexpr std::uint64_t kWorthwhilePart = 4;

/// A node that hangs up is an error of its connection.
void take_no_signals() {
  sigset_t signals;
  sigfillset(&signals);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Error closing() {
  return {ErrorCode::kUnavailable, "the log is closing"};
}

}  // namespace

RaftLog::RaftLog(RaftLogOptions options) : options_(std::move(options)) {
  const auto identity = identity_for(options_);
  base_ = identity.base;
  options_.id = identity.node;
  options_.joins = identity.joins;
  board_.self(identity.node, base_);
  const auto found = require_fit(options_, base_);
  // A log that was carried over begins behind what the other had forgotten.
  retained_.forget(std::max(found.floor, seq_of(1)));
  remove_unbegun(options_.folder, found);
  std::promise<void> started;
  auto answer = started.get_future();
  thread_ = std::thread([&] { run(started); });
  try {
    answer.get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

RaftLog::~RaftLog() {
  stop();
}

void RaftLog::run(std::promise<void>& started) {
  take_no_signals();
  uv_loop_init(&loop_);
  wake_.data = this;
  retry_.data = this;
  uv_async_init(&loop_, &wake_,
                [](uv_async_t* wake) { static_cast<RaftLog*>(wake->data)->attend(); });
  uv_timer_init(&loop_, &retry_);
  before_.data = this;
  after_.data = this;
  uv_prepare_init(&loop_, &before_);
  uv_check_init(&loop_, &after_);
  // Timers come before the one, messages before the other: nothing is seen only at the next event.
  uv_prepare_start(&before_,
                   [](uv_prepare_t* watch) { static_cast<RaftLog*>(watch->data)->look(); });
  uv_check_start(&after_, [](uv_check_t* watch) { static_cast<RaftLog*>(watch->data)->look(); });
  bool opened = false;
  try {
    open();
    opened = true;
    started.set_value();
  } catch (...) {
    if (!node_) {
      end();
    } else {
      close_node([this] { end(); });
    }
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
    if (!opened) started.set_exception(std::current_exception());
    return;
  }
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_loop_close(&loop_);
  const std::lock_guard lock(mutex_);
  running_ = false;
  idle_.notify_all();
}

void RaftLog::open() {
  opening_ = true;
  auto node = std::make_unique<RaftNode>(
      loop_,
      RaftOptions{options_.folder, options_.id, options_.address, options_.listen,
                  options_.addresses, options_.others, options_.joins, options_.tls},
      static_cast<RaftMachine&>(*this));
  opening_ = false;
  node_ = std::move(node);
  if (restored_) retained_.reached(restored_->seq, restored_->time_ms);
  // Those before the snapshot that a shard may still need are not told by libraft.
  replaying_ = true;
  node_->for_each(last_index_, known_committed(),
                  [this](Index index, std::string_view bytes) { committed(index, bytes, 0); });
  replaying_ = false;
  broken_.reset();
  leads_ = node_->leads();
  if (leads_) inherit();
  look();
}

/// What this node has applied was committed, whether or not anybody leads who says so.
Index RaftLog::known_committed() {
  const auto applied = static_cast<std::int64_t>(options_.applied) - base_;
  const auto known = applied > 0 ? static_cast<Index>(applied) : 0;
  return std::max(node_->last_applied(), std::min(known, node_->last_index()));
}

/// Lets others see what has come of the last events.
void RaftLog::look() {
  const bool usable = node_ && !broken_ && !closing_;
  if (!usable) {
    leads_ = false;
    return board_.closed();
  }
  if (node_->gave_up())
    return broke({ErrorCode::kUnavailable, "the log's engine has given up"}, true);
  const bool leads = node_->leads();
  if (!leads_.exchange(leads) && leads) begin_to_lead();
  if (!overtaken_) board_.reached(seq_of(std::max<Index>(node_->last_applied(), last_index_)));
  node_->show(board_);
}

/// Takes note of what an earlier leader has left.
void RaftLog::inherit() {
  Index last = last_index_;
  node_->for_each(node_->last_applied(), node_->last_index(),
                  [&](Index index, std::string_view bytes) {
                    const auto record = read_record(bytes);
                    if (!record) return;
                    last = std::max(last, index);
                    proposed_time_ms_ = std::max(proposed_time_ms_, record->time_ms);
                  });
  board_.inherited(seq_of(last));
}

/// What is left is committed only together with something of this leader's.
void RaftLog::begin_to_lead() {
  inherit();
  if (node_->last_index() == node_->last_applied()) return;
  node_->barriers().ask([](const Result<Index>&) {});
}

void RaftLog::reopen() {
  const auto opened = to_result([this] {
    remove_unbegun(options_.folder, require_sound(options_));
    open();
  });
  if (opened) {
    log::info("the log can be written again");
    return attend();
  }
  log::warn("the log stays closed: {}", opened.error().detail);
  broken_ = opened.error();
  uv_timer_start(
      &retry_, [](uv_timer_t* timer) { static_cast<RaftLog*>(timer->data)->reopen(); }, kRetryMs,
      0);
}

void RaftLog::close_node(std::function<void()> then) {
  leads_ = false;
  if (std::exchange(closing_, true)) return;
  node_->close([this, then = std::move(then)] {
    closing_ = false;
    node_.reset();
    then();
  });
}

void RaftLog::end() {
  const auto close = [](auto& handle) {
    auto* any = reinterpret_cast<uv_handle_t*>(&handle);
    if (uv_is_closing(any) == 0) uv_close(any, nullptr);
  };
  close(wake_);
  close(retry_);
  close(before_);
  close(after_);
}

void RaftLog::wake() {
  uv_async_send(&wake_);
}

bool RaftLog::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

std::shared_ptr<const LogListener> RaftLog::listener() {
  const std::lock_guard lock(mutex_);
  return listener_;
}

void RaftLog::listen(LogListener listener) {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return under_way_ == 0 || !running_; });
  listener_ = std::make_shared<const LogListener>(std::move(listener));
}

void RaftLog::append(Proposal proposal) {
  const bool own = is_own(proposal.origin);
  std::unique_lock lock(mutex_);
  if (!stopping_ && running_) {
    if (own) ++under_way_;
    queue_.push_back(std::move(proposal));
    return wake();
  }
  lock.unlock();
  if (!own) return;
  if (const auto told = listener()) told->refused(proposal.ticket, closing(), false);
}

/// False: the log is closing, and nobody will do it.
bool RaftLog::ask(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || !running_) return false;
  asked_.push_back(std::move(work));
  wake();
  return true;
}

void RaftLog::change(MemberChange change, LogDone done) {
  const auto work = [this, change = std::move(change), done] {
    if (const auto error = unusable()) return done(*error);
    node_->members().ask(change, done);
  };
  if (!ask(work)) done(closing());
}

void RaftLog::add(const LogMember& member, LogDone done) {
  change({MemberChange::Want::kPresent, member.id, member.address}, std::move(done));
}

void RaftLog::set_vote(NodeId id, bool votes, LogDone done) {
  change({votes ? MemberChange::Want::kVotes : MemberChange::Want::kVotesNot, id}, std::move(done));
}

void RaftLog::remove(NodeId id, LogDone done) {
  change({MemberChange::Want::kGone, id}, std::move(done));
}

void RaftLog::barrier(std::function<void(Result<Seq>)> done) {
  const auto work = [this, done] {
    if (const auto error = unusable()) return done(*error);
    node_->barriers().ask([this, done](const Result<Index>& index) {
      if (!index) return done(index.error());
      done(seq_of(*index));
    });
  };
  if (!ask(work)) done(closing());
}

std::optional<Error> RaftLog::unusable() const {
  if (node_ && !broken_) return std::nullopt;
  return broken_.value_or(Error{ErrorCode::kUnavailable, "the log is not open"});
}

void RaftLog::truncate(Seq floor) {
  const std::lock_guard lock(mutex_);
  if (floor <= floor_ || !running_) return;
  floor_ = floor;
  wake();
}

void RaftLog::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (running_ && thread_.joinable()) wake();
  }
  if (thread_.joinable()) thread_.join();
}

/// Does what others have asked for.
void RaftLog::attend() {
  std::vector<Proposal> proposals;
  std::vector<std::function<void()>> asked;
  Seq floor = 0;
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    proposals.swap(queue_);
    asked.swap(asked_);
    floor = floor_;
    stopping = stopping_;
  }
  mark_batches(proposals);
  for (auto& proposal : proposals) propose(proposal);
  for (const auto& work : asked) work();
  if (node_ && !broken_) {
    node_->attend();
    consider_snapshot(floor);
  }
  if (stopping) attend_to_end();
}

/// Comes back as often as something has ended that is waited for.
void RaftLog::attend_to_end() {
  if (!node_) return end();
  if (node_->proposed() != 0 || broken_) return;
  if (handed_over_) return close_node([this] { end(); });
  if (std::exchange(handing_over_, true)) return;
  node_->members().hand_over([this] {
    handed_over_ = true;
    wake();
  });
}

void RaftLog::propose(Proposal& proposal) {
  const bool own = is_own(proposal.origin);
  const auto refused = [&](const Error& error) {
    if (own) refuse(proposal.ticket, error, false);
  };
  if (const auto error = unusable()) return refused(*error);
  if (proposal.bytes.size() > kRecordBodyBytesMax)
    return refused({ErrorCode::kPayloadTooLarge, "an entry of 4 GiB or more"});
  proposed_time_ms_ = std::max({options_.now_ms(), retained_.last_time_ms(), proposed_time_ms_});
  const Record record{proposal.collection,
                      proposal.kind,
                      proposed_time_ms_,
                      proposal.request,
                      proposal.carried,
                      proposal.bytes,
                      own ? options_.id : proposal.origin,
                      proposal.ticket,
                      proposal.goes_on};
  const auto stored = node_->propose(
      record_bytes(proposal.bytes.size()), [&](char* out) { write_record(record, out); },
      own ? proposal.ticket : 0);
  if (!stored) refused(stored.error());
}

void RaftLog::committed(Index index, std::string_view bytes, std::uint64_t ticket) {
  if (opening_ || index <= last_index_) return;
  const auto entry = take_in(index, bytes);
  if (!entry) return;
  if (!overtaken_) {
    if (const auto told = listener()) told->committed(*entry);
    board_.reached(entry->seq);
  }
  answered(ticket != 0);
}

/// Nothing if it cannot be read: then the log has come to its end.
std::optional<Entry> RaftLog::take_in(Index index, std::string_view bytes) {
  last_index_ = index;
  const auto record = read_record(bytes);
  if (!record) {
    broke({ErrorCode::kCorruptData,
           fmt::format("entry {} of the log: {}", index, record.error().detail)},
          false);
    return std::nullopt;
  }
  // What is read while opening was asked for by an earlier process.
  const bool own = !replaying_ && record->origin == options_.id;
  Entry entry{record->carried != 0 ? record->carried : seq_of(index),
              record->collection,
              record->kind,
              std::make_shared<const std::string>(record->body),
              own ? record->ticket : 0,
              record->time_ms,
              record->request,
              record->goes_on};
  retained_.append(index, entry);
  return entry;
}

/// `own`: listen() waits for it.
void RaftLog::answered(bool own) {
  const std::lock_guard lock(mutex_);
  if (own && --under_way_ == 0) idle_.notify_all();
  // It waits for the last one to be answered.
  if (stopping_) wake();
}

void RaftLog::lost_sight_of(std::uint64_t ticket) {
  if (ticket == 0) return answered(false);
  const auto* why = closing_ ? "the log was closed before it answered"
                             : "this node lost the lead of the log before most had it";
  refuse(ticket,
         {ErrorCode::kUnavailable, fmt::format("{}; whether this write is stored is not known",
                                               broken_ ? broken_->detail : why)},
         true);
}

void RaftLog::refuse(Ticket ticket, const Error& error, bool unknown) {
  if (const auto told = listener()) told->refused(ticket, error, unknown);
  answered(true);
}

void RaftLog::consider_snapshot(Seq floor) {
  floor_now_ = floor;
  if (retained_.bytes() <= options_.retained_bytes) return;
  const auto freed = retained_.bytes_up_to(retained_.index_of(floor));
  if (freed >= retained_.bytes() / kWorthwhilePart) node_->take_snapshot();
}

RaftMachine::Snapshot RaftLog::snapshot(Index applied) {
  const auto forget_to = retained_.index_of(floor_now_);
  retained_.truncate(forget_to);
  retained_.forget(floor_now_);
  return {
      encode_manifest({applied, seq_of(applied), retained_.last_time_ms(), retained_.forgotten()}),
      forget_to};
}

void RaftLog::restored(std::string_view bytes) {
  const auto manifest = decode_manifest(bytes);
  if (opening_) {
    // Looked at before libraft was started: only its being newer than this log could be new.
    if (manifest) restored_ = *manifest;
    return;
  }
  if (manifest && manifest->seq == seq_of(manifest->index)) return overtake(*manifest);
  broke({ErrorCode::kCorruptData,
         manifest ? "the leader's log numbers its entries in another way than this node's"
                  : fmt::format("the snapshot that the leader sent: {}", manifest.error().detail)},
        false);
}

void RaftLog::overtake(const SnapshotManifest& manifest) {
  log::warn("the log's leader has forgotten entries that this node lacks: up to seq {}",
            manifest.seq);
  retained_.truncate(std::max<Index>(last_index_, manifest.index));
  retained_.forget(manifest.seq);
  retained_.reached(manifest.seq, manifest.time_ms);
  last_index_ = manifest.index;
  if (std::exchange(overtaken_, true)) return;
  if (options_.overtaken) options_.overtaken();
}

void RaftLog::broke(const Error& error, bool disk_full) {
  broken_ = error;
  leads_ = false;
  if (!disk_full) {
    log::critical("{}", error.detail);
    if (options_.fail_stop) options_.fail_stop(error);
  }
  log::error("{}: writes are refused until it can be opened again", error.detail);
  // Not from within the engine.
  uv_timer_start(
      &retry_,
      [](uv_timer_t* timer) {
        auto& self = *static_cast<RaftLog*>(timer->data);
        if (self.node_) self.close_node([&self] { self.stopping() ? self.end() : self.reopen(); });
      },
      0, 0);
}

LogSize RaftLog::size() const {
  LogSize size{retained_.entries(), 0};
  std::error_code gone;
  for (const auto& file : fs::directory_iterator(options_.folder, gone)) {
    std::error_code missing;
    const auto bytes = file.file_size(missing);
    if (!missing) size.bytes += bytes;
  }
  return size;
}

}  // namespace mosaic::replication
