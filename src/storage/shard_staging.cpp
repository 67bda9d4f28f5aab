// The part of the writer that stages vectors of another embedder and puts them in force.
#include <fmt/format.h>

#include "storage/schema.hpp"
#include "storage/shard_writer.hpp"
#include "storage/vector_bytes.hpp"

namespace mosaic::storage {

void ShardWriter::begin_staging(const Reembedding& next, Seq seq) {
  if (space_.staging != 0) return;
  database_.execute(kStagingSchema);
  space_.staging = seq;
  space_.staging_dimension = next.dimension;
}

void ShardWriter::stage(const StagedVectors& staged) {
  if (staged.generation != space_.staging) return;
  for (const auto& item : staged.items) {
    if (!item.vector.empty() && item.vector.size() != space_.staging_dimension) {
      throw Failure(ErrorCode::kCorruptData,
                    fmt::format("the staged vector of '{}' has {} dimensions, not {}", item.id,
                                item.vector.size(), space_.staging_dimension));
    }
    if (!may_hold(item.id)) continue;
    const auto live = find_live(item.id);
    if (!live || live->seq != item.written) continue;
    unstage(live->row);
    auto store = database_.cached("INSERT INTO staged_vectors(row, vector) VALUES(?1, ?2)");
    store->bind(1, live->row).bind_blob(2, as_bytes(item.vector));
    store->run();
    count_staged(static_cast<std::int64_t>(item.vector.size()), 1);
  }
}

bool ShardWriter::switch_space(Seq generation, Seq seq) {
  if (generation != space_.staging || generation == 0) return false;
  // Renamed, not copied: it takes no longer for more vectors, and hardly any room in the WAL.
  database_.execute(
      "DELETE FROM staged_vectors WHERE length(vector) = 0; DROP TABLE vectors; "
      "ALTER TABLE staged_vectors RENAME TO vectors");
  space_ = {.seq = seq, .dimension = space_.staging_dimension};
  history_.space_switched(seq);
  // The centroids that documents moved to were of the old vectors.
  if (moving_ != 0) set_moving(0);
  return true;
}

void ShardWriter::cancel_staging(Seq generation) {
  if (generation != space_.staging || generation == 0) return;
  database_.execute("DROP TABLE staged_vectors");
  space_ = {.seq = space_.seq, .dimension = space_.dimension};
}

void ShardWriter::unstage(Row row) {
  if (space_.staging == 0) return;
  auto remove =
      database_.cached("DELETE FROM staged_vectors WHERE row = ?1 RETURNING length(vector)");
  remove->bind(1, row);
  if (remove->step()) count_staged(remove->column_int(0), -1);
}

void ShardWriter::count_staged(std::int64_t bytes, int change) {
  auto& count = bytes == 0 ? space_.without : space_.staged;
  count += static_cast<std::uint64_t>(change);
}

}  // namespace mosaic::storage
