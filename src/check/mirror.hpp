// Links of one shard that another one mirrors, compared without holding them all. The databases are
// the caller's, as is its thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/entry.hpp"
#include "storage/database.hpp"

namespace mosaic::check {

/// A view of a row.
struct MirrorLink {
  std::int64_t edge = 0;
  std::string_view source, target, kind;
  double weight = 1;
  Seq seq = 0;
};

/// Those that were live at `seq`.
void for_each_link(storage::Database& database, Seq seq,
                   const std::function<void(const MirrorLink&)>& visit);

/// The links of documents at `home` whose targets are at `mirror`, of so many shards.
struct MirrorPair {
  ShardId home;
  ShardId mirror;
  std::uint32_t shards = 1;

  bool holds(const MirrorLink& link) const;
};

/// The sum over the links of each pair, as of a seq: equal on both sides when the links are.
struct LinkTotal {
  std::uint64_t links = 0;
  std::uint64_t sum = 0;
  std::uint64_t squares = 0;
  friend bool operator==(const LinkTotal&, const LinkTotal&) = default;
};

/// By the other shard: of the links that start at `shard` and are mirrored there, and of those that
/// are mirrored here.
struct LinkTotals {
  std::unordered_map<std::uint32_t, LinkTotal> mirrored_at;
  std::unordered_map<std::uint32_t, LinkTotal> from;
};

LinkTotals link_totals(storage::Database& database, ShardId shard, std::uint32_t shards, Seq seq);

struct MirrorDifference {
  std::vector<std::int64_t> missing;  ///< edges of the home that the mirror lacks
  std::vector<std::int64_t> extra;    ///< edges of the mirror that the home lacks
};

/// The links themselves, as of `seq`, which both have applied. Holds those of the home in memory.
MirrorDifference compare_links(storage::Database& home, storage::Database& mirror,
                               const MirrorPair& pair, Seq seq);

}  // namespace mosaic::check
