#include "replication/raft_log.hpp"

#include <pthread.h>

#include <csignal>

#include <fmt/format.h>

#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "base/log.hpp"
#include "replication/log_identity.hpp"
#include "replication/raft_files.hpp"

namespace mosaic::replication {
namespace {

namespace fs = std::filesystem;

/// Between tries to open a log whose disk was full.
constexpr std::uint64_t kRetryMs = 1'000;
/// A snapshot is worth its two files when it lets go of this part of what is kept.
constexpr std::uint64_t kWorthwhilePart = 4;

LogIdentity identity_of(const RaftLogOptions& options) {
  const auto& folder = options.folder;
  make_durable_folder(folder);
  if (const auto known = or_throw(read_identity(folder))) {
    if (known->whole || options.carrying) return *known;
    throw Failure(ErrorCode::kCorruptData,
                  "the log was being carried over from log.db, which is gone");
  }
  auto fresh = new_identity();
  if (options.id != 0) fresh.node = options.id;
  write_identity(folder, fresh);
  return fresh;
}

/// What the files hold, once nothing is wrong with any.
LogInspection require_sound(const fs::path& folder) {
  auto found = inspect_log(folder);
  if (found.damage.empty()) return found;
  const auto& first = found.damage.front();
  throw Failure(
      ErrorCode::kCorruptData,
      fmt::format(
          "the log is damaged: {}: {}{}. Nothing has been changed; `mosaic check` tells more",
          first.file, first.detail,
          found.damage.size() > 1 ? fmt::format(" ({} more)", found.damage.size() - 1) : ""));
}

/// Where that fails, libraft says why it does not open the log.
void remove_unbegun(const fs::path& folder, const LogInspection& found) {
  std::error_code failed;
  if (!found.unbegun.empty()) fs::remove(folder / found.unbegun, failed);
}

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
  const auto identity = identity_of(options_);
  base_ = identity.base;
  options_.id = identity.node;
  const auto found = require_sound(options_.folder);
  require_fit(found);
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

/// Before libraft changes anything.
void RaftLog::require_fit(const LogInspection& found) const {
  const auto end = std::max<std::int64_t>(static_cast<std::int64_t>(found.last) + base_, 0);
  if (static_cast<Seq>(end) < options_.applied) {
    throw Failure(ErrorCode::kCorruptData,
                  fmt::format("the log ends at seq {} but this node has applied {}: the log has "
                              "lost entries. Nothing has been changed",
                              end, options_.applied));
  }
  if (found.floor <= options_.floor.value_or(found.floor)) return;
  throw Failure(ErrorCode::kCorruptData,
                fmt::format("catalog.db is not there or an older copy: the log holds nothing up to "
                            "seq {}, and the catalog knows of that only up to {}. The shards are "
                            "as they were; put the right catalog.db back, or restore the folder",
                            found.floor, *options_.floor));
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
  watch_.data = this;
  uv_prepare_init(&loop_, &watch_);
  uv_prepare_start(&watch_, [](uv_prepare_t* watch) {
    auto& self = *static_cast<RaftLog*>(watch->data);
    self.leads_ = self.node_ && !self.broken_ && self.node_->leads();
  });
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
      loop_, RaftOptions{options_.folder, options_.id, options_.address, options_.others},
      static_cast<RaftMachine&>(*this));
  opening_ = false;
  node_ = std::move(node);
  if (restored_) retained_.forgotten(restored_->seq, restored_->time_ms);
  // Those before the snapshot that a shard may still need are not told by libraft.
  node_->for_each_applied([this](Index index, std::string_view bytes) {
    if (index > last_index_) committed(index, bytes, 0);
  });
  broken_.reset();
  leads_ = node_->leads();
}

void RaftLog::reopen() {
  const auto opened = to_result([this] {
    remove_unbegun(options_.folder, require_sound(options_.folder));
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
  close(watch_);
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
  std::unique_lock lock(mutex_);
  if (!stopping_ && running_) {
    ++under_way_;
    queue_.push_back(std::move(proposal));
    return wake();
  }
  lock.unlock();
  if (const auto told = listener()) told->refused(proposal.ticket, closing());
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
  Seq floor = 0;
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    proposals.swap(queue_);
    floor = floor_;
    stopping = stopping_;
  }
  for (auto& proposal : proposals) propose(proposal);
  if (node_ && !broken_) consider_snapshot(floor);
  if (!stopping) return;
  if (!node_) return end();
  if (node_->proposed() == 0 && !broken_) close_node([this] { end(); });
}

void RaftLog::propose(Proposal& proposal) {
  if (!node_ || broken_)
    return refuse(proposal.ticket,
                  broken_.value_or(Error{ErrorCode::kUnavailable, "the log is not open"}));
  if (proposal.bytes.size() > kRecordBodyBytesMax)
    return refuse(proposal.ticket, {ErrorCode::kPayloadTooLarge, "an entry of 4 GiB or more"});
  const auto time_ms = std::max(options_.now_ms(), retained_.last_time_ms());
  const Record record{proposal.collection, proposal.kind,    time_ms,
                      proposal.request,    proposal.carried, proposal.bytes};
  const auto stored = node_->propose(
      record_bytes(proposal.bytes.size()), [&](char* out) { write_record(record, out); },
      proposal.ticket);
  if (!stored) refuse(proposal.ticket, stored.error());
}

void RaftLog::committed(Index index, std::string_view bytes, std::uint64_t ticket) {
  if (opening_ || index <= last_index_) return;
  last_index_ = index;
  const auto record = read_record(bytes);
  if (!record) {
    broke({ErrorCode::kCorruptData,
           fmt::format("entry {} of the log: {}", index, record.error().detail)},
          false);
    return;
  }
  const Entry entry{record->carried != 0 ? record->carried : seq_of(index),
                    record->collection,
                    record->kind,
                    std::make_shared<const std::string>(record->body),
                    ticket,
                    record->time_ms,
                    record->request};
  retained_.append(index, entry);
  tell_committed(entry);
}

void RaftLog::tell_committed(const Entry& entry) {
  if (const auto told = listener()) told->committed(entry);
  if (entry.ticket == 0) return;
  const std::lock_guard lock(mutex_);
  if (--under_way_ == 0) idle_.notify_all();
  // It waits for the last one to be answered.
  if (stopping_) wake();
}

void RaftLog::lost_sight_of(std::uint64_t ticket) {
  refuse(ticket,
         {ErrorCode::kUnavailable,
          fmt::format("{}; whether this write is stored is not known",
                      broken_ ? broken_->detail : "the log was closed before it answered")});
}

void RaftLog::refuse(Ticket ticket, const Error& error) {
  if (const auto told = listener()) told->refused(ticket, error);
  const std::lock_guard lock(mutex_);
  if (--under_way_ == 0) idle_.notify_all();
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
  return {encode_manifest({applied, seq_of(applied), retained_.last_time_ms(), floor_now_}),
          forget_to};
}

void RaftLog::restored(std::string_view bytes) {
  const auto manifest = decode_manifest(bytes);
  // Looked at before libraft was started: only its being newer than this log could be new.
  if (manifest) restored_ = *manifest;
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
