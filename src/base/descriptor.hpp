// A file descriptor that is closed when it goes.
#pragma once

#include <unistd.h>

namespace mosaic {

class Descriptor {
 public:
  /// Negative: there is none, as system calls say.
  explicit Descriptor(int file) : file_(file) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }

  int file() const { return file_; }

 private:
  int file_;
};

}  // namespace mosaic
