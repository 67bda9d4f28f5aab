// The log of a node on its own: a thread that commits everything queued as one synced transaction
// (group commit), so that many writers share the cost of one sync.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "replication/log.hpp"
#include "storage/log_file.hpp"

namespace mosaic::replication {

/// A group holds at most so many bytes, so that the first writer of it does not wait for ever.
constexpr std::size_t kGroupBytesMax = 64 << 20;

class LocalLog final : public Log {
 public:
  /// Throws Failure corrupt_data when the file is damaged.
  explicit LocalLog(const std::filesystem::path& path);
  ~LocalLog() override;

  void listen(LogListener listener) override;
  void append(Proposal proposal) override;
  void stop() override;
  Seq last_seq() const override { return last_seq_; }
  LogSize size() const override;
  Result<std::vector<Entry>> read(Seq after, CollectionId collection,
                                  std::size_t bytes_max) override;
  Result<std::vector<Entry>> read_catalog(Seq after) override;
  Seq last_seq_of(CollectionId collection) override;
  void truncate(Seq floor) override;

 private:
  void run();
  std::vector<Proposal> take_group();
  void commit(std::vector<Proposal> group);
  void cut();
  LogListener listener();

  storage::LogFile file_;
  std::mutex mutex_;  ///< guards what follows, but for what says otherwise
  LogListener listener_;
  std::condition_variable wake_;
  std::condition_variable idle_;  ///< nothing is queued, nothing being committed
  std::vector<Proposal> queue_;
  Seq floor_ = 0;      ///< wanted
  Seq cut_floor_ = 0;  ///< done; of the log's thread alone
  bool committing_ = false;
  bool stopping_ = false;
  std::atomic<Seq> forgotten_;  ///< entries up to it are gone from the file
  std::atomic<Seq> last_seq_;
  std::thread thread_;
};

}  // namespace mosaic::replication
