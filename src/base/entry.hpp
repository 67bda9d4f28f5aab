// What one entry of the log says. Engine-neutral and versioned: the same bytes mean the same write
// whatever keeps the log. Entries are decoded where they are applied, never trusted blindly.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/wire.hpp"
#include "mosaic/document.hpp"

namespace mosaic {

/// A collection is known by the seq of the entry that made it: names come back, numbers never.
struct CollectionId {
  Seq value = 0;
  friend auto operator<=>(const CollectionId&, const CollectionId&) = default;
};

enum class EntryKind : std::uint8_t {
  kWrite = 1,
  kCreateCollection,
  kPatchCollection,
  kDropCollection,
  kPageRank
};

/// Catalog entries change which collections there are; they carry settings instead of documents.
constexpr bool is_catalog(EntryKind kind) {
  return kind == EntryKind::kCreateCollection || kind == EntryKind::kPatchCollection ||
         kind == EntryKind::kDropCollection;
}

/// Ends the live version of an id, but only the one written at `expected` unless that is 0: what a
/// filter has chosen must not hit a version that came later.
struct Deletion {
  std::string id;
  Seq expected = 0;
};

template <class Archive>
void archive(Archive& a, Deletion& deletion) {
  a(deletion.id, deletion.expected);
}

/// One atomic write. Ids are distinct over both lists.
struct WriteBatch {
  std::vector<Document> documents;
  std::vector<Deletion> deletions;
};

/// The PageRank of every document of a collection, by rising id; takes the place of all before it.
struct PageRankValues {
  Seq cut = 0;  ///< the state of the collection that was ranked
  std::vector<std::string> ids;
  std::vector<double> values;  ///< as many, of the same order
};

/// The body of a catalog entry: the settings as they shall be; only the name for a drop.
std::string encode_write(const WriteBatch& batch);
std::string encode_settings(const CollectionSettings& settings);
std::string encode_pagerank(const PageRankValues& values);

/// Error corrupt_data when the bytes are not what this version writes.
Result<WriteBatch> decode_write(std::string_view bytes);
Result<CollectionSettings> decode_settings(std::string_view bytes);
Result<PageRankValues> decode_pagerank(std::string_view bytes);

}  // namespace mosaic
