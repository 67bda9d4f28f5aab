#include "cli/import/input_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/failure.hpp"

namespace mosaic::cli {
namespace {

constexpr unsigned kBufferBytes = 256 << 10;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

[[noreturn]] void fail(const std::string& name, const std::string& why) {
  throw Failure(ErrorCode::kInternal, fmt::format("cannot read '{}': {}", name, why));
}

std::string system_message() {
  return std::system_category().message(errno);
}

int open_descriptor(const std::string& path) {
  // A copy, because closing the stream closes its descriptor.
  return path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
}

}  // namespace

struct InputFile::Stream {
  explicit Stream(gzFile opened) : file(opened) { gzbuffer(file, kBufferBytes); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { gzclose(file); }

  gzFile file;
};

InputFile::InputFile(const std::string& path) : name_(path == "-" ? "stdin" : path) {
  const int descriptor = open_descriptor(path);
  if (descriptor < 0) fail(name_, system_message());
  struct stat facts {};
  if (::fstat(descriptor, &facts) == 0) {
    if (S_ISDIR(facts.st_mode)) {
      ::close(descriptor);
      fail(name_, "it is a folder");
    }
    if (S_ISREG(facts.st_mode)) size_ = static_cast<std::uint64_t>(facts.st_size);
  }
  gzFile file = gzdopen(descriptor, "rb");
  if (file == nullptr) {
    ::close(descriptor);
    fail(name_, "out of memory");
  }
  stream_ = std::make_unique<Stream>(file);
}

InputFile::~InputFile() = default;

bool InputFile::fill() {
  buffer_.resize(kBufferBytes);
  position_ = 0;
  const int got = gzread(stream_->file, buffer_.data(), kBufferBytes);
  int error = Z_OK;
  const char* message = gzerror(stream_->file, &error);
  if (got < 0 && error == Z_ERRNO) fail(name_, system_message());
  if (got < 0) fail(name_, fmt::format("its compressed data is damaged: {}", message));
  // zlib reports a file that ends too early only in this way.
  if (got == 0 && error == Z_BUF_ERROR) fail(name_, "its compressed data ends too early");
  buffer_.resize(static_cast<std::size_t>(got));
  if (const auto offset = gzoffset(stream_->file); offset > 0) {
    offset_ = static_cast<std::uint64_t>(offset);
  }
  return got > 0;
}

bool InputFile::next_line(std::string& line) {
  line.clear();
  if (peek() < 0) return false;
  bool ended = false;
  while (!ended && peek() >= 0) {
    const auto* begin = buffer_.data() + position_;
    const auto rest = buffer_.size() - position_;
    const auto* end = static_cast<const char*>(std::memchr(begin, '\n', rest));
    const auto length = end == nullptr ? rest : static_cast<std::size_t>(end - begin);
    line.append(begin, std::min(length, kLineBytesMax + 1 - line.size()));
    ended = end != nullptr;
    position_ += length + (ended ? 1 : 0);
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return true;
}

std::size_t InputFile::read(char* out, std::size_t size) {
  std::size_t done = 0;
  while (done < size && peek() >= 0) {
    const auto part = std::min(size - done, buffer_.size() - position_);
    std::memcpy(out + done, buffer_.data() + position_, part);
    position_ += part;
    done += part;
  }
  return done;
}

void InputFile::skip_byte_order_mark() {
  if (peek() < 0) return;
  // gzread fills its buffer as far as the file goes, so the mark is not torn.
  if (buffer_.compare(0, kByteOrderMark.size(), kByteOrderMark) == 0) {
    position_ = kByteOrderMark.size();
  }
}

}  // namespace mosaic::cli
