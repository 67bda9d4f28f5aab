#include "check/log_check.hpp"

#include <fmt/format.h>

#include "base/failure.hpp"
#include "replication/log_identity.hpp"

namespace mosaic::check {
namespace {

namespace fs = std::filesystem;
using replication::Record;

template <class T>
std::optional<Error> error_of(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

/// What the body of a record says must be readable, too. Kinds that carry nothing but numbers are
/// covered by the record's checksum.
std::optional<Error> body_error(const Record& record) {
  switch (record.kind) {
    case EntryKind::kWrite:
      return error_of(decode_write(record.body));
    case EntryKind::kCreateCollection:
      return error_of(decode_collection(record.body));
    case EntryKind::kPatchCollection:
      return error_of(decode_settings(record.body));
    case EntryKind::kPageRank:
      return error_of(decode_pagerank(record.body));
    case EntryKind::kSetCentroids:
      return error_of(decode_centroids(record.body));
    case EntryKind::kMove:
      return error_of(decode_move(record.body));
    case EntryKind::kStageVectors:
      return error_of(decode_staged(record.body));
    case EntryKind::kSetReplicas:
      return error_of(decode_replica_change(record.body));
    default:
      return std::nullopt;
  }
}

}  // namespace

LogCheck check_log(Scope& scope, const fs::path& folder) {
  LogCheck check;
  std::int64_t base = 0;
  const auto identity = replication::read_identity(folder);
  if (!identity) {
    check.damage.push_back({replication::kIdentityFile, identity.error().detail});
  } else if (*identity) {
    base = (*identity)->base;
  }
  Seq carried = 0;
  std::vector<replication::LogDamage> unreadable;
  auto found =
      replication::inspect_log(folder, [&](replication::Index index, const Record& record) {
        carried = std::max(carried, record.carried);
        ++scope.report().entries;
        if (const auto error = body_error(record)) {
          unreadable.push_back({"", fmt::format("entry {}: {}", index, error->detail)});
        }
      });
  if (!found.superseded.empty()) found.damage.push_back({"", found.superseded});
  for (auto* more : {&found.damage, &unreadable}) {
    check.damage.insert(check.damage.end(), more->begin(), more->end());
  }
  check.floor = found.floor;
  if (!check.damage.empty()) return check;
  const auto last = static_cast<std::int64_t>(found.last) + base;
  check.last = std::max(carried, static_cast<Seq>(std::max<std::int64_t>(last, 0)));
  return check;
}

void report_log(Scope& scope, const fs::path& folder, const LogCheck& check,
                std::optional<Seq> applied) {
  const auto lost =
      applied ? fmt::format(
                    "what was written after entry {}, as far as the damaged part held it: "
                    "all before is in the shards",
                    *applied)
              : std::string("what its damaged part held, as far as it is not in the shards");
  for (const auto& damage : check.damage) {
    scope.find(Severity::kTruth, damage.file.empty() ? folder : folder / damage.file, "",
               damage.detail, lost);
  }
}

}  // namespace mosaic::check
