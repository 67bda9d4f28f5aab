#include "index/graph/graph.hpp"

#include "base/failure.hpp"
#include "index/graph/hot_arrays.hpp"

namespace mosaic::index {
namespace {

/// Of nodes that had ended before the file was written, when is not known any more.
constexpr Seq kEndedBefore = 1;

}  // namespace

Graph::Graph(std::shared_ptr<const GraphFile> file)
    : file_(std::move(file)),
      quantizer_(file_->parameters().codes),
      node_map_(file_->rows()),
      ended_(static_cast<std::atomic<Seq>*>(std::calloc(file_->nodes(), sizeof(Seq)))),
      live_(file_->live_count()) {
  if (ended_ == nullptr) throw Failure(ErrorCode::kUnavailable, "no memory for a vector index");
  if (file_->live_count() == file_->nodes()) return;
  for (Node node = 0; node < file_->nodes(); ++node) {
    if (!file_->live(node)) ended_[node].store(kEndedBefore, std::memory_order_relaxed);
  }
}

Graph::~Graph() = default;

Status Graph::load_hot(const std::atomic<bool>& stop) {
  if (hot_owner_) return {};
  auto loaded = HotArrays::load(*file_, stop);
  if (!loaded) return loaded.error();
  hot_owner_ = std::move(*loaded);
  hot_.store(hot_owner_.get(), std::memory_order_release);
  if (hot_owner_) file_->release_hot_pages();
  return {};
}

Graph::Walkable Graph::walkable() const {
  const auto* hot = hot_.load(std::memory_order_acquire);
  WalkGraph graph;
  graph.link_stride = file_->link_stride();
  graph.degree = 2 * parameters().m;
  graph.code_bytes = quantizer_.code_bytes();
  graph.nodes = file_->nodes();
  graph.entry = parameters().entry;
  graph.levels = file_->levels();
  graph.m = parameters().m;
  if (hot != nullptr) {
    graph.links = hot->links();
    graph.codes = hot->codes();
  } else {
    graph.links = file_->links().data();
    graph.codes = file_->codes().data();
    graph.links_file = &file_->links();
    graph.codes_file = &file_->codes();
  }
  return {graph, walk_loops(quantizer_.kind(), quantizer_.blocks(), hot != nullptr)};
}

bool Graph::end(Row row, Seq seq_ended) {
  const auto node = file_->find(row);
  if (!node || ended(*node) != 0) return false;
  ended_[*node].store(seq_ended, std::memory_order_relaxed);
  live_.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

std::size_t Graph::memory_bytes() const {
  const auto* hot = hot_.load(std::memory_order_acquire);
  return (hot != nullptr ? hot->bytes() : 0) + node_map_.bytes() +
         (file_->nodes() - live()) * sizeof(Seq);
}

}  // namespace mosaic::index
