#include "shard/index_file.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/failure.hpp"
#include "index/graph/graph_builder.hpp"

namespace mosaic::shard {
namespace {

namespace fs = std::filesystem;

/// Of the sources that a task builds from, how many its step takes. Never less than the present
/// graph covers: its vectors are in memory no more.
std::size_t rows_of(const IndexTask& task, const std::vector<index::SourceVector>& sources) {
  std::size_t covered = 0;
  if (const auto& graph = task.view.graph()) {
    const auto last = graph->parameters().last_row;
    const auto beyond = std::upper_bound(
        sources.begin(), sources.end(), last,
        [](Row row, const index::SourceVector& source) { return row < source.row; });
    covered = static_cast<std::size_t>(beyond - sources.begin());
  }
  return std::min(std::max(task.step.rows, covered), sources.size());
}

Row last_row_of(const IndexTask& task, const std::vector<index::SourceVector>& sources) {
  const auto covered = task.view.graph() ? task.view.graph()->parameters().last_row : 0;
  return std::max(covered, sources.back().row);
}

template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw Failure(result.error());
  return std::move(*result);
}

/// A new file that cannot be read back is the disk's failure, not damage of what is served.
template <class T>
T as_written(Result<T> result) {
  if (!result) throw Failure(ErrorCode::kUnavailable, result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

fs::path index_path(const fs::path& shard) {
  return fs::path(shard).replace_extension(".index");
}

std::uint64_t shard_bytes_on_disk(const fs::path& shard) {
  std::error_code missing;
  const auto index = fs::file_size(index_path(shard), missing);
  return storage::bytes_on_disk(shard) + (missing ? 0 : index);
}

IndexFile::IndexFile(const fs::path& shard, const storage::ShardIdentity& identity, Metric metric)
    : shard_(shard), path_(index_path(shard)), identity_(identity), metric_(metric) {}

Result<std::shared_ptr<index::Graph>> IndexFile::open(const IndexStand& stand) const {
  index::remove_unfinished(path_);
  const auto file = index::GraphFile::open(
      path_, {identity_.collection, identity_.shard, metric_, stand.dimension, stand.applied});
  if (file && (*file)->parameters().seq < stand.space) {
    // A build that ended while the shard went over to another embedder.
    remove();
    return std::shared_ptr<index::Graph>();
  }
  if (file && (*file)->parameters().seq < stand.made) {
    return Error{
        ErrorCode::kCorruptData,
        fmt::format("'{}' covers its shard up to seq {}, but one up to {} was made: it is an "
                    "older copy",
                    path_.filename().string(), (*file)->parameters().seq, stand.made)};
  }
  if (file) return std::make_shared<index::Graph>(*file);
  if (file.error().code != ErrorCode::kNotFound) return file.error();
  remove();  // one of another format
  return std::shared_ptr<index::Graph>();
}

std::optional<index::BuildStep> IndexFile::next_step(const index::VectorView& view,
                                                     const IndexWish& wish) const {
  index::IndexSituation now;
  if (const auto& graph = view.graph()) {
    now.graph = graph->parameters();
    // Rows that end meanwhile are no longer among the nodes, but still among what the view shows.
    now.nodes_live = std::min(graph->live(), view.live());
  }
  now.tail_live = view.live() - now.nodes_live;
  now.metric = metric_;
  now.quantization = wish.quantization;
  now.settings = wish.settings;
  return index::next_build(now);
}

std::shared_ptr<index::Graph> IndexFile::build(const IndexTask& task,
                                               const std::atomic<bool>& stop) const {
  const bool extend = task.step.what == index::BuildStep::What::kExtend;
  auto sources = value_or_throw(task.view.sources(extend));
  sources.resize(rows_of(task, sources));
  if (sources.empty()) return nullptr;
  index::BuildOptions options;
  options.collection = identity_.collection;
  options.shard = identity_.shard;
  options.metric = metric_;
  options.quantization = task.wish.quantization;
  options.dimension = task.view.dimension();
  options.m = task.wish.settings.m;
  options.ef_construction = task.wish.settings.ef_construction;
  options.threads = task.threads;
  options.seq = task.view.seq();
  options.last_row = last_row_of(task, sources);
  const auto* base = extend ? &task.view.graph()->file() : nullptr;
  const auto contents =
      index::build_graph(options, std::move(sources), base, stop, [](std::size_t) {});
  if (!contents || stop) return nullptr;
  storage::sync_wal(shard_);
  index::write_graph_file(path_, *contents);
  // The present graph's file was right before it was copied; only if it still is, so is the copy.
  if (const auto again = task.view.sources(extend); !again) {
    remove();
    throw Failure(again.error());
  }
  auto graph = as_written(open({options.dimension, options.seq, options.seq, 0}));
  if (!graph) throw Failure(ErrorCode::kUnavailable, "the index file is gone after it was written");
  as_written(graph->load_hot(stop));
  return graph;
}

void IndexFile::remove() const {
  std::error_code failed;  // What is left is found, and judged, when the shard is opened next.
  fs::remove(path_, failed);
}

}  // namespace mosaic::shard
