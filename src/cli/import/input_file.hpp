// A file to import, read once from front to back: plain or gzip (seen by its first bytes), or "-"
// for standard input. One thread. Failures name the file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace mosaic::cli {

/// The longest line or row that is read; the server takes no larger body either.
constexpr std::size_t kLineBytesMax = 16 << 20;

class InputFile {
 public:
  /// Throws Failure when it cannot be opened or is a folder.
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// The next byte, or -1 at the end.
  int get() { return position_ < buffer_.size() || fill() ? byte_at(position_++) : -1; }
  int peek() { return position_ < buffer_.size() || fill() ? byte_at(position_) : -1; }

  /// The next line without its LF or CRLF; false at the end. Of a line longer than kLineBytesMax
  /// only the first kLineBytesMax + 1 bytes come, the rest is skipped.
  bool next_line(std::string& line);

  /// Up to `size` bytes; fewer only at the end.
  std::size_t read(char* out, std::size_t size);

  /// Leaves out the mark that some editors put in front of UTF-8. Only before anything is read.
  void skip_byte_order_mark();

  /// As errors call it.
  const std::string& name() const { return name_; }
  /// Bytes of the file (compressed ones of a .gz) that have been read so far.
  std::uint64_t offset() const { return offset_; }
  /// Bytes of the file as it is stored; 0 when unknown.
  std::uint64_t size() const { return size_; }

 private:
  struct Stream;

  int byte_at(std::size_t i) const { return static_cast<unsigned char>(buffer_[i]); }
  /// Replaces the buffer, which has been used up; false at the end.
  bool fill();

  std::string name_;
  std::uint64_t size_ = 0;
  std::uint64_t offset_ = 0;
  std::unique_ptr<Stream> stream_;
  std::string buffer_;
  std::size_t position_ = 0;
};

}  // namespace mosaic::cli
