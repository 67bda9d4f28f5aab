#include "actors/search_flow.hpp"

#include <fmt/format.h>

#include "actors/fan_out.hpp"
#include "query/filter.hpp"
#include "storage/sandbox.hpp"

namespace mosaic::actors {
namespace {

using coordinator_pointer = coordinator_actor::stateful_pointer<coordinator_state>;

constexpr int kAttemptsMax = 4;

class search_flow : public std::enable_shared_from_this<search_flow> {
 public:
  search_flow(coordinator_pointer self, std::shared_ptr<collection_route> route,
              SearchRequest request, shard::ShardQuery query,
              caf::typed_response_promise<SearchReply> promise)
      : self_(self),
        route_(std::move(route)),
        request_(std::move(request)),
        query_(std::move(query)),
        promise_(std::move(promise)),
        started_(std::chrono::steady_clock::now()),
        deadline_(Deadline::in(started_, std::chrono::milliseconds(request_.timeout_ms))) {}

  void begin() {
    ++attempts_;
    cut_ = route_->search_cut();
    shards_ = all_shards(*route_);
    merge_.emplace(request_, static_cast<std::uint32_t>(route_->shards.size()));
    stats_ = {};
    moved_on_ = false;
    if (query_.text.empty() || shards_.size() == 1) return ask_for_candidates();
    ask_for_stats();
  }

 private:
  void ask_for_stats() {
    auto flow = shared_from_this();
    fan_out<storage::TextStats>(
        self_, route_, shards_, deadline_,
        [flow](ShardId) {
          return std::make_tuple(
              text_stats_atom_v,
              text_stats_request{flow->cut_, flow->query_.text, flow->deadline_});
        },
        [flow](ShardId shard, Result<storage::TextStats> stats) {
          if (stats) {
            flow->stats_ += *stats;
          } else {
            flow->missing(shard, stats.error());
          }
        },
        [flow] { flow->ask_for_candidates(); });
  }

  void ask_for_candidates() {
    if (answered_or_restarted()) return;
    auto flow = shared_from_this();
    if (!query_.text.empty() && route_->shards.size() > 1) query_.stats = stats_;
    fan_out<shard::ShardCandidates>(
        self_, route_, shards_, deadline_,
        [flow](ShardId) {
          return std::make_tuple(search_atom_v,
                                 shard_search_request{flow->cut_, flow->query_, flow->deadline_});
        },
        [flow](ShardId shard, Result<shard::ShardCandidates> found) {
          if (found) {
            flow->merge_->add(shard, std::move(*found));
          } else {
            flow->missing(shard, found.error());
          }
        },
        [flow] { flow->ask_for_documents(); });
  }

  void ask_for_documents() {
    if (answered_or_restarted()) return;
    auto rows = std::make_shared<std::map<ShardId, std::vector<Row>>>(merge_->rank());
    std::vector<ShardId> shards;
    for (const auto& [shard, wanted] : *rows) shards.push_back(shard);
    auto flow = shared_from_this();
    fan_out<documents_reply>(
        self_, route_, shards, deadline_,
        [flow, rows](ShardId shard) {
          return std::make_tuple(
              fetch_atom_v,
              fetch_request{std::move((*rows)[shard]), flow->request_.include, flow->deadline_});
        },
        [flow](ShardId shard, Result<documents_reply> reply) {
          if (reply) {
            flow->merge_->add_documents(shard, std::move(reply->documents));
          } else {
            flow->missing(shard, reply.error());
          }
        },
        [flow] { flow->finish(); });
  }

  void finish() {
    if (answered_or_restarted()) return;
    auto reply = merge_->finish();
    if (cut_ != 0) reply.seq = cut_;
    reply.took_ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started_)
            .count();
    promise_.deliver(std::move(reply));
  }

  void missing(ShardId shard, const Error& error) {
    std::erase(shards_, shard);
    // What is wrong with the request is wrong on every shard.
    if (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kDimensionMismatch)
      refusal_ = error;
    if (error.code == ErrorCode::kUnavailable &&
        route_->shards.at(shard.value).state == ShardState::kUp)
      moved_on_ = true;
    merge_->missing(shard, self_->state.routes.node(), error);
  }

  /// True when there is nothing more to do in this attempt.
  bool answered_or_restarted() {
    if (refusal_) {
      promise_.deliver(to_caf(*refusal_));
      return true;
    }
    if (moved_on_ && attempts_ < kAttemptsMax) {
      begin();
      return true;
    }
    return false;
  }

  coordinator_pointer self_;
  std::shared_ptr<collection_route> route_;
  SearchRequest request_;
  shard::ShardQuery query_;
  caf::typed_response_promise<SearchReply> promise_;
  TimePoint started_;
  Deadline deadline_;
  Seq cut_ = 0;
  std::vector<ShardId> shards_;  ///< still answering
  std::optional<shard::SearchMerge> merge_;
  storage::TextStats stats_;
  std::optional<Error> refusal_;
  bool moved_on_ = false;
  int attempts_ = 0;
};

/// Text of filter and where is checked once here, before any shard is asked.
Status check_limits(const SearchRequest& request) {
  if (!request.filter.empty()) {
    if (const auto filter = query::Filter::parse(request.filter); !filter) return filter.error();
  }
  return request.where.empty() ? Status() : storage::check_where(request.where);
}

Result<shard::ShardQuery> plan(const SearchRequest& request, const collection_route& route) {
  if (const auto checked = validate(request, route.settings); !checked) return checked.error();
  if (const auto checked = check_limits(request); !checked) return checked.error();
  const auto mode = effective_mode(request);
  shard::ShardQuery query;
  query.depth = shard::arm_depth(request);
  query.filter = request.filter;
  query.where = request.where;
  query.vector = request.vector;
  query.vector_arm = mode != SearchMode::kText;
  if (mode != SearchMode::kVector) query.text = request.query.value_or("");
  if (!query.vector_arm || !query.vector.empty()) return query;
  if (route.embedder) {
    query.vector = route.embedder->embed_query(*request.query);
  } else if (mode == SearchMode::kVector) {
    return invalid(fmt::format(
        "collection '{}' has no embedder for {} dimensions: mode 'vector' needs a vector",
        route.settings.name, route.settings.dimension));
  }
  return query;
}

}  // namespace

void start_search(coordinator_pointer self, SearchRequest request,
                  caf::typed_response_promise<SearchReply> promise) {
  auto route = self->state.routes.find(request.collection);
  if (!route) return refuse(promise, route.error());
  auto query = plan(request, **route);
  if (!query) return refuse(promise, query.error());
  if (request.timeout_ms == 0) request.timeout_ms = self->state.timeout_ms;
  std::make_shared<search_flow>(self, *route, std::move(request), std::move(*query),
                                std::move(promise))
      ->begin();
}

}  // namespace mosaic::actors
