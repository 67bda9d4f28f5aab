#include "actors/pagerank_job.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "actors/exceptions.hpp"
#include "actors/fan_out.hpp"
#include "base/json_writer.hpp"

namespace mosaic::actors {
namespace {

using job_pointer = job_worker_actor::stateful_pointer<pagerank_state>;

/// How far the job is once it has read, and once it has ranked.
constexpr double kReadProgress = 0.5;
constexpr double kRankedProgress = 0.95;

/// The log answers at the deadline itself; it looks at the clock now and then.
constexpr std::chrono::seconds kLogGrace{2};

void end(job_pointer self, JobState state, std::string detail, std::string result = {}) {
  const auto& config = self->state.config;
  self->send(config.jobs, ended_atom_v,
             job_ended{config.id, state, std::move(detail), std::move(result)});
  self->quit();
}

void fail(job_pointer self, const Error& error) {
  end(self, JobState::kFailed, fmt::format("{}: {}", to_string(error.code), error.detail));
}

void end_cancelled(job_pointer self) {
  end(self, JobState::kCancelled, "cancelled before anything was written");
}

void report(job_pointer self, double progress, std::string detail) {
  const auto& config = self->state.config;
  self->state.reported = std::chrono::steady_clock::now();
  self->send(config.jobs, progress_atom_v,
             job_progress{config.id, progress,
                          fmt::format("collection '{}': {}", config.request.collection, detail)});
}

bool report_is_due(const pagerank_state& state) {
  return std::chrono::steady_clock::now() - state.reported >= state.config.progress_interval;
}

/// Whether what has failed again just now has failed for too long.
bool out_of_patience(job_pointer self, std::optional<TimePoint>& since) {
  const auto now = self->clock().now();
  if (!since) since = now;
  return now - *since >= kJobPatience;
}

void try_again_later(job_pointer self, ShardId shard) {
  self->delayed_send(self, kJobRetryPause, step_atom_v, std::uint64_t{shard.value});
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

void append_failed(job_pointer self, const Error& error) {
  self->state.appending = false;
  // Only a refusal for want of room is known to have stored nothing and to pass.
  if (error.code != ErrorCode::kOverloaded || out_of_patience(self, self->state.refused_since))
    return fail(self, error);
  try_again_later(self, {});
}

void append(job_pointer self) {
  auto& state = self->state;
  state.appending = true;
  state.entry.deadline = Deadline::in(self->clock().now(), kPageRankWriteTimeout);
  self->request(state.parts->log, kPageRankWriteTimeout + kLogGrace, append_atom_v, state.entry)
      .then(
          [=](const append_reply& reply) {
            const auto& done = self->state;
            end(self, JobState::kDone,
                fmt::format("collection '{}': {} documents, {} links",
                            done.config.request.collection, done.documents, done.links),
                result_json(done, reply));
          },
          [=](caf::error& error) { append_failed(self, from_caf(error)); });
}

void write(job_pointer self, PageRankValues values) {
  auto& state = self->state;
  auto bytes = encode_pagerank(values);
  if (bytes.size() > kPageRankBytesMax) {
    return fail(self, {ErrorCode::kPayloadTooLarge,
                       fmt::format("the values of {} documents take {} bytes, at most {}",
                                   values.ids.size(), bytes.size(), kPageRankBytesMax)});
  }
  report(self, kRankedProgress, fmt::format("writing {} values", values.ids.size()));
  state.entry = {state.route->id,
                 EntryKind::kPageRank,
                 std::make_shared<const std::string>(std::move(bytes)),
                 all_shards(*state.route),
                 {}};
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
  auto ranked = graph::pagerank(graph, state.config.request.options, go_on);
  if (!ranked) return fail(self, ranked.error());
  if (ranked->cancelled || state.config.stop.stop_requested()) return end_cancelled(self);
  state.rank = std::move(*ranked);
  state.documents = graph.size();
  state.links = graph.links();
  write(self, {state.cut, std::move(graph).take_ids(), std::move(state.rank.values)});
}

void read_on(job_pointer self, ShardId shard);

void shard_failed(job_pointer self, ShardId shard, const Error& error) {
  auto& since = self->state.shards[shard.value].failing_since;
  if (!out_of_patience(self, since)) return try_again_later(self, shard);
  fail(self, {error.code,
              fmt::format("shard {} of collection '{}' could not be read for {} s: {}", shard.value,
                          self->state.route->settings.name, kJobPatience.count(), error.detail)});
}

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
                     if (!reply) return shard_failed(self, shard, reply.error());
                     self->state.shards[shard.value].failing_since.reset();
                     then(self, shard, *reply);
                   });
}

void read_on(job_pointer self, ShardId shard) {
  const auto& reading = self->state.shards[shard.value];
  const auto deadline = Deadline::in(self->clock().now(), kGraphPageTimeout);
  if (!reading.seq)
    return ask<ShardInfo>(self, shard, deadline, std::make_tuple(info_atom_v), heard_of);
  ask<shard::GraphPage>(
      self, shard, deadline,
      std::make_tuple(graph_atom_v, graph_request{self->state.cut, reading.next, deadline}),
      take_page);
}

void start(job_pointer self) {
  auto& state = self->state;
  const auto route = state.routes.find(state.config.request.collection);
  if (!route) return fail(self, route.error());
  state.route = *route;
  state.shards.resize(state.route->shards.size());
  state.pending = state.shards.size();
  for (const auto shard : all_shards(*state.route)) read_on(self, shard);
}

void dropped(job_pointer self, CollectionId id) {
  self->state.routes.dropped(id);
  fail(self, {ErrorCode::kNotFound,
              fmt::format("collection '{}' was dropped", self->state.config.request.collection)});
}

}  // namespace

job_worker_actor::behavior_type pagerank_job(job_pointer self, job_config config) {
  die_with_reason(self);
  self->state.config = std::move(config);
  self->monitor(self->state.config.jobs);
  self->set_down_handler([=](caf::down_msg&) { self->quit(caf::exit_reason::user_shutdown); });
  return {
      [=](start_atom) { start(self); },
      [=](cancel_atom) {
        if (!self->state.appending) end_cancelled(self);
      },
      [=](parts_atom, const node_parts_ptr& parts) { self->state.parts = parts; },
      [=](opened_atom, const collection_opened& x) { self->state.routes.opened(x); },
      [=](dropped_atom, CollectionId id) { dropped(self, id); },
      [=](up_atom, const shard_key& key, const std::vector<searcher_actor>& x) {
        self->state.routes.up(key, x);
      },
      [=](lost_atom, const shard_lost& x) { self->state.routes.lost(x); },
      [=](step_atom, std::uint64_t number) {
        if (self->state.entry.bytes) return append(self);
        read_on(self, {static_cast<std::uint32_t>(number)});
      },
  };
}

}  // namespace mosaic::actors
