#include "replication/log_opening.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "replication/term_file.hpp"

namespace mosaic::replication {

LogIdentity identity_for(const RaftLogOptions& options) {
  const auto& folder = options.folder;
  make_durable_folder(folder);
  const auto known = or_throw(read_identity(folder));
  if (known && !known->whole && !options.carrying) {
    throw Failure(ErrorCode::kCorruptData,
                  "the log was being carried over from log.db, which is gone");
  }
  // One that nobody has added yet may be told of another log to join.
  const bool is_waiting = known && known->joins && options.joins && !has_metadata(folder);
  if (known && (!is_waiting || known->base == options.base)) return *known;
  auto fresh = known.value_or(new_identity());
  if (!known && options.id != 0) fresh.node = options.id;
  fresh.joins = options.joins;
  if (options.joins) fresh.base = options.base;
  write_identity(folder, fresh);
  return fresh;
}

LogInspection require_sound(const RaftLogOptions& options) {
  auto found = inspect_log(options.folder);
  if (!found.superseded.empty() && !options.may_be_behind)
    found.damage.push_back({"", found.superseded});
  if (found.damage.empty()) return found;
  const auto& first = found.damage.front();
  throw Failure(
      ErrorCode::kCorruptData,
      fmt::format(
          "the log is damaged: {}: {}{}. Nothing has been changed; `mosaic check` tells more",
          first.file, first.detail,
          found.damage.size() > 1 ? fmt::format(" ({} more)", found.damage.size() - 1) : ""));
}

LogInspection require_fit(const RaftLogOptions& options, std::int64_t base) {
  auto found = require_sound(options);
  const auto end = std::max<std::int64_t>(static_cast<std::int64_t>(found.last) + base, 0);
  if (static_cast<Seq>(end) < options.applied) {
    throw Failure(ErrorCode::kCorruptData,
                  fmt::format("the log ends at seq {} but this node has applied {}: the log has "
                              "lost entries. Nothing has been changed",
                              end, options.applied));
  }
  if (options.may_be_behind || found.floor <= options.floor.value_or(found.floor)) return found;
  throw Failure(ErrorCode::kCorruptData,
                fmt::format("catalog.db is not there or an older copy: the log holds nothing up to "
                            "seq {}, and the catalog knows of that only up to {}. The shards are "
                            "as they were; put the right catalog.db back, or restore the folder",
                            found.floor, *options.floor));
}

void remove_unbegun(const std::filesystem::path& folder, const LogInspection& found) {
  std::error_code failed;
  if (!found.unbegun.empty()) std::filesystem::remove(folder / found.unbegun, failed);
}

}  // namespace mosaic::replication
