#include "actors/search_flow.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/cut_reads.hpp"
#include "actors/search_audit.hpp"
#include "actors/search_scope.hpp"
#include "actors/search_stages.hpp"
#include "base/log.hpp"
#include "shard/search_merge.hpp"
#include "shard/search_plan.hpp"
#include "shard/slow_query.hpp"
#include "text/endpoint_name.hpp"

namespace mosaic::actors {
namespace {

using coordinator_pointer = coordinator_actor::stateful_pointer<coordinator_state>;
using metrics::SearchStage;
using search_done = std::function<void(Result<SearchReply>)>;

constexpr int kAttemptsMax = 8;
/// After so many, it is time to do without the one that all others wait for.
constexpr int kAttemptsTogether = 4;
constexpr double kSlowMinMs = 50;  ///< what takes less is not waited for: the machine is busy
/// Before a search starts for the third time, and twice as long before each time after that: a
/// shard that was started again has no state of before, and the others, as on a busy disk, may need
/// a while to come to its own.
constexpr std::chrono::milliseconds kRestartPause{2};
constexpr int kRankersMax = 2;

class search_flow : public std::enable_shared_from_this<search_flow> {
 public:
  search_flow(coordinator_pointer self, std::shared_ptr<collection_route> route,
              std::shared_ptr<const space_route> space, SearchRequest request,
              shard::ShardQuery query, search_done done)
      : self_(self),
        route_(std::move(route)),
        space_(std::move(space)),
        request_(std::move(request)),
        plan_(query::rank_plan(request_, space_->settings)),
        query_(std::move(query)),
        done_(std::move(done)),
        stages_(self->clock(), std::chrono::milliseconds(request_.timeout_ms),
                self->state.config.metrics->search) {}

  void begin() {
    if (request_.as_of && as_of_ == 0) return ask_for_state();
    query_.space = space_->seq;
    if (request_.document) return ask_for_likeness();
    embed();
  }

 private:
  void ask_for_state() {
    resolve_as_of(self_, route_, *request_.as_of, stages_.deadline(0.5),
                  [flow = shared_from_this()](Result<Seq> seq) {
                    if (!seq) return flow->answer(seq.error());
                    flow->as_of_ = *seq;
                    flow->begin();
                  });
  }

  void ask_for_likeness() {
    stages_.begin(SearchStage::kDocument);
    const Include include{.metadata = false, .vector = true};
    read_document(
        self_, route_, *request_.document, include, stages_.deadline(0.5),
        [flow = shared_from_this()](Result<shard::FoundDocuments> found) {
          flow->like(std::move(found));
        },
        as_of_);
  }

  void like(Result<shard::FoundDocuments> found) {
    stages_.end(found ? 1 : 0, 1, {});
    if (!found) {
      const auto homes = routing::possible_homes(*request_.document, route_->settings);
      if (found.error().code == ErrorCode::kNotFound || homes.size() > 1)
        return answer(found.error());
      return answer_without(homes.front(), found.error());
    }
    if (found->space != space_->seq) return begin_in_other_space();
    const auto planned = shard::plan_more_like(query_, request_, found->documents.front().document);
    if (!planned) return answer(planned.error());
    embed();
  }

  void embed() {
    if (!shard::needs_embedding(query_, request_)) return start();
    stages_.begin(SearchStage::kEmbed);
    if (space_->embedder) {
      auto vector = space_->embedder->embed_query(*request_.query);
      if (!space_->embedder->intact()) return answer(text::embedder_changed(space_->settings));
      return embedded(std::move(vector));
    }
    const auto& settings = space_->settings;
    if (text::is_endpoint(settings.embedder)) return ask_for_vector();
    const bool vector_only = effective_mode(request_) == SearchMode::kVector;
    // Whoever asks for both arms must not get one, and hear nothing.
    if (space_->failure && (vector_only || request_.weights.vector != 0))
      return answer(*space_->failure);
    if (vector_only) {
      return answer(invalid(fmt::format(
          "collection '{}' has no embedder for {} dimensions: mode 'vector' needs a vector",
          settings.name, settings.dimension)));
    }
    embedded({});
  }

  void ask_for_vector() {
    const auto& embedder = self_->state.parts->embedder;
    const auto deadline = stages_.deadline(0.75);
    auto flow = shared_from_this();
    self_
        ->request(
            embedder, answer_timeout(self_, deadline), embed_atom_v,
            embed_request{
                space_->settings.embedder, space_->settings.dimension, {*request_.query}, deadline})
        .then([flow](embed_reply& reply) { flow->embedded(std::move(reply.vectors.at(0))); },
              [flow](caf::error& error) { flow->answer(from_caf(error)); });
  }

  void embedded(Vector vector) {
    query_.vector = std::move(vector);
    stages_.end(1, 0, {});
    start();
  }

  /// The vector at hand is of no use where the shards are. Where they go over to another embedder
  /// at this moment, they are ahead of what is known of them here, or behind it.
  void begin_in_other_space() {
    if (stages_.deadline(1).left(self_->clock().now()) <= kRestartPause) {
      return answer(Error{
          ErrorCode::kUnavailable,
          fmt::format("collection '{}' is going over to another embedder", route_->settings.name)});
    }
    self_->state.config.metrics->search.retried();
    after_pause(self_, kRestartPause,
                [flow = shared_from_this()] { flow->begin_where_shards_are(); });
  }

  void begin_where_shards_are() {
    space_ = route_->space_at(route_->cut);
    auto query = shard::plan_search(request_, space_->settings);
    if (!query) return answer(query.error());
    query_ = std::move(*query);
    plan_ = query::rank_plan(request_, space_->settings);
    begin();
  }

  void start() {
    if (!query_.vector.empty() && route_->space_at(route_->cut)->seq != space_->seq)
      return begin_where_shards_are();
    ++attempts_;
    other_space_ = false;
    // A state of the past is whole in any view that has come as far.
    cut_ = as_of_ == 0 ? route_->search_cut() : 0;
    scope_ = search_scope(*route_, request_, query_);
    shards_ = scope_.shards;
    merge_.emplace(request_, known_documents(*route_));
    // Whoever was late once would be so again, and the newer cut go by, too.
    for (const auto& [shard, error] : late_) {
      if (std::find(shards_.begin(), shards_.end(), shard) != shards_.end()) missing(shard, error);
    }
    stats_ = {};
    query_.stats.reset();
    candidates_ = 0;
    moved_on_ = 0;
    if (query_.text.empty() || shards_.size() == 1) return ask_for_candidates();
    ask_for_stats();
  }

  void ask_for_stats() {
    stages_.begin(SearchStage::kTextStats);
    auto flow = shared_from_this();
    const auto deadline = stages_.deadline(0.5);
    fan_out<storage::TextStats>(
        self_, route_, shards_, deadline,
        [flow, deadline](ShardId) {
          return std::make_tuple(text_stats_atom_v,
                                 text_stats_request{flow->cut_, flow->query_.text, deadline});
        },
        [flow](ShardId shard, Result<storage::TextStats> stats) {
          flow->waited_for(shard);
          if (!stats) return flow->missing(shard, stats.error());
          flow->stats_ += *stats;
        },
        [flow] {
          flow->end_stage(0, flow->route_->shards.size());
          flow->query_.stats = flow->stats_;
          flow->ask_for_candidates();
        });
  }

  void ask_for_candidates() {
    if (answered_or_restarted()) return;
    stages_.begin(SearchStage::kCandidates);
    auto flow = shared_from_this();
    const auto deadline = stages_.deadline(0.8);
    const auto asked = shards_.size();
    fan_out<shard::ShardCandidates>(
        self_, route_, shards_, deadline,
        [flow, deadline](ShardId shard) {
          return std::make_tuple(
              search_atom_v,
              shard_search_request{flow->cut_, flow->query_for(shard), deadline, flow->as_of_});
        },
        [flow](ShardId shard, Result<shard::ShardCandidates> found) {
          flow->waited_for(shard);
          if (!found) return flow->missing(shard, found.error());
          if (!flow->query_.vector.empty() || flow->request_.include.vector)
            flow->expect_space(found->space);
          flow->route_->shards.at(shard.value).documents = found->documents;
          flow->candidates_ += found->vector_arm.size() + found->text_arm.size();
          flow->merge_->add(shard, std::move(*found));
        },
        [flow, asked] {
          flow->end_stage(flow->candidates_, asked);
          flow->rank();
        });
  }

  /// From one shard the candidates are the hits. From another node the documents of those that are
  /// likely to be come along: a second way takes more than some for nothing.
  shard::ShardQuery query_for(ShardId shard) const {
    auto query = scope_.query_for(shard, query_);
    if (plan_.mode == SearchMode::kHybrid || plan_.diversity > 0) return query;
    const bool alone = scope_.shards.size() == 1;
    if (!alone && !route_->shards.at(shard.value).searchers.empty()) return query;
    query.documents = request_.include;
    query.documents_max = shard::likely_hits(query.depth, scope_.shards.size());
    return query;
  }

  void rank() {
    if (answered_or_restarted()) return;
    stages_.begin(SearchStage::kRank);
    auto arms = merge_->take_arms();
    if (plan_.mode != SearchMode::kHybrid) return rank_here(std::move(arms));
    plan_.full_text_score = arms.full_text_score;
    ask_ranker(std::make_shared<const rank_request>(
                   rank_request{plan_, std::move(arms.vector_arms), std::move(arms.text_arms)}),
               &search_flow::ask_for_documents);
  }

  /// Where nothing is to be fused, merging sorted lists takes less than the way to a ranker.
  void rank_here(shard::SearchArms arms) {
    auto ranked = query::rank(plan_, std::move(arms.vector_arms), std::move(arms.text_arms));
    stages_.end(ranked.size(), 0, {});
    merge_->ranked(std::move(ranked));
    ask_for_documents();
  }

  /// A ranker that dies under a request is no reason to fail it; a second one is.
  template <class Request>
  void ask_ranker(std::shared_ptr<const Request> request, void (search_flow::*then)(),
                  int asked = 0) {
    const auto& rankers = self_->state.parts->rankers;
    if (asked == kRankersMax)
      return answer(Error{ErrorCode::kUnavailable, "the ranker is being restarted"});
    const auto& ranker = rankers[(self_->state.config.number + asked) % rankers.size()];
    auto flow = shared_from_this();
    request_in_time<ranking>(
        self_, ranker, answer_timeout(self_, stages_.deadline(0.9)),
        [flow, then](ranking& ranked) {
          flow->stages_.end(ranked.candidates.size(), 0, {});
          flow->merge_->ranked(std::move(ranked.candidates));
          ((*flow).*then)();
        },
        [flow, then, request, asked](caf::error& error) {
          if (error == caf::sec::request_timeout) return flow->answer(from_caf(error));
          flow->ask_ranker(request, then, asked + 1);
        },
        rank_atom_v, *request);
  }

  void ask_for_documents() {
    stages_.begin(SearchStage::kDocuments);
    auto rows = std::make_shared<std::map<ShardId, std::vector<Row>>>(merge_->rows());
    std::vector<ShardId> shards;
    for (const auto& [shard, wanted] : *rows) shards.push_back(shard);
    auto include = request_.include;
    include.vector = include.vector || plan_.diversity > 0;
    auto flow = shared_from_this();
    const auto deadline = stages_.deadline(plan_.diversity > 0 ? 0.8 : 1);
    fan_out<shard::FoundDocuments>(
        self_, route_, shards, deadline,
        [rows, include, deadline, as_of = as_of_](ShardId shard) {
          return std::make_tuple(
              fetch_atom_v, fetch_request{std::move((*rows)[shard]), include, deadline, as_of});
        },
        [flow, include](ShardId shard, Result<shard::FoundDocuments> reply) {
          if (!reply) return flow->missing(shard, reply.error());
          if (include.vector) flow->expect_space(reply->space);
          flow->merge_->add_documents(shard, std::move(reply->documents));
        },
        [flow, asked = shards.size()] {
          flow->stages_.end(flow->merge_->candidates().size(), asked, flow->without_hits());
          flow->diversify();
        });
  }

  std::vector<ShardId> without_hits() const {
    std::vector<ShardId> with;
    for (const auto& candidate : merge_->candidates()) with.push_back(candidate.shard);
    return others(*route_, with);
  }

  void diversify() {
    if (answered_or_restarted()) return;
    if (plan_.diversity == 0) return finish();
    stages_.begin(SearchStage::kDiversify);
    ask_ranker(std::make_shared<const diversify_request>(
                   diversify_request{plan_, merge_->candidates(), merge_->vectors()}),
               &search_flow::finish);
  }

  void finish() {
    auto reply = merge_->finish();
    reply.shards_searched = static_cast<std::uint32_t>(
        std::count_if(scope_.shards.begin(), scope_.shards.end(),
                      [&](ShardId shard) { return !merge_->is_missing(shard); }));
    if (reply.explain) reply.explain->routing = scope_.routing;
    if (cut_ != 0) reply.seq = cut_;
    if (as_of_ != 0) reply.seq = as_of_;
    if (!request_.audit || !query_.vector_arm || query_.vector.empty())
      return answer(std::move(reply));
    audit(std::make_shared<SearchReply>(std::move(reply)));
  }

  /// The hits stand by now, whatever becomes of this.
  void audit(const std::shared_ptr<SearchReply>& reply) {
    stages_.begin(SearchStage::kAudit);
    // What was left out on purpose counts as missed.
    auto shards = all_shards(*route_);
    std::erase_if(shards, [&](ShardId shard) { return merge_->is_missing(shard); });
    audit_search(self_, route_, shards,
                 {reply->seq, shard::exact_query(query_, request_.k), stages_.deadline(1), as_of_},
                 merge_->nearest(), [flow = shared_from_this(), reply, shards](Audit audit) {
                   flow->stages_.end(audit.expected, shards.size(), others(*flow->route_, shards));
                   reply->audit = std::move(audit);
                   flow->answer(std::move(*reply));
                 });
  }

  /// Without the document to be like there is nothing to ask the shards.
  void answer_without(ShardId home, const Error& error) {
    merge_.emplace(request_, known_documents(*route_));
    merge_->missing(home, route_->node_of(home, self_->state.routes.node()), error);
    auto reply = merge_->finish();
    reply.shards_searched = 0;
    reply.missing_share = 1;
    answer(std::move(reply));
  }

  /// The end of the search.
  void answer(Result<SearchReply> reply) {
    if (!reply) stages_.break_off();
    shard::SearchEnd end{stages_.took_ms(), stages_.take(), {}};
    log_if_slow(reply, end);
    if (reply) {
      reply->took_ms = end.took_ms;
      if (reply->explain) reply->explain->stages = std::move(end.stages);
    }
    done_(std::move(reply));
  }

  void log_if_slow(const Result<SearchReply>& reply, shard::SearchEnd& end) const {
    const auto limit_ms = self_->state.config.slow_query_ms;
    if (limit_ms == 0 || (end.took_ms < limit_ms && !shard::ran_out_of_time(reply))) return;
    self_->state.config.metrics->search.slow();
    if (!log::enabled(log::Level::kWarn)) return;
    if (merge_) end.plans = merge_->plans();
    log::write(log::Level::kWarn, "slow query",
               reply ? shard::slow_query_line(request_, *reply, end)
                     : shard::slow_query_line(request_, reply.error(), end));
  }

  void end_stage(std::uint64_t candidates, std::size_t asked) {
    stages_.end(candidates, asked, others(*route_, shards_));
  }

  void waited_for(ShardId shard) {
    const auto ms = stages_.stage_ms();
    if (ms >= longest_ms_) std::tie(longest_ms_, slowest_) = std::pair(ms, shard);
  }

  void expect_space(Seq space) { other_space_ |= space != space_->seq; }

  void missing(ShardId shard, const Error& error) {
    std::erase(shards_, shard);
    // What is wrong with the request is wrong on every shard.
    if (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kDimensionMismatch)
      refusal_ = error;
    // All shards keep the same states.
    if (as_of_ != 0 && error.code == ErrorCode::kNotFound) refusal_ = error;
    if (error.code == ErrorCode::kUnavailable && route_->serves(shard)) ++moved_on_;
    if (error.code == ErrorCode::kDeadlineExceeded) late_.emplace(shard, error);
    merge_->missing(shard, route_->node_of(shard, self_->state.routes.node()), error);
  }

  /// True when there is nothing more to do in this attempt.
  bool answered_or_restarted() {
    if (refusal_) {
      answer(*refusal_);
      return true;
    }
    if (other_space_) {
      begin_in_other_space();
      return true;
    }
    if (moved_on_ == 0 || attempts_ == kAttemptsMax) return false;
    const auto pause = kRestartPause * ((1 << (attempts_ - 1)) / 2);
    if (stages_.deadline(1).left(self_->clock().now()) <= pause) return false;
    const bool slow = attempts_ >= kAttemptsTogether && longest_ms_ >= kSlowMinMs;
    if (moved_on_ > 1 && (slow || attempts_ == kAttemptsMax - 1)) leave_out_slowest();
    self_->state.config.metrics->search.retried();
    auto again = [flow = shared_from_this()] { flow->start(); };
    pause.count() == 0 ? again() : after_pause(self_, pause, again);
    return true;
  }

  /// Several lack the cut when the shard that they waited for let it go by: without that one, and
  /// without waiting, they can answer.
  void leave_out_slowest() {
    late_.emplace(slowest_, Error{ErrorCode::kUnavailable,
                                  "it answered too slowly for a state that all shards have"});
  }

  coordinator_pointer self_;
  std::shared_ptr<collection_route> route_;
  std::shared_ptr<const space_route> space_;  ///< that the query's vector is of
  SearchRequest request_;
  query::RankPlan plan_;
  shard::ShardQuery query_;
  search_done done_;
  search_stages stages_;
  Seq cut_ = 0;
  Seq as_of_ = 0;  ///< the state of the past that is asked for; 0: none, or not known yet
  SearchScope scope_;
  std::vector<ShardId> shards_;    ///< still answering
  std::map<ShardId, Error> late_;  ///< in this attempt or an earlier one
  ShardId slowest_{0};  ///< that all others waited for, in the longest stage of all attempts
  double longest_ms_ = 0;
  std::optional<shard::SearchMerge> merge_;
  storage::TextStats stats_;
  std::uint64_t candidates_ = 0;
  std::optional<Error> refusal_;
  bool other_space_ = false;  ///< some shard gave vectors of another one in this attempt
  std::size_t moved_on_ = 0;  ///< shards without the cut in this attempt
  int attempts_ = 0;
};

/// Keeps what `done` hears, for whoever asks the same again.
search_done keeping(std::shared_ptr<query::ResultCache> results, std::string key,
                    search_done done) {
  return [results = std::move(results), key = std::move(key),
          done = std::move(done)](Result<SearchReply> reply) mutable {
    if (reply && query::may_keep(*reply))
      results->keep(std::move(key), std::make_shared<const SearchReply>(*reply));
    done(std::move(reply));
  };
}

/// The answer that the same request got at the state that a new search would see, or null. A cut
/// of 0 says that it is not known yet. When there is none, `done` keeps the one to come.
std::shared_ptr<const SearchReply> recall(coordinator_pointer self, const collection_route& route,
                                          const SearchRequest& request, search_done& done) {
  const auto& results = self->state.config.results;
  if (!results->on() || route.cut == 0 || !query::may_recall(request)) return nullptr;
  auto key = query::result_key(route.id.value, request);
  auto known = results->find(key, route.cut);
  if (!known) done = keeping(results, std::move(key), std::move(done));
  return known;
}

}  // namespace

void start_search(coordinator_pointer self, SearchRequest request, search_done done) {
  const auto began = self->clock().now();
  auto route = self->state.routes.find(request.collection);
  if (!route) return done(route.error());
  const auto space = (*route)->space_at((*route)->cut);
  auto query = shard::plan_search(request, space->settings);
  if (!query) return done(query.error());
  if (const auto known = recall(self, **route, request, done)) {
    auto reply = *known;
    reply.took_ms = std::chrono::duration<double, std::milli>(self->clock().now() - began).count();
    return done(std::move(reply));
  }
  if (request.timeout_ms == 0) request.timeout_ms = self->state.config.timeout_ms;
  std::make_shared<search_flow>(self, *route, space, std::move(request), std::move(*query),
                                std::move(done))
      ->begin();
}

}  // namespace mosaic::actors
