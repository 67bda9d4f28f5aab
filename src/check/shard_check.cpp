#include "check/shard_check.hpp"

#include <tuple>

#include <fmt/format.h>

#include "base/checksum.hpp"
#include "check/lost_documents.hpp"

namespace mosaic::check {
namespace {

namespace fs = std::filesystem;
using storage::Database;

/// Counts of a shard are compared with its rows, not with those of other shards.
constexpr const char* kLiveVersions =
    "versions v WHERE NOT EXISTS (SELECT 1 FROM ended e WHERE e.row = v.row)";

std::int64_t meta_or(Database& database, std::string_view key, std::int64_t otherwise) {
  auto select = database.cached("SELECT value FROM meta WHERE key = ?1");
  select->bind_text(1, key);
  return select->step() ? select->column_int(0) : otherwise;
}

std::vector<std::string> first_column(Database& database, const std::string& sql) {
  std::vector<std::string> values;
  auto select = database.prepare(sql);
  while (select.step()) values.emplace_back(select.column_text(0));
  return values;
}

/// The checks of one shard's rows, each a finding when it fails.
class RowChecks {
 public:
  RowChecks(Scope& scope, const ShardPlace& place, const ShardCheck& check)
      : scope_(scope), place_(place), check_(check), database_(*check.database) {}

  void run() {
    check_count();
    check_live_versions();
    check_vectors();
    check_marks();
    check_seqs();
  }

 private:
  void damaged(std::string where, std::string what, std::string lost) {
    scope_.find(Severity::kTruth, place_.file, std::move(where), std::move(what), std::move(lost));
  }

  void check_count() {
    const auto counted = database_.query_int(fmt::format("SELECT count(*) FROM {}", kLiveVersions));
    const auto stored = meta_or(database_, "documents", -1);
    scope_.report().documents += static_cast<std::uint64_t>(counted);
    if (counted == stored) return;
    scope_.find_derived(Remedy::kCounts, place_.file, "table meta",
                        fmt::format("it counts {} live documents, there are {}", stored, counted));
  }

  void check_live_versions() {
    const auto twice = first_column(
        database_, fmt::format("SELECT id FROM {} GROUP BY id HAVING count(*) > 1", kLiveVersions));
    if (!twice.empty()) {
      damaged("table versions", fmt::format("two live versions of {}", few_of(twice)),
              "which of them is the right one");
    }
    if (place_.identity.by_centroid) return;
    std::vector<std::string> strange;
    for (auto& id : first_column(database_, fmt::format("SELECT id FROM {}", kLiveVersions))) {
      if (home_shard(id, place_.identity.shards) != place_.identity.shard)
        strange.push_back(std::move(id));
    }
    if (!strange.empty()) {
      damaged("table versions",
              fmt::format("{} live elsewhere by their ids: {}", strange.size(), few_of(strange)),
              "nothing that is known, but reads do not find them here");
    }
  }

  void check_vectors() {
    const auto wrong = first_column(
        database_,
        fmt::format(
            "SELECT coalesce((SELECT id FROM versions v WHERE v.row = x.row), 'row ' || row)"
            " FROM vectors x WHERE length(vector) <> {} OR NOT EXISTS "
            "(SELECT 1 FROM versions v WHERE v.row = x.row)",
            std::uint64_t{check_.dimension} * sizeof(float)));
    if (wrong.empty()) return;
    damaged("table vectors",
            fmt::format("{} vectors are not of {} dimensions, or of no document", wrong.size(),
                        check_.dimension),
            fmt::format("the vectors of {}", few_of(wrong)));
  }

  void check_marks() {
    for (const auto& [marks, rows, key] :
         {std::tuple{"ended", "versions", "row"}, std::tuple{"ended_edges", "edges", "edge"}}) {
      const auto orphans = database_.query_int(fmt::format(
          "SELECT count(*) FROM {0} m WHERE NOT EXISTS (SELECT 1 FROM {1} r WHERE r.{2} = m.{2})",
          marks, rows, key));
      if (orphans == 0) continue;
      damaged(fmt::format("table {}", marks), fmt::format("{} of its rows end nothing", orphans),
              fmt::format("as many rows of table {}", rows));
    }
  }

  void check_seqs() {
    for (const auto& [column, table] :
         {std::pair{"seq", "versions"}, std::pair{"seq_ended", "ended"}, std::pair{"seq", "edges"},
          std::pair{"seq_ended", "ended_edges"}}) {
      const auto newest = static_cast<Seq>(
          database_.query_int(fmt::format("SELECT coalesce(max({}), 0) FROM {}", column, table)));
      if (newest <= check_.applied) continue;
      damaged("table meta",
              fmt::format("it stands at entry {}, but table {} holds rows of entry {}",
                          check_.applied, table, newest),
              "where the shard stands in the log");
    }
  }

  Scope& scope_;
  const ShardPlace& place_;
  const ShardCheck& check_;
  Database& database_;
};

void judge_pages(Scope& scope, const ShardPlace& place, Database* database,
                 const std::vector<std::uint32_t>& pages) {
  const auto where = place_of_pages(pages);
  if (database == nullptr) {
    scope.find(Severity::kTruth, place.file, where, "damaged, and nothing of the file can be read",
               fmt::format("all documents of shard {}", place.identity.shard.value));
    return;
  }
  const auto losses = find_losses(*database);
  if (losses.none()) {
    scope.find_derived(Remedy::kRebuild, place.file, where,
                       "damaged, but they hold no rows of documents or links");
  } else {
    scope.find(Severity::kTruth, place.file, where, "damaged", describe(losses));
  }
}

void check_place_in_log(Scope& scope, const ShardPlace& place, const ShardCheck& check,
                        std::optional<Seq> log_last) {
  if (check.applied < place.record.durable) {
    scope.find(Severity::kTruth, place.file, "table meta",
               fmt::format("it stands at entry {}, but was once safe up to {}: it is an older copy",
                           check.applied, place.record.durable),
               fmt::format("what entries {} to {} did to this shard, as far as the log keeps them "
                           "no more",
                           check.applied + 1, place.record.durable));
  }
  if (log_last && check.applied > *log_last) {
    scope.find(
        Severity::kTruth, place.file, "table meta",
        fmt::format("it stands at entry {}, but the log ends at {}", check.applied, *log_last),
        fmt::format("entries {} to {} of the log", *log_last + 1, check.applied));
  }
}

/// False when it is not the shard that it should be: then nothing else of it is looked at.
bool check_identity(Scope& scope, const ShardPlace& place, Database& database) {
  try {
    storage::check_identity(database, place.identity);
    return true;
  } catch (const Failure& failure) {
    if (failure.error().code != ErrorCode::kCorruptData) throw;
    scope.find(Severity::kTruth, place.file, "table meta", failure.error().detail,
               fmt::format("all documents of shard {}", place.identity.shard.value));
    return false;
  }
}

}  // namespace

ShardCheck check_shard(Scope& scope, const ShardPlace& place, std::optional<Seq> log_last) {
  ShardCheck check;
  std::vector<std::uint32_t> pages;
  auto found = check_database(scope, place.file, "", pages);
  if (!pages.empty()) judge_pages(scope, place, found.database.get(), pages);
  if (found.database == nullptr || !pages.empty() || !found.structure_whole) return check;
  auto& database = *found.database;
  if (!check_identity(scope, place, database)) return check;
  check.applied = static_cast<Seq>(meta_or(database, "applied_seq", 0));
  check.index_seq = static_cast<Seq>(meta_or(database, "index_seq", 0));
  check.space = static_cast<Seq>(meta_or(database, "space", 0));
  check.dimension = static_cast<std::uint32_t>(meta_or(database, "dimension", 0));
  check_place_in_log(scope, place, check, log_last);
  check.database = std::move(found.database);
  RowChecks(scope, place, check).run();
  return check;
}

}  // namespace mosaic::check
