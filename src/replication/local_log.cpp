#include "replication/local_log.hpp"

#include "base/failure.hpp"
#include "base/log.hpp"

namespace mosaic::replication {
namespace {

std::vector<Entry> to_entries(std::vector<storage::LogRow> rows) {
  std::vector<Entry> entries;
  for (auto& row : rows) {
    entries.push_back({row.seq, row.collection, row.kind,
                       std::make_shared<const std::string>(std::move(row.bytes)), Ticket{0}, 0,
                       RequestId{}});
  }
  return entries;
}

}  // namespace

LocalLog::LocalLog(const std::filesystem::path& path)
    : file_(path), forgotten_(file_.forgotten()), last_seq_(file_.last_seq()) {}

LocalLog::~LocalLog() {
  stop();
}

void LocalLog::listen(LogListener listener) {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return !committing_ && (queue_.empty() || !thread_.joinable()); });
  listener_ = std::move(listener);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

LogListener LocalLog::listener() {
  const std::lock_guard lock(mutex_);
  return listener_;
}

void LocalLog::append(Proposal proposal) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      queue_.push_back(std::move(proposal));
      wake_.notify_one();
      return;
    }
  }
  listener().refused(proposal.ticket, {ErrorCode::kUnavailable, "the log is closing"});
}

void LocalLog::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void LocalLog::truncate(Seq floor) {
  const std::lock_guard lock(mutex_);
  floor_ = std::max(floor_, floor);
  wake_.notify_one();
}

void LocalLog::run() {
  while (true) {
    auto group = take_group();
    if (!group.empty()) commit(std::move(group));
    cut();
    const std::lock_guard lock(mutex_);
    committing_ = false;
    if (queue_.empty()) idle_.notify_all();
    if (stopping_ && queue_.empty()) return;
  }
}

std::vector<Proposal> LocalLog::take_group() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !queue_.empty() || floor_ > cut_floor_; });
  std::size_t taken = 0;
  for (std::size_t bytes = 0; taken < queue_.size() && bytes < kGroupBytesMax; ++taken) {
    bytes += queue_[taken].bytes.size();
  }
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(taken);
  std::vector<Proposal> group(std::make_move_iterator(queue_.begin()),
                              std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  committing_ = true;
  return group;
}

void LocalLog::commit(std::vector<Proposal> group) {
  std::vector<storage::LogRow> rows;
  for (auto& proposal : group) {
    rows.push_back({0, proposal.collection, proposal.kind, std::move(proposal.bytes)});
  }
  const auto stored = to_result([&] { file_.append(rows); });
  const auto told = listener();
  if (!stored) {
    log::error("the log refuses {} writes: {}", group.size(), stored.error().detail);
    for (const auto& proposal : group) told.refused(proposal.ticket, stored.error());
    return;
  }
  last_seq_ = rows.back().seq;
  auto entries = to_entries(std::move(rows));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].ticket = group[i].ticket;
    told.committed(entries[i]);
  }
}

void LocalLog::cut() {
  Seq floor = 0;
  {
    const std::lock_guard lock(mutex_);
    floor = floor_;
  }
  if (floor <= cut_floor_) return;
  // A log that cannot be cut is only longer than it need be; the next try comes with the next
  // floor.
  if (const auto done = to_result([&] { file_.truncate(floor); }); !done) {
    log::warn("the log cannot be cut at {}: {}", floor, done.error().detail);
  }
  forgotten_ = file_.forgotten();
  cut_floor_ = floor;
}

LogSize LocalLog::size() const {
  // In this order: what is forgotten meanwhile must not exceed what there was.
  const Seq forgotten = forgotten_;
  return {last_seq_ - forgotten, file_.bytes()};
}

Result<std::vector<Entry>> LocalLog::read(Seq after, CollectionId collection,
                                          std::size_t bytes_max) {
  return to_result([&] { return to_entries(file_.read(after, collection, bytes_max)); });
}

Result<std::vector<Entry>> LocalLog::read_catalog(Seq after) {
  return to_result([&] { return to_entries(file_.read_catalog(after)); });
}

Seq LocalLog::last_seq_of(CollectionId collection) {
  return file_.last_seq_of(collection);
}

}  // namespace mosaic::replication
