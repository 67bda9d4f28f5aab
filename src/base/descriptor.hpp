// A file descriptor that is closed when it goes.
#pragma once

#include <unistd.h>

#include <utility>

namespace mosaic {

class Descriptor {
 public:
  /// Negative: there is none, as system calls say.
  explicit Descriptor(int file) : file_(file) {}
  Descriptor(Descriptor&& other) noexcept : file_(other.release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }

  int file() const { return file_; }
  /// It is the caller's to close from now on.
  int release() { return std::exchange(file_, -1); }

 private:
  int file_;
};

}  // namespace mosaic
