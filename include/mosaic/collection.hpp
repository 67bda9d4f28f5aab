// A collection: a named set of documents with one vector space, spread over shards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mosaic/result.hpp"

namespace mosaic {

/// A point of the log: "the state up to entry N". The first entry is 1; 0 is the empty state.
using Seq = std::uint64_t;

/// A shard's number within its collection, from 0.
struct ShardId {
  std::uint32_t value = 0;
  friend auto operator<=>(const ShardId&, const ShardId&) = default;
};

enum class Metric : std::uint8_t { kCosine, kL2, kDot, kL1 };
enum class Quantization : std::uint8_t { kNone, kFloat16, kInt8, kBinary };
enum class IndexType : std::uint8_t { kHnsw, kFlat };

constexpr std::uint32_t kDimensionMax = 65'536;
constexpr std::uint32_t kShardsMax = 1'024;
constexpr std::uint32_t kReplicasMax = 7;
constexpr std::size_t kIndexedPathsMax = 64;
constexpr std::uint32_t kBuiltinDimension = 256;
constexpr std::size_t kEmbedderBytesMax = 2'048;

/// An embedder of this form is an endpoint with OpenAI's interface: `openai:URL`, with the model
/// after a `#`.
constexpr std::string_view kEndpointPrefix = "openai:";

/// An embedder of this form is a model in a folder on the node: `model:PATH`.
constexpr std::string_view kModelPrefix = "model:";

struct IndexSettings {
  IndexType type = IndexType::kHnsw;
  std::uint32_t m = 16;                 ///< links per node, 2 to 128
  std::uint32_t ef_construction = 200;  ///< beam while building, 8 to 4096
  friend bool operator==(const IndexSettings&, const IndexSettings&) = default;
};

/// Everything a collection is made with. The defaults are those of the public contract.
struct CollectionSettings {
  std::string name;
  std::uint32_t dimension = kBuiltinDimension;  ///< 0 in a request: what the embedder gives
  Metric metric = Metric::kCosine;
  std::uint32_t shards = 1;
  std::string routing = "hash";
  std::uint32_t replicas = 1;  ///< nodes of a cluster that hold each shard; all, if there are fewer
  std::string embedder = "builtin";
  Quantization quantization = Quantization::kInt8;
  IndexSettings index;
  std::vector<std::string> indexed;  ///< dotted metadata paths that filters find fast
  std::uint64_t retention_s = 0;     ///< seconds of history kept
  friend bool operator==(const CollectionSettings&, const CollectionSettings&) = default;
};

/// The settings that may change while a collection lives; absent fields stay as they are.
struct CollectionPatch {
  std::optional<std::vector<std::string>> indexed;
  std::optional<std::uint64_t> retention_s;
  std::optional<IndexSettings> index;
  std::optional<Quantization> quantization;
  std::optional<std::uint32_t> replicas;
};

enum class ShardState : std::uint8_t { kStarting, kUp, kDown, kParked };

struct ShardInfo {
  ShardId id;
  std::string node;
  ShardState state = ShardState::kStarting;
  std::uint64_t documents = 0;
  std::uint64_t indexed = 0;  ///< live documents that vector search answers for
  std::uint64_t edges = 0;
  std::uint64_t bytes = 0;  ///< on disk
  Seq seq = 0;
  std::string error;  ///< why it is not up, for people
};

struct CollectionInfo {
  CollectionSettings settings;
  std::uint64_t documents = 0;
  std::uint64_t edges = 0;
  Seq seq = 0;
  std::vector<ShardInfo> shards;
};

std::string_view to_string(Metric metric);
std::string_view to_string(Quantization quantization);
std::string_view to_string(IndexType type);
std::string_view to_string(ShardState state);
Result<Metric> parse_metric(std::string_view word);
Result<Quantization> parse_quantization(std::string_view word);
Result<IndexType> parse_index_type(std::string_view word);

/// Where an embedder is named: the error names `embedder` and what is wrong with it.
Status validate_embedder(std::string_view embedder);

/// What the embedder gives where a request names no dimension; 0: only it can say.
std::uint32_t default_dimension(std::string_view embedder);

/// Checks every field against the limits of the contract; the error names the field and its value.
/// Settings that this version does not serve yet are refused in the same way.
Status validate(const CollectionSettings& settings);

/// already_exists, naming each setting in which a collection differs from what is `wanted` of it.
Error settings_conflict(const CollectionSettings& present, const CollectionSettings& wanted);

/// The settings after `patch`, validated.
Result<CollectionSettings> patched(CollectionSettings settings, const CollectionPatch& patch);

}  // namespace mosaic
