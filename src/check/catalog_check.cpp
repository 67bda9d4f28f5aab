#include "check/catalog_check.hpp"

#include <fmt/format.h>

namespace mosaic::check {
namespace {

namespace fs = std::filesystem;
using storage::Database;

constexpr const char* kLost =
    "which collections there are and how far their shards were safe; documents are in the shards";
constexpr const char* kInLog =
    "nothing that the log does not hold: without the file the node makes it anew from there";

storage::ShardRecord record_of(Database& database, CollectionId id, std::uint32_t shard) {
  auto select =
      database.cached("SELECT made, durable_seq FROM shards WHERE collection = ?1 AND shard = ?2");
  select->bind(1, static_cast<std::int64_t>(id.value)).bind(2, std::int64_t{shard});
  if (!select->step()) return {};
  return {select->column_int(0) != 0, static_cast<Seq>(select->column_int(1))};
}

/// Versions before knew no replicas.
bool is_placed(Database& database, CollectionId id, std::uint32_t shard) {
  if (database.query_int("SELECT count(*) FROM sqlite_master WHERE name = 'replicas'") == 0)
    return false;
  auto select =
      database.cached("SELECT count(*) FROM replicas WHERE collection = ?1 AND shard = ?2");
  select->bind(1, static_cast<std::int64_t>(id.value)).bind(2, std::int64_t{shard});
  return select->step() && select->column_int(0) > 0;
}

CollectionPlace place_of(const fs::path& root, Database& database, CollectionId id,
                         const CollectionEntry& entry) {
  const auto& settings = entry.settings;
  CollectionPlace place;
  place.folder = root / "collections" / fmt::format("{}-{}", settings.name, id.value);
  for (std::uint32_t shard = 0; shard < settings.shards; ++shard) {
    place.shards.push_back({place.folder / fmt::format("shard-{}.db", shard),
                            {id,
                             {shard},
                             settings.shards,
                             settings.dimension,
                             is_by_centroid(settings),
                             entry.origin.space},
                            record_of(database, id, shard),
                            settings.metric,
                            is_placed(database, id, shard)});
  }
  return place;
}

/// Throws Failure for one that cannot be read.
std::vector<SnapshotPlace> snapshots_of(const fs::path& root, Database& database, CollectionId id,
                                        const std::string& name) {
  std::vector<SnapshotPlace> places;
  auto select = database.cached(
      "SELECT snapshot, state FROM snapshots WHERE collection = ?1 AND kept = 1 ORDER BY seq");
  select->bind(1, static_cast<std::int64_t>(id.value));
  while (select->step()) {
    SnapshotRecord record{or_throw(decode_snapshot(select->column_blob(0))), true, {}};
    auto state = or_throw(decode_state(select->column_blob(1)));
    auto folder = root / "snapshots" / fmt::format("{}-{}", name, id.value) / record.snapshot.name;
    places.push_back({std::move(folder), std::move(record), std::move(state.collection.settings)});
  }
  return places;
}

void read_snapshots(Scope& scope, const fs::path& file, Database& database, CollectionId id,
                    const std::string& name, CollectionPlace& place) {
  auto found = to_result([&] { return snapshots_of(scope.root(), database, id, name); });
  if (found) {
    place.snapshots = std::move(*found);
  } else {
    scope.find(Severity::kTruth, file, "table snapshots", found.error().detail,
               fmt::format("which snapshots collection '{}' has", name));
  }
}

void read_collections(Scope& scope, const fs::path& file, Database& database, CatalogCheck& check) {
  auto select = database.prepare("SELECT id, name, settings FROM collections ORDER BY id");
  while (select.step()) {
    const CollectionId id{static_cast<Seq>(select.column_int(0))};
    const auto entry = decode_collection(select.column_blob(2));
    if (entry) {
      auto& place = check.collections.emplace_back(place_of(scope.root(), database, id, *entry));
      read_snapshots(scope, file, database, id, entry->settings.name, place);
    } else {
      scope.find(Severity::kTruth, file, fmt::format("row {} of table collections", id.value),
                 entry.error().detail,
                 fmt::format("the settings of collection '{}'", select.column_text(1)));
    }
  }
}

/// Versions before knew no nodes.
bool knows_others(Database& database) {
  const auto tables = database.query_int("SELECT count(*) FROM sqlite_master WHERE name = 'nodes'");
  return tables > 0 && database.query_int("SELECT count(*) FROM nodes WHERE length(node) > 0") > 1;
}

}  // namespace

CatalogCheck check_catalog(Scope& scope, std::optional<Seq> log_last, Seq log_floor) {
  CatalogCheck check;
  const auto file = scope.root() / "catalog.db";
  const auto* lost = log_last.value_or(0) > 0 && log_floor == 0 ? kInLog : kLost;
  if (!fs::exists(file)) {
    scope.find(Severity::kTruth, file, "", "it is missing", lost);
    return check;
  }
  std::vector<std::uint32_t> pages;
  auto found = check_database(scope, file, lost, pages);
  if (!pages.empty()) {
    scope.find(Severity::kTruth, file, place_of_pages(pages), "damaged", lost);
  }
  if (found.database == nullptr || !pages.empty() || !found.structure_whole) return check;
  check.applied = static_cast<Seq>(
      found.database->query_int("SELECT value FROM meta WHERE key = 'applied_seq'"));
  read_collections(scope, file, *found.database, check);
  scope.report().collections = check.collections.size();
  check.has_company = knows_others(*found.database);
  check.readable = true;
  const auto known = static_cast<Seq>(found.database->query_int(
      "SELECT coalesce(max(value), 0) FROM meta WHERE key = 'log_floor'"));
  if (known < log_floor) {
    scope.find(Severity::kTruth, file, "table meta",
               fmt::format("it is an older copy: the log has forgotten entries up to {}, and it "
                           "knows of that only up to {}",
                           log_floor, known),
               kLost);
  }
  if (log_last && check.applied > *log_last) {
    scope.find(
        Severity::kTruth, file, "table meta",
        fmt::format("it stands at entry {}, but the log ends at {}", check.applied, *log_last),
        fmt::format("entries {} to {} of the log", *log_last + 1, check.applied));
  }
  return check;
}

}  // namespace mosaic::check
