// A file that goes when SIGINT, SIGTERM or SIGHUP ends the process while this lives; the process
// ends as it would have. A signal that is ignored stays so. One at a time in a process.
#pragma once

#include <array>
#include <csignal>
#include <string>

namespace mosaic::cli {

class RemovedOnSignal {
 public:
  explicit RemovedOnSignal(const std::string& path);
  ~RemovedOnSignal();
  RemovedOnSignal(const RemovedOnSignal&) = delete;
  RemovedOnSignal& operator=(const RemovedOnSignal&) = delete;

 private:
  static constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};

  std::array<struct sigaction, kSignals.size()> before_{};
};

}  // namespace mosaic::cli
