// Takes batches from the reader and sends them by a few threads. Batches that may hold the same id
// are never under way together, so that the last document of an id wins as in the file.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "cli/import/batch.hpp"
#include "cli/import/batch_sender.hpp"

namespace mosaic::cli {

class ImportPipeline {
 public:
  using Send = std::function<void(Batch, const Pause&)>;

  /// One thread for each of `sends`, which may throw Failure: the first one ends the import.
  explicit ImportPipeline(std::vector<Send> sends);
  /// Drops what waits.
  ~ImportPipeline();
  ImportPipeline(const ImportPipeline&) = delete;
  ImportPipeline& operator=(const ImportPipeline&) = delete;

  /// Waits for a free place. False when the import has failed: there is no use in reading on.
  bool push(Batch batch);

  /// Waits until everything is sent; throws what the first failing sender threw.
  void finish();

 private:
  void run(const Send& send);
  bool pause(std::chrono::milliseconds duration);
  std::list<Batch>::iterator next_ready();
  void send_one(const Send& send, std::list<Batch>::iterator batch,
                std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Batch> waiting_;
  std::list<Batch> under_way_;
  bool closed_ = false;     // No more batches come.
  bool abandoned_ = false;  // Nobody waits for the rest.
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

}  // namespace mosaic::cli
