#include "storage/catalog.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.hpp"

namespace mosaic::storage {
namespace {

constexpr int kCatalogFormatVersion = 1;

// `settings` holds the bytes of a catalog entry; the name stands beside it for people with
// `sqlite3`.
constexpr const char* kCatalogSchema = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('applied_seq', 0);
CREATE TABLE collections(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, settings BLOB NOT NULL) STRICT;
CREATE TABLE shards(
  collection INTEGER NOT NULL REFERENCES collections(id), shard INTEGER NOT NULL,
  made INTEGER NOT NULL, durable_seq INTEGER NOT NULL, PRIMARY KEY(collection, shard)) STRICT, WITHOUT ROWID;
)sql";

// Came later; `centroids` likewise holds the bytes of an entry.
constexpr const char* kCatalogAdditions = R"sql(
CREATE TABLE IF NOT EXISTS centroids(
  collection INTEGER PRIMARY KEY REFERENCES collections(id), centroids BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS snapshots(
  collection INTEGER NOT NULL REFERENCES collections(id), seq INTEGER NOT NULL,
  name TEXT NOT NULL, kept INTEGER NOT NULL, snapshot BLOB NOT NULL, state BLOB NOT NULL,
  PRIMARY KEY(collection, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nodes(id INTEGER PRIMARY KEY, name TEXT NOT NULL, node BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS leaving_nodes(id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS replicas(
  collection INTEGER NOT NULL REFERENCES collections(id), shard INTEGER NOT NULL,
  seq INTEGER NOT NULL, node INTEGER NOT NULL, whole INTEGER NOT NULL,
  PRIMARY KEY(collection, shard, node)) STRICT, WITHOUT ROWID;
)sql";

/// After so many answers their pages are moved out of the WAL.
constexpr std::uint64_t kCheckpointAnswers = 1'000;

Database& with_schema(Database& database) {
  const auto version = database.query_int("PRAGMA user_version");
  if (version > kCatalogFormatVersion) {
    throw Failure(ErrorCode::kCorruptData,
                  fmt::format("catalog.db has format version {}, this program reads {}", version,
                              kCatalogFormatVersion));
  }
  database.execute("PRAGMA synchronous = FULL");
  if (version == 0) {
    Transaction transaction(database);
    database.execute(kCatalogSchema);
    database.execute(fmt::format("PRAGMA user_version = {}", kCatalogFormatVersion));
    transaction.commit();
  }
  database.execute(kCatalogAdditions);
  database.execute(kAppliedRequestsSchema);
  database.execute(kRememberedAnswersSchema);
  return database;
}

Error not_on_its_way() {
  return {ErrorCode::kNotFound, "the collection is not on its way to that embedder"};
}

}  // namespace

Catalog::Catalog(const std::filesystem::path& path)
    : database_(path, OpenMode::kCreate), requests_(with_schema(database_)), answers_(database_) {
  applied_seq_ =
      static_cast<Seq>(database_.query_int("SELECT value FROM meta WHERE key = 'applied_seq'"));
  load();
}

void Catalog::load() {
  auto select = database_.prepare(
      "SELECT id, settings, centroids FROM collections LEFT JOIN centroids ON collection = id");
  std::vector<CollectionId> of_before;
  while (select.step()) {
    const CollectionId id{static_cast<Seq>(select.column_int(0))};
    auto restored = or_throw(decode_restored(select.column_blob(1)));
    auto& collection = restored.state.collection;
    if (!has_origin(select.column_blob(1))) of_before.push_back(id);
    auto& record = collections_[id] = {id, std::move(collection.settings), collection.origin};
    record.token = std::move(restored.token);
    if (select.is_null(2)) continue;
    record.centroids =
        std::make_shared<const Centroids>(or_throw(decode_centroids(select.column_blob(2))));
  }
  load_snapshots();
  load_nodes();
  load_replicas();
  for (const auto id : of_before) keep_origin(collections_.at(id));
}

/// A collection of a version that knew no origins gets what it stands for, once and for all.
void Catalog::keep_origin(const CollectionRecord& record) {
  Transaction transaction(database_);
  store(record);
  transaction.commit();
  if (record.settings.embedder != "hash") return;
  log::info(
      "collection '{0}' was made by the hashing embedder of an earlier version: its embedder is "
      "'hash'. POST /api/v1/collections/{0}/reembed with {{\"embedder\":\"builtin\"}} moves it to "
      "the model that 'builtin' is now",
      record.settings.name);
}

Seq Catalog::known_seq() {
  const auto durable = database_.query_int("SELECT coalesce(max(durable_seq), 0) FROM shards");
  return std::max(applied_seq_, static_cast<Seq>(durable));
}

Seq Catalog::log_floor() {
  return static_cast<Seq>(
      database_.query_int("SELECT coalesce(max(value), 0) FROM meta WHERE key = 'log_floor'"));
}

void Catalog::set_log_floor(Seq floor) {
  auto write = database_.cached(
      "INSERT INTO meta VALUES('log_floor', ?1) ON CONFLICT(key) DO UPDATE SET value = "
      "max(value, excluded.value)");
  write->bind(1, static_cast<std::int64_t>(floor));
  write->run();
}

void Catalog::begin_anew(Seq floor) {
  Transaction transaction(database_);
  database_.execute("DELETE FROM shards; DELETE FROM meta WHERE key = 'log_floor'");
  set_log_floor(floor);
  transaction.commit();
}

const CollectionRecord* Catalog::find(std::string_view name) const {
  const auto found = std::find_if(collections_.begin(), collections_.end(), [&](const auto& entry) {
    return entry.second.settings.name == name;
  });
  return found == collections_.end() ? nullptr : &found->second;
}

std::optional<AppliedRequest> Catalog::applied(const RequestId& request, std::int64_t time_ms) {
  if (!request) return std::nullopt;
  return requests_.find(request, time_ms);
}

void Catalog::remember(Seq seq, std::int64_t time_ms, const RememberedAnswer& answer) {
  if (seq <= applied_seq_) return;
  // Nothing is lost by a crash of the process. One of the machine costs the last answers, and the
  // writes that they were given for are known for repeats without them: worth no sync each.
  database_.execute("PRAGMA synchronous = NORMAL");
  try {
    Transaction transaction(database_);
    answers_.keep(seq, time_ms, answer);
    set_applied(seq, {});
    transaction.commit();
  } catch (...) {
    database_.execute("PRAGMA synchronous = FULL");
    answers_.recount();
    throw;
  }
  database_.execute("PRAGMA synchronous = FULL");
  applied_seq_ = seq;
  if (++unsaved_answers_ % kCheckpointAnswers == 0)
    database_.execute("PRAGMA wal_checkpoint(PASSIVE)");
}

Result<CollectionRecord> Catalog::apply(Seq seq, EntryKind kind, CollectionId id,
                                        std::string_view bytes, const EntryOrigin& origin) {
  if (const auto before = applied(origin.request, origin.time_ms)) {
    const auto found = collections_.find({before->outcome});
    return found == collections_.end() ? CollectionRecord{{before->outcome}, {}, {}}
                                       : found->second;
  }
  origin_ = origin;
  switch (kind) {
    case EntryKind::kCreateCollection:
      return restore(seq, or_throw(decode_restored(bytes)));
    case EntryKind::kPatchCollection:
      return patch(seq, id, or_throw(decode_settings(bytes)));
    case EntryKind::kDropCollection:
      return drop(seq, id);
    case EntryKind::kSetCentroids:
      return set_centroids(seq, id, or_throw(decode_centroids(bytes)));
    case EntryKind::kSettleCentroids:
      return settle(seq, id, or_throw(decode_settlement(bytes)));
    case EntryKind::kBeginReembed:
      return begin_reembed(seq, id, or_throw(decode_reembedding(bytes)));
    case EntryKind::kSwitchSpace:
      return switch_space(seq, id, or_throw(decode_generation(bytes)));
    case EntryKind::kCancelReembed:
      return cancel_reembed(seq, id, or_throw(decode_generation(bytes)));
    case EntryKind::kBeginSnapshot:
      return begin_snapshot(seq, id, or_throw(decode_snapshot_begin(bytes)).name);
    case EntryKind::kKeepSnapshot:
      return keep_snapshot(seq, id, or_throw(decode_snapshot(bytes)));
    case EntryKind::kDropSnapshot:
      return drop_snapshot(seq, id, or_throw(decode_snapshot_name(bytes)));
    case EntryKind::kWrite:
    case EntryKind::kPageRank:
    case EntryKind::kMove:
    case EntryKind::kStageVectors:
    case EntryKind::kPurge:
      break;
    case EntryKind::kRemember:
      remember(seq, origin.time_ms, or_throw(decode_remembered(bytes)));
      return CollectionRecord{};
    case EntryKind::kSetNode:
      set_node(seq, or_throw(decode_node(bytes)));
      return CollectionRecord{};
    case EntryKind::kForgetNode:
      forget_node(seq, or_throw(decode_node_id(bytes)));
      return CollectionRecord{};
    case EntryKind::kNodeLeaves:
      let_node_leave(seq, or_throw(decode_node_id(bytes)));
      return CollectionRecord{};
    case EntryKind::kSetReplicas:
      return set_replicas(seq, id, or_throw(decode_replica_change(bytes)));
  }
  return Error{ErrorCode::kInternal, "not a catalog entry"};
}

Result<CollectionRecord> Catalog::create(Seq seq, const CollectionEntry& collection) {
  return restore(seq, {{collection, {}}, {}, {}, 0});
}

Result<CollectionRecord> Catalog::restore(Seq seq, const RestoredCollection& restored) {
  const auto& [settings, origin] = restored.state.collection;
  const auto* present = find(settings.name);
  if (present != nullptr && present->id.value == seq) return *present;
  const bool of_files = !restored.token.empty();
  if (present != nullptr && (!of_files || present->id != restored.replaces)) {
    const bool same = of_files ? present->token == restored.token : present->settings == settings;
    if (same) return *present;
    if (!of_files) return settings_conflict(present->settings, settings);
    return Error{ErrorCode::kAlreadyExists,
                 fmt::format("collection '{}' exists already", settings.name)};
  }
  CollectionRecord record{{seq}, settings, origin};
  record.token = restored.token;
  record.replicas = first_replicas(seq, settings, restored);
  if (!restored.state.centroids.vectors.empty()) {
    auto centroids = restored.state.centroids;
    centroids.seq = seq;
    record.centroids = std::make_shared<const Centroids>(std::move(centroids));
  }
  Transaction transaction(database_);
  const auto replaced = present != nullptr ? present->id : CollectionId{};
  if (present != nullptr) erase(replaced);
  store(record);
  store_replicas(record);
  set_applied(seq, record.id);
  transaction.commit();
  applied_seq_ = std::max(applied_seq_, seq);
  collections_.erase(replaced);
  collections_[record.id] = record;
  return record;
}

Result<CollectionRecord> Catalog::patch(Seq seq, CollectionId id, CollectionSettings settings) {
  if (!collections_.contains(id))
    return Error{ErrorCode::kNotFound, fmt::format("collection '{}' is gone", settings.name)};
  return change(seq, id, [&](CollectionRecord& record) {
    // The patch may have been prepared before the collection went over to another embedder.
    settings.embedder = record.settings.embedder;
    settings.dimension = record.settings.dimension;
    record.settings = std::move(settings);
  });
}

Result<CollectionRecord> Catalog::set_centroids(Seq seq, CollectionId id, Centroids centroids) {
  const auto found = collections_.find(id);
  for (const auto& vector : centroids.vectors) {
    if (found == collections_.end() || vector.size() == found->second.settings.dimension) continue;
    return invalid("the collection has gone over to another embedder");
  }
  centroids.seq = seq;
  centroids.settled = false;
  return change(seq, id, [&](CollectionRecord& record) {
    record.centroids = std::make_shared<const Centroids>(std::move(centroids));
  });
}

Result<CollectionRecord> Catalog::settle(Seq seq, CollectionId id, const Settlement& settlement) {
  return change(seq, id, [&](CollectionRecord& record) {
    if (record.centroids->seq != settlement.centroids) return;
    auto settled = *record.centroids;
    settled.settled = true;
    settled.recall = settlement.recall;
    record.centroids = std::make_shared<const Centroids>(std::move(settled));
  });
}

const CollectionRecord* Catalog::on_its_way(CollectionId id, Seq generation) const {
  const auto found = collections_.find(id);
  if (found == collections_.end() || !found->second.origin.next) return nullptr;
  return found->second.origin.next->generation == generation ? &found->second : nullptr;
}

Result<CollectionRecord> Catalog::begin_reembed(Seq seq, CollectionId id, Reembedding next) {
  const auto found = collections_.find(id);
  if (seq > applied_seq_ && found != collections_.end() && found->second.origin.next) {
    return Error{ErrorCode::kAlreadyExists,
                 fmt::format("collection '{}' is on its way to embedder '{}' already",
                             found->second.settings.name, found->second.origin.next->embedder)};
  }
  next.generation = seq;
  return change(seq, id, [&](CollectionRecord& record) { record.origin.next = std::move(next); });
}

Result<CollectionRecord> Catalog::switch_space(Seq seq, CollectionId id, Seq generation) {
  if (seq > applied_seq_ && on_its_way(id, generation) == nullptr) return not_on_its_way();
  return change(seq, id, [&](CollectionRecord& record) {
    const auto next = *record.origin.next;
    record.settings.embedder = next.embedder;
    record.settings.dimension = next.dimension;
    record.origin = {next.fingerprint, seq, {}};
    // They were of the old vectors.
    record.centroids = std::make_shared<const Centroids>();
  });
}

Result<CollectionRecord> Catalog::cancel_reembed(Seq seq, CollectionId id, Seq generation) {
  if (seq > applied_seq_ && on_its_way(id, generation) == nullptr) return not_on_its_way();
  return change(seq, id, [&](CollectionRecord& record) { record.origin.next.reset(); });
}

Result<CollectionRecord> Catalog::drop(Seq seq, CollectionId id) {
  const auto found = collections_.find(id);
  if (found == collections_.end()) return Error{ErrorCode::kNotFound, "the collection is gone"};
  const auto record = found->second;
  Transaction transaction(database_);
  erase(id);
  set_applied(seq, id);
  transaction.commit();
  applied_seq_ = std::max(applied_seq_, seq);
  collections_.erase(found);
  return record;
}

void Catalog::erase(CollectionId id) {
  database_.execute(fmt::format(
      "DELETE FROM shards WHERE collection = {0}; DELETE FROM centroids WHERE collection = {0}; "
      "DELETE FROM snapshots WHERE collection = {0}; DELETE FROM replicas WHERE collection = {0}; "
      "DELETE FROM collections WHERE id = {0}",
      id.value));
}

void Catalog::store(const CollectionRecord& record) {
  const CollectionEntry collection{record.settings, record.origin};
  const auto bytes = record.token.empty()
                         ? encode_collection(collection)
                         : encode_restored({{collection, {}}, record.token, {}, 0});
  auto write = database_.cached(
      "INSERT INTO collections VALUES(?1, ?2, ?3) ON CONFLICT(id) DO UPDATE SET settings = "
      "excluded.settings");
  write->bind(1, static_cast<std::int64_t>(record.id.value))
      .bind_text(2, std::string_view(record.settings.name));
  write->bind_blob(3, bytes);
  write->run();
  if (record.centroids->seq == 0) {
    auto remove = database_.cached("DELETE FROM centroids WHERE collection = ?1");
    remove->bind(1, static_cast<std::int64_t>(record.id.value));
    return remove->run();
  }
  const auto centroids = encode_centroids(*record.centroids);
  auto place = database_.cached("INSERT OR REPLACE INTO centroids VALUES(?1, ?2)");
  place->bind(1, static_cast<std::int64_t>(record.id.value)).bind_blob(2, centroids);
  place->run();
}

void Catalog::set_applied(Seq seq, CollectionId id) {
  if (origin_.request) requests_.note(origin_.request, origin_.time_ms, {seq, id.value});
  origin_ = {};
  auto write = database_.cached("UPDATE meta SET value = max(value, ?1) WHERE key = 'applied_seq'");
  write->bind(1, static_cast<std::int64_t>(seq));
  write->run();
}

ShardRecord Catalog::shard(CollectionId collection, ShardId shard) {
  auto select =
      database_.cached("SELECT made, durable_seq FROM shards WHERE collection = ?1 AND shard = ?2");
  select->bind(1, static_cast<std::int64_t>(collection.value)).bind(2, std::int64_t{shard.value});
  if (!select->step()) return {};
  return {select->column_int(0) != 0, static_cast<Seq>(select->column_int(1))};
}

void Catalog::set_shard(CollectionId collection, ShardId shard, const ShardRecord& record) {
  auto write = database_.cached("INSERT OR REPLACE INTO shards VALUES(?1, ?2, ?3, ?4)");
  write->bind(1, static_cast<std::int64_t>(collection.value)).bind(2, std::int64_t{shard.value});
  write->bind(3, std::int64_t{record.made}).bind(4, static_cast<std::int64_t>(record.durable));
  write->run();
}

}  // namespace mosaic::storage
