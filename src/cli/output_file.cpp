#include "cli/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/failure.hpp"

namespace mosaic::cli {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0644;
constexpr int kLinksFollowed = 40;  // As the kernel does.
constexpr std::size_t kPieceBytes = 1 << 20;

[[noreturn]] void fail(const std::string& path, int error) {
  throw Failure(ErrorCode::kInternal,
                fmt::format("cannot write '{}': {}", path, std::system_category().message(error)));
}

bool ends_in_gz(std::string_view path) {
  return path.size() > 3 && path.substr(path.size() - 3) == ".gz";
}

/// A link may lead to where no file is yet.
fs::path behind_links(fs::path path) {
  std::error_code none;
  for (int i = 0; fs::is_symlink(path, none) && i < kLinksFollowed; ++i)
    path = path.parent_path() / fs::read_symlink(path, none);
  return path;
}

/// Whether there is nothing, or what another file may take the place of.
bool replaceable(const std::string& path) {
  std::error_code unknown;
  const auto type = fs::status(path, unknown).type();
  return type == fs::file_type::regular || type == fs::file_type::not_found;
}

}  // namespace

/// zlib writes plain files, too: mode "T" leaves the bytes as they are.
class OutputFile::Sink {
 public:
  Sink(const std::string& path, int flags, bool compress)
      : descriptor_(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, kMode)) {
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

OutputFile::OutputFile(const std::string& path)
    : target_(path), written_(path), replaces_(replaceable(path)) {
  if (replaces_) {
    target_ = behind_links(path).string();
    written_ = target_ + ".partial";
    partial_.emplace(written_);
  }
  sink_ = std::make_unique<Sink>(written_, replaces_ ? O_CREAT | O_TRUNC : 0, ends_in_gz(path));
}

OutputFile::~OutputFile() {
  if (!sink_) return;
  sink_.reset();
  if (replaces_) ::unlink(written_.c_str());
}

void OutputFile::check(const std::string& path) {
  // Who reads a pipe would take a visit for the end.
  if (replaceable(path)) {
    const OutputFile file(path);
  } else if (::access(path.c_str(), W_OK) != 0) {
    fail(path, errno);
  }
}

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, std::min(bytes.size(), kPieceBytes));
    errno = 0;
    if (!sink_->write(piece)) fail(written_, errno != 0 ? errno : EIO);
    bytes.remove_prefix(piece.size());
  }
}

void OutputFile::complete() {
  errno = 0;
  if (!sink_->finish()) fail(written_, errno != 0 ? errno : EIO);
  if (replaces_ && std::rename(written_.c_str(), target_.c_str()) != 0) fail(target_, errno);
  sink_.reset();
}

}  // namespace mosaic::cli
