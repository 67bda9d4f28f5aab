// One entry of the log as bytes, whatever engine keeps them: a header of 80 bytes, then what the
// entry says, then zeros up to a multiple of 8. The header holds the length, since an engine may
// give back more bytes than it was given, and a checksum over everything, since an engine may not
// notice damage. Version 1, of a header of 64 bytes without an origin, is still read.
#pragma once

#include <string_view>

#include "base/entry.hpp"

namespace mosaic::replication {

struct Record {
  CollectionId collection;
  EntryKind kind = EntryKind::kWrite;
  std::int64_t time_ms = 0;  ///< since 1970
  RequestId request;
  Seq carried = 0;  ///< its seq in the log it was carried over from; 0: it was written to this one
  std::string_view body;
  std::uint64_t origin = 0;  ///< the node that asked for it; 0: it is not known
  std::uint64_t ticket = 0;  ///< by which that node knows it; 0: it does not
  bool goes_on = false;      ///< Entry::goes_on
};

constexpr std::size_t kRecordHeaderBytes = 80;
constexpr std::size_t kRecordAlignment = 8;

/// How many bytes a record with a body of `body_bytes` takes.
constexpr std::size_t record_bytes(std::size_t body_bytes) {
  const auto bytes = kRecordHeaderBytes + body_bytes;
  return (bytes + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}

/// An entry is far smaller: 32 MiB of documents.
constexpr std::size_t kRecordBodyBytesMax = 0xffff'ffff;

/// Writes record_bytes(record.body.size()) bytes to `out`.
void write_record(const Record& record, char* out);

/// The body points into `bytes`. Error corrupt_data: it is no record, of a later version, or
/// damaged.
Result<Record> read_record(std::string_view bytes);

}  // namespace mosaic::replication
