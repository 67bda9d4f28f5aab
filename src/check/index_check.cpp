#include "check/index_check.hpp"

#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "index/graph/graph_file.hpp"
#include "shard/index_file.hpp"

namespace mosaic::check {
namespace {

namespace fs = std::filesystem;
using index::GraphFile;

void damaged(Scope& scope, const fs::path& file, std::string place, std::string what) {
  scope.find_derived(Remedy::kRemove, file, std::move(place), std::move(what));
}

/// False when a row has another id or vector in the shard's file. One that was purged has none.
bool agrees(storage::Database& database, const index::StoredVector& stored,
            std::uint32_t dimension) {
  auto select = database.cached(
      "SELECT id, vector FROM versions v LEFT JOIN vectors x ON x.row = v.row WHERE v.row = ?1");
  select->bind(1, stored.row);
  if (!select->step()) return true;
  const auto vector = select->column_blob(1);
  return select->column_text(0) == stored.id && vector.size() == dimension * sizeof(float) &&
         std::memcmp(vector.data(), stored.vector, vector.size()) == 0;
}

void check_nodes(Scope& scope, const fs::path& file, const GraphFile& graph,
                 const ShardCheck& shard) {
  for (index::Node node = 0; node < graph.nodes(); ++node) {
    const auto stored = graph.stored(node);
    if (!stored) {
      return damaged(scope, file, fmt::format("node {}", node),
                     "its vector does not match its checksum");
    }
    if (shard.database != nullptr && !agrees(*shard.database, *stored, shard.dimension)) {
      return damaged(scope, file, fmt::format("node {}", node),
                     fmt::format("its vector is not that of row {} of the shard", stored->row));
    }
  }
}

void check_contents(Scope& scope, const fs::path& file, const GraphFile& graph,
                    const ShardCheck& shard) {
  if (!graph.links().verify(0, graph.links().size())) {
    return damaged(scope, file, "links", "they do not match their checksums");
  }
  if (!graph.codes().verify(0, graph.codes().size())) {
    return damaged(scope, file, "codes", "they do not match their checksums");
  }
  check_nodes(scope, file, graph, shard);
  if (!graph.intact()) damaged(scope, file, "", "a part of it is missing");
}

}  // namespace

void check_index(Scope& scope, const ShardPlace& place, const ShardCheck& shard) {
  const auto file = shard::index_path(place.file);
  if (!fs::exists(file)) {
    if (shard.index_seq == 0) return;
    return scope.find(Severity::kNote, file, "", "it is missing, the node will make it anew");
  }
  const bool readable = shard.database != nullptr;
  const auto graph =
      GraphFile::open(file, {place.identity.collection, place.identity.shard, place.metric,
                             readable ? shard.dimension : place.identity.dimension,
                             readable ? shard.applied : std::numeric_limits<Seq>::max()});
  scope.bytes_read()(fs::file_size(file));
  if (!graph && graph.error().code == ErrorCode::kNotFound) {
    return scope.find(Severity::kNote, file, "",
                      "it is of another format, the node will make it anew");
  }
  if (!graph && graph.error().code != ErrorCode::kCorruptData) throw Failure(graph.error());
  if (!graph) return damaged(scope, file, "", graph.error().detail);
  const auto seq = (*graph)->parameters().seq;
  if (seq < shard.space) {
    return scope.find(Severity::kNote, file, "",
                      "it is of the vectors before a re-embedding, the node will make it anew");
  }
  if (seq < shard.index_seq) {
    return damaged(scope, file, "",
                   fmt::format("it covers its shard up to entry {}, but one up to {} was made: it "
                               "is an older copy",
                               seq, shard.index_seq));
  }
  check_contents(scope, file, **graph, shard);
}

}  // namespace mosaic::check
