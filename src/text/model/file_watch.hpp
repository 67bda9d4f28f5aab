// Tells whether a file was written to where it lies. What is mapped of it changes with that, and
// nothing else would tell. A file that takes its place is another one, and does no harm.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace mosaic::text {

class FileWatch {
 public:
  /// Of the file that lies there now; none at all counts as one that is never written to.
  explicit FileWatch(const std::filesystem::path& path);

  /// Whether its size or the time of its last change are others now.
  bool written_to() const;

 private:
  const std::string path_;
  struct stat before_ {};
};

}  // namespace mosaic::text
