// Reads libraft's files (0.15) without changing them: what a log holds, and whether it is whole.
// libraft itself cuts a segment that was being written at the first batch that it cannot read, and
// with it every acknowledged entry that comes after one flipped bit; so its files are looked at
// before it opens them.
//
// A segment is a format word, then batches: CRC of the header, CRC of the data, the number of
// entries, for each its term, type and size, then their data. `first-last` is closed, `open-N` is
// or was being written and ends in zeros.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "replication/record.hpp"
#include "replication/retained_log.hpp"

namespace mosaic::replication {

struct LogDamage {
  std::string file;    ///< its name in the log's folder
  std::string detail;  ///< what, and where in it
};

struct LogInspection {
  Index first = 0;            ///< of the entries in the segments; 0: none
  Index last = 0;             ///< 0: none, and no snapshot either
  Seq floor = 0;              ///< entries up to it have been forgotten, as far as that is known
  std::uint64_t records = 0;  ///< entries of ours among them
  bool fresh = false;         ///< nothing was ever written to it
  /// Says that its entries end before its snapshot. That came from another node, and a crash before
  /// they could be taken away; or, where there is no other node, entries are lost. Empty: they do
  /// not.
  std::string superseded = {};
  /// The segment whose first write was torn, so that it lacks its beginning: nothing in it was ever
  /// acknowledged, and libraft opens no log that has one. Empty: there is none.
  std::string unbegun = {};
  std::vector<LogDamage> damage;
};

using RecordVisit = std::function<void(Index, const Record&)>;

/// Checks every file in a log's folder and visits the records that can be read, in order. A batch
/// that was torn by a crash while it was written is no damage: nobody was told that it was stored.
/// Throws unavailable when the folder cannot be read.
LogInspection inspect_log(const std::filesystem::path& folder, const RecordVisit& visit = {});

}  // namespace mosaic::replication
