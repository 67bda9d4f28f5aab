#include "text/model/file_watch.hpp"

namespace mosaic::text {
namespace {

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool same_content(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

FileWatch::FileWatch(const std::filesystem::path& path) : path_(path) {
  ::stat(path_.c_str(), &before_);
}

bool FileWatch::written_to() const {
  struct stat now {};
  if (::stat(path_.c_str(), &now) != 0) return false;  // it was taken away, and is still mapped
  return same_file(before_, now) && !same_content(before_, now);
}

}  // namespace mosaic::text
