#include "index/graph/graph_builder.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <mutex>
#include <span>
#include <thread>

#include "base/failure.hpp"
#include "base/log.hpp"
#include "index/graph/code_choice.hpp"
#include "index/graph/copies.hpp"
#include "index/graph/hnsw.hpp"

namespace mosaic::index {
namespace {

/// A thread that builds gets about a tenth of what one that searches gets where both want a core.
constexpr int kNiceness = 10;
constexpr std::size_t kProgressStep = 500;

using Sources = std::span<const SourceVector>;

/// Whether what is new may be added to `base`.
bool extends(const BuildOptions& options, const GraphFile& base, Sources sources,
             const std::atomic<bool>& stop) {
  const auto& is = base.parameters();
  if (is.m != options.m || is.codes.metric != options.metric || is.wanted != options.quantization ||
      is.codes.dimension != options.dimension) {
    return false;
  }
  const auto fresh = sources.subspan(base.nodes());
  if (fresh.empty()) return true;
  const double clipped = clipped_share(is.codes, fresh);
  const CodeCheck check(options.metric, options.dimension, sources, base.nodes(), stop);
  const double recall = clipped > kClippedShareMax ? 0 : check.recall(is.codes);
  const double least = code_recall_least(is.codes.quantization);
  if (stop || recall >= least) return true;
  log::info(
      "shard {} of collection {}: the codes of its graph do not fit {} new vectors ({:.3f} of the "
      "numbers too large, {:.3f} of the nearest found): it is built anew",
      options.shard.value, options.collection.value, fresh.size(), clipped, recall);
  return false;
}

CodeFormat codes_for(const BuildOptions& options, Sources sources, const std::atomic<bool>& stop) {
  auto [format, recall] =
      choose_codes(options.metric, options.quantization, options.dimension, sources, stop);
  if (format.quantization != options.quantization) {
    log::warn(
        "shard {} of collection {}: quantization {} would find {:.3f} of the nearest vectors, {} "
        "is used in its place",
        options.shard.value, options.collection.value, to_string(options.quantization), recall,
        to_string(format.quantization));
  }
  return std::move(format);
}

void check_order(const GraphFile& base, Sources sources) {
  const auto rows = base.rows();
  if (sources.size() >= rows.size() &&
      std::equal(rows.begin(), rows.end(), sources.begin(),
                 [](Row row, const SourceVector& source) { return row == source.row; })) {
    return;
  }
  throw Failure(ErrorCode::kInternal,
                fmt::format("{} vectors do not begin with the {} of the graph to be extended",
                            sources.size(), rows.size()));
}

/// By the number of the node alone: the same however many threads build, and others for the nodes
/// that a later build adds. Exponential with the mean that the paper gives; no level is expected to
/// hold less than one node.
int level_of(Node node, const GraphParameters& parameters) {
  // SplitMix64 (Steele, Lea, Flood: OOPSLA 2014).
  std::uint64_t bits = (std::uint64_t{node} + 1) * 0x9e37'79b9'7f4a'7c15;
  bits = (bits ^ (bits >> 30)) * 0xbf58'476d'1ce4'e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d0'49bb'1331'11eb;
  bits ^= bits >> 31;
  const double share = static_cast<double>((bits >> 11) + 1) * 0x1p-53;  // above 0, up to 1
  const double most = std::log(parameters.nodes);
  return static_cast<int>(std::min(-std::log(share), most) / std::log(parameters.m));
}

/// Best effort: so that searches come first.
void lower_priority() {
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness);
}

/// Adds the originals among the nodes from `begin` on. Shared by the threads that do it.
class Addition {
 public:
  Addition(Hnsw& hnsw, const GraphContents& contents, const std::vector<Node>& originals,
           Node begin, const std::atomic<bool>& stop,
           const std::function<void(std::size_t)>& progress)
      : hnsw_(hnsw),
        contents_(contents),
        originals_(originals),
        quantizer_(contents.parameters.codes),
        first_(highest(begin)),
        next_(begin),
        done_(begin),
        stop_(stop),
        progress_(progress) {}

  void run(std::uint32_t threads) {
    if (first_ == kNoNode) return;
    // The highest one comes first and alone: from then on the entry stays, and threads that read
    // it are not in each other's way.
    add(first_, aligned_bytes(quantizer_.code_bytes()).get());
    std::vector<std::jthread> workers;
    for (std::uint32_t i = 0; i < std::max(threads, 1U); ++i) {
      workers.emplace_back([this, reports = i == 0] { work(reports); });
    }
    workers.clear();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  Node highest(Node begin) const {
    Node highest = kNoNode;
    for (Node node = begin; node < contents_.parameters.nodes; ++node) {
      if (originals_[node] != node) continue;
      if (highest == kNoNode || level(node) > level(highest)) highest = node;
    }
    return highest;
  }

  int level(Node node) const { return level_of(node, contents_.parameters); }

  void add(Node node, std::byte* code) {
    quantizer_.encode(contents_.sources[node].vector, code);
    hnsw_.add(node, level(node), code);
  }

  void work(bool reports) {
    lower_priority();
    try {
      add_what_is_left(reports);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      failed_ = true;
    }
  }

  void add_what_is_left(bool reports) {
    const auto code = aligned_bytes(quantizer_.code_bytes());
    for (std::size_t reported = done_; !stop_ && !failed_;) {
      const Node node = next_++;
      if (node >= contents_.parameters.nodes) return;
      if (originals_[node] == node && node != first_) add(node, code.get());
      ++done_;
      if (reports && done_ >= reported + kProgressStep) progress_(reported = done_);
    }
  }

  Hnsw& hnsw_;
  const GraphContents& contents_;
  const std::vector<Node>& originals_;
  const Quantizer quantizer_;
  const Node first_;
  std::atomic<Node> next_;
  std::atomic<std::size_t> done_;
  const std::atomic<bool>& stop_;
  const std::function<void(std::size_t)>& progress_;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

std::size_t count_originals(const std::vector<Node>& originals) {
  std::size_t count = 0;
  for (Node node = 0; node < originals.size(); ++node) count += originals[node] == node ? 1 : 0;
  return count;
}

/// Made again rather than kept from the build, so that they are never in memory twice.
AlignedBytes codes_of(const GraphContents& contents, const GraphFile* base) {
  const Quantizer quantizer(contents.parameters.codes);
  const auto each = quantizer.code_bytes();
  auto codes = aligned_bytes(contents.sources.size() * each);
  const std::size_t begin = base == nullptr ? 0 : base->nodes();
  if (base != nullptr) std::memcpy(codes.get(), base->codes().data(), begin * each);
  for (std::size_t i = begin; i < contents.sources.size(); ++i) {
    quantizer.encode(contents.sources[i].vector, codes.get() + i * each);
  }
  return codes;
}

}  // namespace

std::optional<GraphContents> build_graph(const BuildOptions& options,
                                         std::vector<SourceVector> sources, const GraphFile* base,
                                         const std::atomic<bool>& stop,
                                         const std::function<void(std::size_t)>& progress) {
  if (base != nullptr) check_order(*base, sources);
  if (base != nullptr && !extends(options, *base, sources, stop)) base = nullptr;
  GraphContents contents;
  contents.parameters = {
      .collection = options.collection,
      .shard = options.shard,
      .codes = base != nullptr ? base->parameters().codes : codes_for(options, sources, stop),
      .wanted = options.quantization,
      .m = options.m,
      .ef_construction = options.ef_construction,
      .seq = options.seq,
      .last_row = options.last_row,
      .nodes = static_cast<Node>(sources.size())};
  contents.sources = std::move(sources);
  if (base != nullptr && !base->codes().verify(0, base->codes().size())) {
    throw Failure(ErrorCode::kCorruptData, "the graph to be extended is damaged: codes");
  }
  const auto originals = originals_of(contents, base);
  {
    Hnsw hnsw(contents.parameters, count_originals(originals));
    if (base != nullptr) hnsw.restore(*base, originals);
    Addition(hnsw, contents, originals, base != nullptr ? base->nodes() : 0, stop, progress)
        .run(options.threads);
    if (stop) return std::nullopt;
    hnsw.copy_links(contents);
  }
  contents.codes = codes_of(contents, base);
  link_copies(contents, originals);
  return contents;
}

}  // namespace mosaic::index
