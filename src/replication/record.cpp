#include "replication/record.hpp"

#include <cstring>

#include <fmt/format.h>

#include "base/checksum.hpp"

namespace mosaic::replication {
namespace {

constexpr std::uint32_t kMagic = 0x474c534d;  // "MSLG"
constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kVersionWithoutOrigin = 1;

/// Little-endian, without gaps: its memory is its format.
struct Header {
  std::uint32_t magic = kMagic;
  std::uint8_t version = kVersion;
  EntryKind kind = EntryKind::kWrite;
  std::uint8_t goes_on = 0;
  std::uint8_t unused = 0;
  std::uint64_t collection = 0;
  std::int64_t time_ms = 0;
  std::uint64_t request_high = 0;
  std::uint64_t request_low = 0;
  std::uint64_t carried = 0;
  std::uint32_t request_window_s = 0;
  std::uint32_t body_bytes = 0;
  std::uint64_t origin = 0;
  std::uint64_t ticket = 0;
  std::uint64_t checksum = 0;  ///< of the header without it, as a seed for that of the body
};
static_assert(sizeof(Header) == kRecordHeaderBytes && std::is_trivially_copyable_v<Header>);
static_assert(offsetof(Header, checksum) == sizeof(Header) - sizeof(std::uint64_t));
/// Of version 1: the checksum stands where the origin does now.
constexpr std::size_t kHeaderBytesWithoutOrigin = offsetof(Header, origin) + sizeof(std::uint64_t);

/// `header`: its bytes without the checksum.
std::uint64_t checksum_of(std::string_view header, std::string_view body) {
  return checksum(body, checksum(header));
}

Error corrupt(std::string detail) {
  return {ErrorCode::kCorruptData, std::move(detail)};
}

}  // namespace

void write_record(const Record& record, char* out) {
  Header header;
  header.kind = record.kind;
  header.collection = record.collection.value;
  header.time_ms = record.time_ms;
  header.request_high = record.request.high;
  header.request_low = record.request.low;
  header.request_window_s = record.request.window_s;
  header.carried = record.carried;
  header.body_bytes = static_cast<std::uint32_t>(record.body.size());
  header.origin = record.origin;
  header.ticket = record.ticket;
  header.goes_on = record.goes_on ? 1 : 0;
  header.checksum = checksum_of(
      {reinterpret_cast<const char*>(&header), offsetof(Header, checksum)}, record.body);
  std::memcpy(out, &header, sizeof header);
  const auto used = sizeof header + record.body.size();
  if (!record.body.empty())
    std::memcpy(out + sizeof header, record.body.data(), record.body.size());
  std::memset(out + used, 0, record_bytes(record.body.size()) - used);
}

Result<Record> read_record(std::string_view bytes) {
  Header header;
  auto* fields = reinterpret_cast<char*>(&header);
  if (bytes.size() < kHeaderBytesWithoutOrigin)
    return corrupt(fmt::format("a record of {} bytes is too short", bytes.size()));
  std::memcpy(fields, bytes.data(), offsetof(Header, origin));
  if (header.magic != kMagic) return corrupt("it does not begin like a record");
  if (header.version > kVersion) {
    return corrupt(
        fmt::format("its version is {}, this program reads up to {}", header.version, kVersion));
  }
  const auto header_bytes =
      header.version > kVersionWithoutOrigin ? sizeof header : kHeaderBytesWithoutOrigin;
  if (bytes.size() < header_bytes)
    return corrupt(fmt::format("a record of {} bytes is too short", bytes.size()));
  if (header.body_bytes > bytes.size() - header_bytes)
    return corrupt(fmt::format("it should hold {} bytes more than it does",
                               header.body_bytes - (bytes.size() - header_bytes)));
  const auto checked = header_bytes - sizeof header.checksum;
  std::memcpy(fields, bytes.data(), checked);
  std::memcpy(&header.checksum, bytes.data() + checked, sizeof header.checksum);
  const auto body = bytes.substr(header_bytes, header.body_bytes);
  if (checksum_of(bytes.substr(0, checked), body) != header.checksum)
    return corrupt("it fails its checksum");
  const RequestId request{header.request_high, header.request_low, header.request_window_s};
  return Record{{header.collection}, header.kind, header.time_ms, request,
                header.carried,      body,        header.origin,  header.ticket,
                header.goes_on != 0};
}

}  // namespace mosaic::replication
