#include "storage/graph_reader.hpp"

#include "base/checksum.hpp"
#include "storage/shard_file.hpp"

namespace mosaic::storage {
namespace {

/// Rows and links are numbered in the order in which they came, so the first one after `as_of` ends
/// a walk. `position` is the column of the seq; the next one holds the seq that ended it, or null.
bool is_later(const Statement& row, int position, Seq as_of) {
  return static_cast<Seq>(row.column_int(position)) > as_of;
}

bool was_live(const Statement& row, int position, Seq as_of) {
  return row.is_null(position + 1) || is_later(row, position + 1, as_of);
}

}  // namespace

Walked GraphReader::documents(Seq as_of, Row after, std::size_t limit,
                              const std::function<void(std::string_view)>& visit) {
  auto select = database_.cached(
      "SELECT v.row, v.id, coalesce(a.seq, v.seq), e.seq_ended FROM versions v "
      "LEFT JOIN arrivals a ON a.row = v.row LEFT JOIN ended e ON e.row = v.row "
      "WHERE v.row > ?1 ORDER BY v.row LIMIT ?2");
  select->bind(1, after).bind(2, static_cast<std::int64_t>(limit));
  Walked walked{after, 0};
  while (select->step() && !is_later(*select, 2, as_of)) {
    walked = {select->column_int(0), walked.looked_at + 1};
    if (was_live(*select, 2, as_of)) visit(select->column_text(1));
  }
  return walked;
}

Walked GraphReader::edges(Seq as_of, std::int64_t after, std::size_t limit,
                          const std::function<void(const EdgeFields&)>& visit) {
  const ShardId here{static_cast<std::uint32_t>(read_meta(database_, "shard"))};
  const auto shards = static_cast<std::uint32_t>(read_meta(database_, "shards"));
  auto select = database_.cached(
      "SELECT g.edge, g.source, g.target, g.weight, g.seq, x.seq_ended FROM edges g "
      "LEFT JOIN ended_edges x ON x.edge = g.edge WHERE g.edge > ?1 ORDER BY g.edge LIMIT ?2");
  select->bind(1, after).bind(2, static_cast<std::int64_t>(limit));
  Walked walked{after, 0};
  while (select->step() && !is_later(*select, 4, as_of)) {
    walked = {select->column_int(0), walked.looked_at + 1};
    const auto source = select->column_text(1);
    if (!was_live(*select, 4, as_of) || home_shard(source, shards) != here) continue;
    visit({source, select->column_text(2), select->column_double(3)});
  }
  return walked;
}

}  // namespace mosaic::storage
