// A file that is there whole or not at all: written as FILE.partial, renamed when complete, removed
// when not. Symbolic links are followed. What is no regular file (a pipe, a device) is written as
// it stands, never replaced. Compressed when its name ends in .gz. Failures name the file. One at a
// time in a process.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/removed_on_signal.hpp"

namespace mosaic::cli {

class OutputFile {
 public:
  /// Throws Failure when it cannot be written. A pipe is waited for until somebody reads it.
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Throws what the constructor would throw, and leaves nothing behind.
  static void check(const std::string& path);

  void write(std::string_view bytes);

  /// Everything is written: on disk and under its own name from now on.
  void complete();

 private:
  class Sink;

  std::string target_;   ///< what the path stands for
  std::string written_;  ///< the partial file, or the target itself
  bool replaces_;        ///< the target, once complete
  std::optional<RemovedOnSignal> partial_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace mosaic::cli
