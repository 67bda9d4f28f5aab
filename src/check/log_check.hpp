// The log's folder: every file of the engine, every record and what it says. One thread.
#pragma once

#include <optional>

#include "check/scope.hpp"
#include "replication/raft_files.hpp"

namespace mosaic::check {

struct LogCheck {
  std::optional<Seq> last;  ///< its newest entry; none when that cannot be told
  Seq floor = 0;            ///< entries up to it have been forgotten
  std::vector<replication::LogDamage> damage;
};

/// Of the log in `folder`, which must exist. Findings come later, by report_log: what damage costs
/// depends on how far the shards have come.
LogCheck check_log(Scope& scope, const std::filesystem::path& folder);

/// `applied`: what every shard has at least applied; none when a shard cannot be read.
void report_log(Scope& scope, const std::filesystem::path& folder, const LogCheck& check,
                std::optional<Seq> applied);

}  // namespace mosaic::check
