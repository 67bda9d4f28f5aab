// Documents as users send and receive them, and the limits they must keep.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mosaic/as_of.hpp"
#include "mosaic/collection.hpp"

namespace mosaic {

constexpr std::size_t kIdBytesMax = 512;
constexpr std::size_t kTextBytesMax = 1 << 20;
constexpr std::size_t kMetadataBytesMax = 64 << 10;
constexpr std::size_t kMetadataDepthMax = 100;
constexpr std::size_t kLinksMax = 100'000;          ///< links of one document
constexpr std::size_t kBatchDocumentsMax = 10'000;  ///< documents in one write
constexpr std::size_t kBatchBytesMax = 32 << 20;    ///< one write after embedding
constexpr std::size_t kListLimitMax = 10'000;

using Vector = std::vector<float>;

/// A directed edge from the document that carries it. Its target need not exist (yet).
struct Link {
  std::string to;
  std::string kind;
  double weight = 1;
  friend bool operator==(const Link&, const Link&) = default;
};

/// One document. Absent title, text and metadata stay absent; an empty vector means none.
struct Document {
  std::string id;
  std::optional<std::string> title;
  std::optional<std::string> text;
  Vector vector;
  std::string metadata;  ///< a JSON object in minified text, or empty for none
  std::vector<Link> links;
  friend bool operator==(const Document&, const Document&) = default;
};

/// Which parts of a document an answer carries.
struct Include {
  bool title = true;
  bool text = true;
  bool metadata = true;
  bool vector = false;
  bool links = false;
  friend bool operator==(const Include&, const Include&) = default;
};

/// A document as it stands in a shard.
struct StoredDocument {
  Document document;
  Seq seq = 0;  ///< the entry that wrote this version
  std::optional<double> pagerank;
  ShardId shard;
};

struct UpsertRequest {
  std::string collection;
  std::vector<Document> documents;
};

struct UpsertReply {
  std::uint64_t upserted = 0;
  Seq seq = 0;
  bool applied = false;  ///< searches see it already
};

/// Exactly one of ids, filter and where is given.
struct DeleteRequest {
  std::string collection;
  std::vector<std::string> ids;
  std::string filter;  ///< JSON text of a filter, or empty
  std::string where;   ///< SQL expression, or empty
};

struct DeleteReply {
  std::uint64_t deleted = 0;
  Seq seq = 0;
  bool applied = false;
};

struct GetRequest {
  std::string collection;
  std::string id;
  Include include{.links = true};
  std::optional<AsOf> as_of = {};  ///< absent: as it stands now
};

struct ListRequest {
  std::string collection;
  std::size_t limit = 100;
  std::string cursor;  ///< what the page before gave as next_cursor, or empty
  std::string filter;  ///< JSON text of a filter, or empty
  Include include;
  bool ids_only = false;
  std::optional<AsOf> as_of = {};  ///< absent: as it stands now
};

/// Documents by rising id; `next_cursor` is empty on the last page.
struct ListReply {
  std::vector<StoredDocument> documents;
  std::string next_cursor;
};

/// Checks one document against the limits and, with `settings`, its vector against the collection.
/// The error names the field and the value; the caller adds the document's position.
Status validate(const Document& document, const CollectionSettings& settings);

/// Checks a vector of a document or a query: dimension, finite numbers, not zero under cosine.
Status validate_vector(const Vector& vector, const CollectionSettings& settings);

/// Checks an id: 1 to kIdBytesMax bytes of UTF-8 without control characters. `field` names it in
/// the error.
Status validate_id(std::string_view id, std::string_view field);

}  // namespace mosaic
