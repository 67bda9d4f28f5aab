// What an import has done so far. The reader, the senders and the progress display share it, so
// every member may be called on any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "cli/import/record.hpp"

namespace mosaic::cli {

constexpr std::size_t kBadLinesShown = 20;

/// Lines that are no documents, or that the server refused. Without `skip` the first one ends the
/// import: add() throws it as a Failure.
class BadLines {
 public:
  explicit BadLines(bool skip) : skip_(skip) {}

  void add(BadLine line);
  bool skip() const { return skip_; }
  std::uint64_t count() const;
  /// The first kBadLinesShown of them as "place: reason".
  std::vector<std::string> first() const;

 private:
  const bool skip_;
  mutable std::mutex mutex_;
  std::uint64_t count_ = 0;
  std::vector<std::string> first_;
};

struct ImportTally {
  explicit ImportTally(bool skip_bad) : bad_lines(skip_bad) {}

  std::atomic<std::uint64_t> documents{0};  ///< stored: the server said so
  std::atomic<std::uint64_t> links{0};      ///< of those documents
  std::atomic<std::uint64_t> bytes_read{0};
  BadLines bad_lines;
};

}  // namespace mosaic::cli
