#include "base/entry.hpp"

#include <fmt/format.h>

namespace mosaic {

template <class Archive>
void archive(Archive& a, WriteBatch& batch) {
  a(batch.documents, batch.deletions);
}

template <class Archive>
void archive(Archive& a, Settlement& settlement) {
  a(settlement.centroids, settlement.recall);
}

template <class Archive>
void archive(Archive& a, CollectionState& state) {
  a(state.collection, state.centroids);
}

template <class Archive>
void archive(Archive& a, RestoredCollection& restored) {
  a(restored.state, restored.token, restored.replaces.value, restored.node, restored.avoid);
}

template <class Archive>
void archive(Archive& a, PageRankValues& values) {
  a(values.cut, values.ids, values.values);
}

namespace {

constexpr std::uint8_t kEntryVersion = 1;
/// Of a write that says where its documents live.
constexpr std::uint8_t kPlacedVersion = 2;
/// Of a write to a collection that has gone over to another embedder since it was made.
constexpr std::uint8_t kSpaceVersion = 3;
/// Of a collection that says what its vectors are made with.
constexpr std::uint8_t kOriginVersion = 2;
/// Of a collection that is made of files.
constexpr std::uint8_t kRestoredVersion = 3;
/// Of one whose files stand at a node of a cluster.
constexpr std::uint8_t kHeldVersion = 4;
/// Of one that was made while nodes were down.
constexpr std::uint8_t kAvoidingVersion = 5;

/// As they were before.
struct HeldCollection {
  RestoredCollection restored;
};
struct UnheldCollection {
  RestoredCollection restored;
};

template <class Archive>
void archive(Archive& a, HeldCollection& held) {
  a(held.restored.state, held.restored.token, held.restored.replaces.value, held.restored.node);
}

template <class Archive>
void archive(Archive& a, UnheldCollection& unheld) {
  a(unheld.restored.state, unheld.restored.token, unheld.restored.replaces.value);
}

struct PlacedWrite {
  WriteBatch batch;
};

template <class Archive>
void archive(Archive& a, PlacedWrite& write) {
  a(write.batch, write.batch.homes);
}

struct SpacedWrite {
  WriteBatch batch;
};

template <class Archive>
void archive(Archive& a, SpacedWrite& write) {
  a(write.batch, write.batch.homes, write.batch.space);
}

Error corrupt(std::string detail) {
  return {ErrorCode::kCorruptData, "log entry " + std::move(detail)};
}

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
std::string encode(const Body& body, std::uint8_t version = kEntryVersion) {
  ByteWriter writer;
  writer(version, body);
  return writer.take();
}

std::uint8_t version_of(std::string_view bytes) {
  return bytes.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes.front());
}

template <class Body>
Result<Body> decode(std::string_view bytes, std::uint8_t version_max = kEntryVersion) {
  if (version_of(bytes) > version_max) {
    return corrupt(
        fmt::format("has version {}, this program reads up to {}", version_of(bytes), version_max));
  }
  auto versioned = from_bytes<Versioned<Body>>(bytes);
  if (!versioned) return corrupt("cannot be decoded");
  return std::move(versioned->body);
}

template <class Earlier>
Result<RestoredCollection> restored_of(Result<Earlier> earlier) {
  if (!earlier) return earlier.error();
  return std::move(earlier->restored);
}

enum class Homes { kAll, kAllOrNone };

template <class Write>
Result<WriteBatch> with_all_homes(Result<Write> write, Homes wanted) {
  if (!write) return write.error();
  const auto homes = write->batch.homes.size();
  const bool none = wanted == Homes::kAllOrNone && homes == 0;
  if (!none && homes != write->batch.documents.size())
    return corrupt("has more documents than places for them");
  return std::move(write->batch);
}

}  // namespace

/// As old a version as will do: what needs nothing new keeps its bytes.
std::string encode_write(const WriteBatch& batch) {
  if (batch.homes.empty() && batch.space == 0) return encode(batch);
  ByteWriter writer;
  writer(batch.space == 0 ? kPlacedVersion : kSpaceVersion, batch, batch.homes);
  if (batch.space != 0) writer(batch.space);
  return writer.take();
}
std::string encode_collection(const CollectionEntry& collection, const NodeIds& avoid) {
  if (avoid.empty()) return encode(collection, kOriginVersion);
  return encode(RestoredCollection{{collection, {}}, {}, {}, 0, avoid}, kAvoidingVersion);
}
std::string encode_restored(const RestoredCollection& restored) {
  return encode(HeldCollection{restored}, kHeldVersion);
}
std::string encode_state(const CollectionState& state) {
  return encode(state);
}
std::string encode_settings(const CollectionSettings& settings) {
  return encode(settings);
}
std::string encode_pagerank(const PageRankValues& values) {
  return encode(values);
}
std::string encode_centroids(const Centroids& centroids) {
  return encode(centroids);
}
std::string encode_settlement(const Settlement& settlement) {
  return encode(settlement);
}
std::string encode_move(const Move& move) {
  return encode(move);
}
std::string encode_reembedding(const Reembedding& next) {
  return encode(next);
}
std::string encode_staged(const StagedVectors& staged) {
  return encode(staged);
}
std::string encode_generation(Seq generation) {
  return encode(generation);
}
std::string encode_remembered(const RememberedAnswer& answer) {
  return encode(answer);
}
std::string encode_purge(const Purge& purge) {
  return encode(purge);
}
std::string encode_snapshot_begin(const SnapshotBegin& begin) {
  return encode(begin);
}
std::string encode_node(const NodeRecord& node) {
  return encode(node);
}
std::string encode_node_id(std::uint64_t id) {
  return encode(id);
}
std::string encode_replica_change(const ReplicaChange& change) {
  return encode(change);
}
std::string encode_snapshot(const Snapshot& snapshot) {
  return encode(snapshot);
}
std::string encode_snapshot_name(const std::string& name) {
  return encode(name);
}
Result<WriteBatch> decode_write(std::string_view bytes) {
  if (version_of(bytes) < kPlacedVersion) return decode<WriteBatch>(bytes);
  if (version_of(bytes) == kPlacedVersion)
    return with_all_homes(decode<PlacedWrite>(bytes, kPlacedVersion), Homes::kAll);
  return with_all_homes(decode<SpacedWrite>(bytes, kSpaceVersion), Homes::kAllOrNone);
}
bool has_origin(std::string_view bytes) {
  return version_of(bytes) >= kOriginVersion;
}
Result<RestoredCollection> decode_restored(std::string_view bytes) {
  if (version_of(bytes) >= kAvoidingVersion)
    return decode<RestoredCollection>(bytes, kAvoidingVersion);
  if (version_of(bytes) == kHeldVersion)
    return restored_of(decode<HeldCollection>(bytes, kHeldVersion));
  if (version_of(bytes) == kRestoredVersion)
    return restored_of(decode<UnheldCollection>(bytes, kRestoredVersion));
  auto collection = decode_collection(bytes);
  if (!collection) return collection.error();
  return RestoredCollection{{std::move(*collection), {}}, {}, {}};
}
Result<CollectionState> decode_state(std::string_view bytes) {
  return decode<CollectionState>(bytes);
}
Result<CollectionEntry> decode_collection(std::string_view bytes) {
  if (version_of(bytes) >= kRestoredVersion) {
    auto restored = decode_restored(bytes);
    if (!restored) return restored.error();
    return std::move(restored->state.collection);
  }
  if (has_origin(bytes)) return decode<CollectionEntry>(bytes, kOriginVersion);
  auto settings = decode_settings(bytes);
  if (!settings) return settings.error();
  return with_origin(std::move(*settings));
}
Result<CollectionSettings> decode_settings(std::string_view bytes) {
  return decode<CollectionSettings>(bytes);
}
Result<PageRankValues> decode_pagerank(std::string_view bytes) {
  auto values = decode<PageRankValues>(bytes);
  if (values && values->ids.size() != values->values.size())
    return corrupt("has more documents than PageRank values");
  return values;
}
Result<Centroids> decode_centroids(std::string_view bytes) {
  return decode<Centroids>(bytes);
}
Result<Settlement> decode_settlement(std::string_view bytes) {
  return decode<Settlement>(bytes);
}
Result<Move> decode_move(std::string_view bytes) {
  auto move = decode<Move>(bytes);
  if (move && (move->homes.size() != move->documents.size() ||
               move->written.size() != move->documents.size()))
    return corrupt("has more documents than places for them");
  return move;
}
Result<Reembedding> decode_reembedding(std::string_view bytes) {
  return decode<Reembedding>(bytes);
}
Result<StagedVectors> decode_staged(std::string_view bytes) {
  return decode<StagedVectors>(bytes);
}
Result<Seq> decode_generation(std::string_view bytes) {
  return decode<Seq>(bytes);
}
Result<RememberedAnswer> decode_remembered(std::string_view bytes) {
  return decode<RememberedAnswer>(bytes);
}
Result<Purge> decode_purge(std::string_view bytes) {
  return decode<Purge>(bytes);
}
Result<SnapshotBegin> decode_snapshot_begin(std::string_view bytes) {
  return decode<SnapshotBegin>(bytes);
}
Result<NodeRecord> decode_node(std::string_view bytes) {
  return decode<NodeRecord>(bytes);
}
Result<std::uint64_t> decode_node_id(std::string_view bytes) {
  return decode<std::uint64_t>(bytes);
}
Result<ReplicaChange> decode_replica_change(std::string_view bytes) {
  return decode<ReplicaChange>(bytes);
}
Result<Snapshot> decode_snapshot(std::string_view bytes) {
  return decode<Snapshot>(bytes);
}
Result<std::string> decode_snapshot_name(std::string_view bytes) {
  return decode<std::string>(bytes);
}

}  // namespace mosaic
