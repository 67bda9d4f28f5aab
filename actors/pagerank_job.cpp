#include "actors/pagerank_job.hpp"

#include <algorithm>

#include "base/json_writer.hpp"

namespace mosaic::actors {
namespace {

using job_pointer = job_worker_actor::stateful_pointer<pagerank_state>;

/// How far the job is once it has read, and once it has ranked.
constexpr double kReadProgress = 0.5;
constexpr double kRankedProgress = 0.95;

void end_cancelled(job_pointer self) {
  end_job(self, JobState::kCancelled, "cancelled before anything was written");
}

std::string result_json(const pagerank_state& state, const append_reply& reply) {
  JsonWriter json;
  json.begin_object();
  json.key("documents").number(state.documents);
  json.key("links").number(state.links);
  json.key("iterations").number(state.rank.iterations);
  json.key("residual").number(state.rank.residual);
  json.key("converged").boolean(state.rank.converged);
  json.key("cut").number(state.cut);
  json.key("seq").number(reply.seq);
  json.key("applied").boolean(reply.applied);
  json.end_object();
  return json.take();
}

void append(job_pointer self) {
  auto& state = self->state;
  state.appending = true;
  append_entry(
      self, EntryKind::kPageRank, Repeat::kNever, state.entry,
      [=](const append_reply& reply) {
        const auto& done = self->state;
        end_job(self, JobState::kDone,
                fmt::format("collection '{}': {} documents, {} links", done.config.collection,
                            done.documents, done.links),
                result_json(done, reply));
      },
      [=] { self->state.appending = false; });
}

void write(job_pointer self, PageRankValues values) {
  auto& state = self->state;
  auto bytes = encode_pagerank(values);
  if (bytes.size() > kPageRankBytesMax) {
    return fail_job(self, {ErrorCode::kPayloadTooLarge,
                           fmt::format("the values of {} documents take {} bytes, at most {}",
                                       values.ids.size(), bytes.size(), kPageRankBytesMax)});
  }
  report(self, kRankedProgress, fmt::format("writing {} values", values.ids.size()));
  state.entry = std::make_shared<const std::string>(std::move(bytes));
  append(self);
}

void rank(job_pointer self) {
  auto& state = self->state;
  report(self, kReadProgress, fmt::format("ranking {} documents", state.documents));
  auto graph = std::move(state.builder).build();
  const auto go_on = [&](double progress, std::uint32_t round) {
    if (report_is_due(state)) {
      report(self, kReadProgress + (kRankedProgress - kReadProgress) * progress,
             fmt::format("round {}", round + 1));
    }
    return !state.config.stop.stop_requested();
  };
  auto ranked = graph::pagerank(graph, std::get<PageRankOptions>(state.config.work), go_on);
  if (!ranked) return fail_job(self, ranked.error());
  if (ranked->cancelled || state.config.stop.stop_requested()) return end_cancelled(self);
  state.rank = std::move(*ranked);
  state.documents = graph.size();
  state.links = graph.links();
  write(self, {state.cut, std::move(graph).take_ids(), std::move(state.rank.values)});
}

void read_on(job_pointer self, ShardId shard);

/// Once every shard has said where it stands: the newest of these states is the one to read. The
/// shards apply in lock-step, so those that are behind get there soon.
void heard_of(job_pointer self, ShardId shard, const ShardInfo& info) {
  auto& state = self->state;
  state.shards[shard.value].seq = info.seq;
  state.cut = std::max(state.cut, info.seq);
  state.items_total += info.documents + info.edges;
  if (--state.pending != 0) return;
  state.pending = state.shards.size();
  for (const auto each : all_shards(*state.route)) read_on(self, each);
}

void take_page(job_pointer self, ShardId shard, const shard::GraphPage& page) {
  auto& state = self->state;
  for (const auto& id : page.documents) state.builder.add_document(id);
  for (const auto& edge : page.edges) state.builder.add_link(edge.source, edge.target, edge.weight);
  state.documents += page.documents.size();
  state.links += page.edges.size();
  if (report_is_due(state)) {
    const auto items = static_cast<double>(state.documents + state.links);
    const auto total = static_cast<double>(std::max<std::uint64_t>(state.items_total, 1));
    report(self, kReadProgress * std::min(items / total, 1.0),
           fmt::format("{} documents and {} links read", state.documents, state.links));
  }
  state.shards[shard.value].next = page.next;
  if (page.more) return read_on(self, shard);
  if (--state.pending == 0) rank(self);
}

/// Asks a shard for what comes next of it; what it answers goes to `then`.
template <class Reply, class Message, class Then>
void ask(job_pointer self, ShardId shard, Deadline deadline, Message message, Then then) {
  ask_shard<Reply>(self, *self->state.route, shard, deadline, std::move(message),
                   [=](const Result<Reply>& reply) {
                     auto& since = self->state.shards[shard.value].failing_since;
                     if (!reply) return shard_failed(self, shard, since, reply.error());
                     since.reset();
                     then(self, shard, *reply);
                   });
}

void read_on(job_pointer self, ShardId shard) {
  const auto& reading = self->state.shards[shard.value];
  const auto deadline = Deadline::in(self->clock().now(), kJobPageTimeout);
  if (!reading.seq)
    return ask<ShardInfo>(self, shard, deadline, std::make_tuple(info_atom_v, info_request{}),
                          heard_of);
  ask<shard::GraphPage>(
      self, shard, deadline,
      std::make_tuple(graph_atom_v, graph_request{self->state.cut, reading.next, deadline}),
      take_page);
}

void start(job_pointer self) {
  auto& state = self->state;
  state.shards.resize(state.route->shards.size());
  state.pending = state.shards.size();
  for (const auto shard : all_shards(*state.route)) read_on(self, shard);
}

}  // namespace

job_worker_actor::behavior_type pagerank_job(job_pointer self, job_config config) {
  return job_behavior(
      self, std::move(config), [=] { start(self); },
      [=](ShardId shard) { self->state.entry ? append(self) : read_on(self, shard); },
      [=] {
        if (!self->state.appending) end_cancelled(self);
      },
      [] {});
}

}  // namespace mosaic::actors
