#include "cli/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/failure.hpp"

namespace mosaic::cli {
namespace {

constexpr mode_t kMode = 0644;
constexpr std::size_t kPieceBytes = 1 << 20;

[[noreturn]] void fail(const std::string& path, int error) {
  throw Failure(ErrorCode::kInternal,
                fmt::format("cannot write '{}': {}", path, std::system_category().message(error)));
}

bool ends_in_gz(std::string_view path) {
  return path.size() > 3 && path.substr(path.size() - 3) == ".gz";
}

}  // namespace

/// zlib writes plain files, too: mode "T" leaves the bytes as they are.
class OutputFile::Sink {
 public:
  Sink(const std::string& path, bool compress)
      : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode)) {
    if (descriptor_ < 0) fail(path, errno);
    // A second descriptor stays open for fsync after zlib has closed its own.
    file_ = gzdopen(::dup(descriptor_), compress ? "wb6" : "wbT");
    if (file_ == nullptr) {
      ::close(descriptor_);
      fail(path, ENOMEM);
    }
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  ~Sink() {
    if (file_ != nullptr) gzclose(file_);
    ::close(descriptor_);
  }

  bool write(std::string_view bytes) {
    return gzwrite(file_, bytes.data(), static_cast<unsigned>(bytes.size())) ==
           static_cast<int>(bytes.size());
  }
  bool finish() {
    const bool closed = gzclose(file_) == Z_OK;
    file_ = nullptr;
    // A pipe or a device cannot be synced, and need not be.
    return closed && (::fsync(descriptor_) == 0 || errno == EINVAL || errno == EROFS);
  }

 private:
  int descriptor_;
  gzFile file_ = nullptr;
};

OutputFile::OutputFile(std::string path)
    : path_(std::move(path)),
      partial_(path_ + ".partial"),
      sink_(std::make_unique<Sink>(partial_, ends_in_gz(path_))) {}

OutputFile::~OutputFile() {
  if (!sink_) return;
  sink_.reset();
  ::unlink(partial_.c_str());
}

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, std::min(bytes.size(), kPieceBytes));
    errno = 0;
    if (!sink_->write(piece)) fail(partial_, errno != 0 ? errno : EIO);
    bytes.remove_prefix(piece.size());
  }
}

void OutputFile::complete() {
  errno = 0;
  if (!sink_->finish()) fail(partial_, errno != 0 ? errno : EIO);
  if (std::rename(partial_.c_str(), path_.c_str()) != 0) fail(path_, errno);
  sink_.reset();
}

}  // namespace mosaic::cli
