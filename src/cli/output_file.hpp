// A file that is there whole or not at all: written as FILE.partial, renamed when complete, removed
// when not. Compressed when its name ends in .gz. Failures name the file.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace mosaic::cli {

class OutputFile {
 public:
  /// Throws Failure when FILE.partial cannot be made.
  explicit OutputFile(std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);

  /// Everything is written: on disk and under its own name from now on.
  void complete();

 private:
  class Sink;

  std::string path_;
  std::string partial_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace mosaic::cli
