#include "base/entry.hpp"

#include <fmt/format.h>

#include "base/domain_wire.hpp"

namespace mosaic {

template <class Archive>
void archive(Archive& a, WriteBatch& batch) {
  a(batch.documents, batch.deletions);
}

template <class Archive>
void archive(Archive& a, PageRankValues& values) {
  a(values.cut, values.ids, values.values);
}

namespace {

constexpr std::uint8_t kEntryVersion = 1;

template <class Body>
struct Versioned {
  std::uint8_t version = kEntryVersion;
  Body body;
};

template <class Archive, class Body>
void archive(Archive& a, Versioned<Body>& versioned) {
  a(versioned.version, versioned.body);
}

template <class Body>
std::string encode(const Body& body) {
  ByteWriter writer;
  writer(kEntryVersion, body);
  return writer.take();
}

template <class Body>
Result<Body> decode(std::string_view bytes) {
  if (!bytes.empty() && static_cast<std::uint8_t>(bytes.front()) > kEntryVersion) {
    return Error{ErrorCode::kCorruptData,
                 fmt::format("log entry has version {}, this program reads up to {}",
                             static_cast<int>(bytes.front()), kEntryVersion)};
  }
  auto versioned = from_bytes<Versioned<Body>>(bytes);
  if (!versioned) return Error{ErrorCode::kCorruptData, "log entry cannot be decoded"};
  return std::move(versioned->body);
}

}  // namespace

std::string encode_write(const WriteBatch& batch) {
  return encode(batch);
}
std::string encode_settings(const CollectionSettings& settings) {
  return encode(settings);
}
std::string encode_pagerank(const PageRankValues& values) {
  return encode(values);
}
Result<WriteBatch> decode_write(std::string_view bytes) {
  return decode<WriteBatch>(bytes);
}
Result<CollectionSettings> decode_settings(std::string_view bytes) {
  return decode<CollectionSettings>(bytes);
}
Result<PageRankValues> decode_pagerank(std::string_view bytes) {
  auto values = decode<PageRankValues>(bytes);
  if (values && values->ids.size() != values->values.size())
    return Error{ErrorCode::kCorruptData, "log entry has more documents than PageRank values"};
  return values;
}

}  // namespace mosaic
