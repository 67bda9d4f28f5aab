// Bytes of the domain types, for log entries and for messages between actors. Little-endian,
// lengths as u32, vectors of float as one block. A type takes part by a function archive(Archive&,
// T&) that lists its fields; the same list writes and reads. Reading checks every bound and never
// throws: a Reader that met bad bytes says so by ok() == false.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace mosaic {

static_assert(std::endian::native == std::endian::little, "the formats on disk are little-endian");

template <class T>
concept Scalar = std::is_arithmetic_v<T> || std::is_enum_v<T>;

/// Enough for most messages without documents.
constexpr std::size_t kFirstBytes = 64;

class ByteWriter {
 public:
  ByteWriter() { bytes_.reserve(kFirstBytes); }

  template <class... Ts>
  void operator()(const Ts&... fields) {
    (write(fields), ...);
  }

  std::string take() { return std::move(bytes_); }
  const std::string& bytes() const { return bytes_; }

 private:
  template <Scalar T>
  void write(const T& value) {
    append(&value, sizeof value);
  }

  void write(const std::string& text) {
    write(static_cast<std::uint32_t>(text.size()));
    append(text.data(), text.size());
  }

  template <class T>
  void write(const std::optional<T>& value) {
    write(value.has_value());
    if (value) write(*value);
  }

  template <class T>
  void write(const std::vector<T>& items) {
    write(static_cast<std::uint32_t>(items.size()));
    if constexpr (Scalar<T>) {
      append(items.data(), items.size() * sizeof(T));
    } else {
      for (const auto& item : items) write(item);
    }
  }

  template <class T>
  requires(!Scalar<T>) void write(const T& value) { archive(*this, const_cast<T&>(value)); }

  void append(const void* data, std::size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
  }

  std::string bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  template <class... Ts>
  void operator()(Ts&... fields) {
    (read(fields), ...);
  }

  bool ok() const { return ok_; }
  /// Everything was read and nothing is left over.
  bool complete() const { return ok_ && rest_.empty(); }

 private:
  template <Scalar T>
  void read(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t byte = 0;
      take(&byte, 1);
      value = byte != 0;
    } else {
      take(&value, sizeof value);
    }
  }

  void read(std::string& text) {
    const auto size = read_count(1);
    text.assign(rest_.substr(0, size));
    rest_.remove_prefix(size);
  }

  template <class T>
  void read(std::optional<T>& value) {
    bool present = false;
    read(present);
    value.reset();
    if (present && ok_) read(value.emplace());
  }

  template <class T>
  void read(std::vector<T>& items) {
    if constexpr (Scalar<T>) {
      items.resize(read_count(sizeof(T)));
      take(items.data(), items.size() * sizeof(T));
    } else {
      const auto count = read_count(1);
      items.clear();
      for (std::size_t i = 0; i < count && ok_; ++i) read(items.emplace_back());
    }
  }

  template <class T>
  requires(!Scalar<T>) void read(T& value) { archive(*this, value); }

  /// A count of items of at least `item_bytes` each; one that cannot fit in the rest is bad.
  std::size_t read_count(std::size_t item_bytes) {
    std::uint32_t count = 0;
    read(count);
    if (count > rest_.size() / item_bytes) ok_ = false;
    return ok_ ? count : 0;
  }

  void take(void* out, std::size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return;
    }
    if (size != 0) std::memcpy(out, rest_.data(), size);
    rest_.remove_prefix(size);
  }

  std::string_view rest_;
  bool ok_ = true;
};

template <class T>
std::string to_bytes(const T& value) {
  ByteWriter writer;
  writer(value);
  return writer.take();
}

/// Nothing when the bytes are not exactly one T.
template <class T>
std::optional<T> from_bytes(std::string_view bytes) {
  ByteReader reader(bytes);
  T value{};
  reader(value);
  if (!reader.complete()) return std::nullopt;
  return value;
}

}  // namespace mosaic
