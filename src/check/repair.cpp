#include "check/repair.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/durable_file.hpp"
#include "check/edge_check.hpp"
#include "check/snapshot_check.hpp"
#include "shard/index_file.hpp"
#include "storage/salvage.hpp"
#include "storage/text_tables.hpp"

namespace mosaic::check {
namespace {

namespace fs = std::filesystem;
using storage::Database;
using storage::OpenMode;
using storage::Transaction;

/// The findings about one file that a remedy is for.
std::vector<Finding*> findings_of(Scope& scope, const fs::path& file, Remedy remedy) {
  std::vector<Finding*> found;
  for (auto& finding : scope.report().findings) {
    if (finding.remedy == remedy && finding.file == scope.name_of(file)) found.push_back(&finding);
  }
  return found;
}

bool has_damaged_truth(Scope& scope, const fs::path& file) {
  const auto& findings = scope.report().findings;
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.severity == Severity::kTruth && finding.file == scope.name_of(file);
  });
}

/// Does `work` when something was found that it is for, and says so in each of these findings.
template <class Work>
void cure(Scope& scope, const fs::path& file, Remedy remedy, const std::string& done, Work&& work) {
  const auto findings = findings_of(scope, file, remedy);
  if (findings.empty()) return;
  work();
  for (auto* finding : findings) finding->repaired = done;
}

void count_anew(Database& database, const storage::ShardIdentity& identity) {
  Transaction transaction(database);
  storage::write_meta(database, "documents", database.query_int("SELECT count(*) FROM documents"));
  storage::write_meta(database, "edges", static_cast<std::int64_t>(live_links(database, identity)));
  transaction.commit();
}

void rebuild_text(Database& database) {
  Transaction transaction(database);
  for (const auto& table : storage::text_tables(database)) {
    storage::rebuild_text_table(database, table);
  }
  transaction.commit();
}

void repair_rows(Scope& scope, const ShardPlace& place) {
  const auto in_file = [&](auto work) {
    return [&, work] {
      Database database(place.file, OpenMode::kReadWrite);
      work(database);
      database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    };
  };
  cure(scope, place.file, Remedy::kReindex, "made its indexes anew",
       in_file([](Database& database) { database.execute("REINDEX"); }));
  cure(scope, place.file, Remedy::kText, "made the text index anew from the rows",
       in_file([](Database& database) { rebuild_text(database); }));
  cure(scope, place.file, Remedy::kCounts, "counted anew",
       in_file([&](Database& database) { count_anew(database, place.identity); }));
}

void repair_shard(Scope& scope, const ShardPlace& place) {
  const auto index = shard::index_path(place.file);
  cure(scope, index, Remedy::kRemove, "removed it, the node will make it anew",
       [&] { fs::remove(index); });
  if (has_damaged_truth(scope, place.file)) return;
  const auto end = [&] { storage::end_wal(place.file); };
  cure(scope, place.file, Remedy::kEndWal, "wrote them anew from it", end);
  cure(scope, place.file.string() + "-wal", Remedy::kEndWal,
       "kept what is whole of it, the node's log repeats the rest", end);
  cure(scope, place.file, Remedy::kRebuild, "made the file anew from the rows of its tables",
       [&] { storage::rebuild_database(place.file); });
  repair_rows(scope, place);
}

void copy_link(Database& from, std::int64_t edge, Database& to) {
  auto select = from.cached("SELECT source, target, kind, weight, seq FROM edges WHERE edge = ?1");
  select->bind(1, edge);
  if (!select->step()) return;
  auto insert =
      to.cached("INSERT INTO edges(source, target, kind, weight, seq) VALUES(?1, ?2, ?3, ?4, ?5)");
  insert->bind_text(1, select->column_text(0)).bind_text(2, select->column_text(1));
  insert->bind_text(3, select->column_text(2)).bind(4, select->column_double(3));
  insert->bind(5, select->column_int(4)).run();
}

void mirror_anew(Database& home, Database& mirror, const MirrorPair& pair, Seq seq) {
  const auto difference = compare_links(home, mirror, pair, seq);
  Transaction transaction(mirror);
  auto remove = mirror.cached("DELETE FROM edges WHERE edge = ?1");
  for (const auto edge : difference.extra) {
    remove->bind(1, edge);
    remove->run();
  }
  for (const auto edge : difference.missing) copy_link(home, edge, mirror);
  transaction.commit();
}

/// Links are compared as of one entry; only when all shards stand there is what came later known.
bool stand_together(const std::vector<ShardCheck>& shards) {
  return std::all_of(shards.begin(), shards.end(), [&](const ShardCheck& shard) {
    return shard.applied == shards.front().applied;
  });
}

void repair_mirrors(Scope& scope, const CollectionPlace& collection) {
  const auto needed =
      std::any_of(collection.shards.begin(), collection.shards.end(), [&](const ShardPlace& place) {
        return !findings_of(scope, place.file, Remedy::kMirror).empty();
      });
  if (!needed) return;
  std::vector<ShardCheck> shards;
  for (const auto& place : collection.shards) {
    if (has_damaged_truth(scope, place.file) || !fs::exists(place.file)) return;
    auto& shard = shards.emplace_back();
    shard.database = std::make_unique<Database>(place.file, OpenMode::kReadWrite);
    shard.applied = static_cast<Seq>(storage::read_meta(*shard.database, "applied_seq"));
  }
  if (!stand_together(shards)) return;
  for (const auto& pair : different_mirrors(collection.shards, shards)) {
    mirror_anew(*shards[pair.home.value].database, *shards[pair.mirror.value].database, pair,
                common_seq(shards));
    const auto& file = collection.shards[pair.mirror.value].file;
    for (auto* finding : findings_of(scope, file, Remedy::kMirror)) {
      finding->repaired = "took them from the home of their sources";
    }
  }
}

void describe_anew(Scope& scope, const SnapshotPlace& place) {
  const auto list = place.folder / "snapshot.json";
  if (!fs::is_directory(place.folder)) return;
  cure(scope, list, Remedy::kDescribe, "wrote it anew from the catalog",
       [&] { write_durably(list, description_of(place)); });
}

}  // namespace

void repair_derived(Scope& scope, const CatalogCheck& catalog) {
  const auto ports = scope.root() / kPortsFile;
  cure(scope, ports, Remedy::kRemove, "removed it, the node will choose others",
       [&] { fs::remove(ports); });
  for (const auto& collection : catalog.collections) {
    for (const auto& place : collection.shards) repair_shard(scope, place);
    repair_mirrors(scope, collection);
    for (const auto& place : collection.snapshots) describe_anew(scope, place);
  }
}

}  // namespace mosaic::check
