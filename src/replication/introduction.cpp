#include "replication/introduction.hpp"

#include <fmt/format.h>

namespace mosaic::replication {
namespace {

constexpr std::size_t kWordBytes = 8;
constexpr std::size_t kHeadBytes = 3 * kWordBytes;
/// Of libraft's connections.
constexpr std::uint64_t kVersion = 1;

std::string word(std::uint64_t value) {
  std::string bytes;
  for (std::size_t i = 0; i < kWordBytes; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

std::uint64_t word_at(std::string_view bytes, std::size_t index) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kWordBytes; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[index * kWordBytes + i])} << (8 * i);
  return value;
}

Status check_version(std::string_view bytes) {
  const auto version = word_at(bytes, 0);
  if (version == kVersion) return {};
  return Error{ErrorCode::kCorruptData,
               fmt::format("version {} of the log's connections, not {}", version, kVersion)};
}

}  // namespace

std::string encode_introduction(const Introduction& who) {
  // At least one zero ends the address.
  const auto size = (who.address.size() / kWordBytes + 1) * kWordBytes;
  auto bytes = word(kVersion) + word(who.id) + word(size) + who.address;
  bytes.resize(kHeadBytes + size);
  return bytes;
}

Result<std::optional<Introduction>> take_introduction(std::string& bytes) {
  const auto none = std::optional<Introduction>();
  if (bytes.size() < kHeadBytes) return none;
  if (const auto status = check_version(bytes); !status) return status.error();
  const auto id = word_at(bytes, 1);
  const auto size = word_at(bytes, 2);
  if (id == 0) return Error{ErrorCode::kCorruptData, "a node without an id"};
  if (size == 0 || size > kIntroducedAddressBytesMax) {
    return Error{ErrorCode::kCorruptData, fmt::format("an address of {} bytes; 1 to {} are allowed",
                                                      size, kIntroducedAddressBytesMax)};
  }
  if (bytes.size() < kHeadBytes + size) return none;
  const auto address = bytes.substr(kHeadBytes, size);
  const auto end = address.find('\0');
  if (end == std::string::npos)
    return Error{ErrorCode::kCorruptData, "an address that does not end"};
  bytes.erase(0, kHeadBytes + size);
  return std::optional(Introduction{id, address.substr(0, end)});
}

std::string encode_welcome() {
  return word(kVersion);
}

Result<bool> take_welcome(std::string& bytes) {
  if (bytes.size() < kWordBytes) return false;
  if (const auto status = check_version(bytes); !status) return status.error();
  bytes.erase(0, kWordBytes);
  return true;
}

}  // namespace mosaic::replication
