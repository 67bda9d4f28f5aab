#include "actors/centroid_job.hpp"

#include <algorithm>

#include "base/json_writer.hpp"
#include "routing/expected_recall.hpp"

namespace mosaic::actors {
namespace {

using job_pointer = job_worker_actor::stateful_pointer<centroid_state>;

/// How far the job is after each stage.
constexpr double kSampledProgress = 0.1;
constexpr double kTrainedProgress = 0.3;
constexpr double kMovedProgress = 0.9;

const TrainOptions* options_of(const centroid_state& state) {
  return std::get_if<TrainOptions>(&state.config.work);
}

/// Does `what` now, and once more at each `step` until something else is done.
void attempt(job_pointer self, std::function<void()> what) {
  self->state.again = what;
  what();
}

/// Asks the shard at hand; what it answers goes to `then`.
template <class Reply, class Message, class Then>
void ask(job_pointer self, Message message, Then then) {
  const auto deadline = Deadline::in(self->clock().now(), kJobPageTimeout);
  const auto shard = self->state.shard;
  std::apply([&](auto, auto& request) { request.deadline = deadline; }, message);
  ask_shard<Reply>(self, *self->state.route, shard, deadline, std::move(message),
                   [=](Result<Reply> reply) {
                     auto& since = self->state.failing_since;
                     // Once centroids are set, what is left to do waits for any shard.
                     if (!reply && self->state.centroids) return try_again_later(self);
                     if (!reply) return shard_failed(self, shard, since, reply.error());
                     since.reset();
                     then(self, *reply);
                   });
}

/// Goes to the next shard; false after the last.
bool next_shard(centroid_state& state) {
  state.after = 0;
  return ++state.shard.value < state.route->shards.size();
}

void begin_walk(centroid_state& state) {
  state.shard = {0};
  state.after = 0;
}

// --- sampling ---

void sample_on(job_pointer self);
void sample_drawn(job_pointer self);

void take_drawn(job_pointer self, shard::SamplePage& page) {
  auto& state = self->state;
  state.draw->add(std::move(page.drawn));
  state.after = page.next;
  if (page.more || next_shard(state)) return attempt(self, [=] { sample_on(self); });
  if (!state.draw->again()) return sample_drawn(self);
  begin_walk(state);
  attempt(self, [=] { sample_on(self); });
}

void sample_on(job_pointer self) {
  const auto& state = self->state;
  ask<shard::SamplePage>(
      self,
      std::make_tuple(sample_atom_v,
                      sample_request{state.after, state.seed, state.draw->lot_max(), {}}),
      take_drawn);
}

void counted(job_pointer self, std::uint32_t sample_max, const std::optional<Error>& failure) {
  auto& state = self->state;
  if (failure && state.centroids) return try_again_later(self);
  if (failure) return shard_failed(self, {0}, state.failing_since, *failure);
  state.failing_since.reset();
  state.draw.emplace(sample_max, state.documents);
  begin_walk(state);
  attempt(self, [=] { sample_on(self); });
}

/// Counts the documents first: how many there are says who is drawn.
void sample(job_pointer self, std::uint32_t sample_max, std::uint64_t seed) {
  auto& state = self->state;
  state.seed = seed;
  state.documents = 0;
  const auto failure = std::make_shared<std::optional<Error>>();
  fan_out<ShardInfo>(
      self, state.route, all_shards(*state.route),
      Deadline::in(self->clock().now(), kJobPageTimeout),
      [](ShardId) { return std::make_tuple(info_atom_v, info_request{}); },
      [=](ShardId, const Result<ShardInfo>& info) {
        if (!info) *failure = info.error();
        if (info) self->state.documents += info->documents;
      },
      [=] { counted(self, sample_max, *failure); });
}

/// Reports a stage from `begin` to `end`; false ends it.
routing::GoOn progress(job_pointer self, double begin, double end, std::string_view what) {
  return [=](double done) {
    if (report_is_due(self->state)) report(self, begin + (end - begin) * done, std::string(what));
    return !self->state.config.stop.stop_requested();
  };
}

// --- the end ---

void end_cancelled(job_pointer self) {
  end_job(self, JobState::kCancelled,
          self->state.centroids ? "cancelled: documents that have not moved stay where they are, "
                                  "and searches ask all shards"
                                : "cancelled before anything was written");
}

std::string result_json(const centroid_state& state, const std::vector<double>& recall) {
  JsonWriter json;
  json.begin_object();
  json.key("centroids").number(state.centroids->seq);
  if (options_of(state) != nullptr) {
    json.key("sample").number(state.sampled);
    json.key("iterations").number(state.found.iterations);
    json.key("converged").boolean(state.found.converged);
    json.key("distortion").number(state.found.distortion);
  }
  json.key("moved").number(state.moved);
  json.key("recall").begin_array();
  for (const auto value : recall) json.number(value);
  json.end_array();
  json.end_object();
  return json.take();
}

void begin_moves(job_pointer self);

bool other_centroids_were_set(const centroid_state& state) {
  return state.route->placement->centroids().seq != state.centroids->seq;
}

void measured(job_pointer self) {
  auto& state = self->state;
  if (other_centroids_were_set(state)) return begin_moves(self);
  const auto& settings = state.route->settings;
  auto recall = routing::expected_recall(
      state.draw->take(), routing::Placement(settings, state.centroids), settings.metric,
      progress(self, kMovedProgress, 1, "measuring recall"));
  if (state.config.stop.stop_requested()) return end_cancelled(self);
  const auto entry =
      std::make_shared<const std::string>(encode_settlement({state.centroids->seq, recall}));
  attempt(self, [=] {
    append_entry(self, EntryKind::kSettleCentroids, Repeat::kHarmless, entry,
                 [=](const append_reply&) {
                   const auto& done = self->state;
                   if (other_centroids_were_set(done)) return begin_moves(self);
                   end_job(self, JobState::kDone,
                           fmt::format("collection '{}': {} documents moved",
                                       done.config.collection, done.moved),
                           result_json(done, recall));
                 });
  });
}

// --- moving ---

void move_on(job_pointer self);

void begin_pass(job_pointer self) {
  auto& state = self->state;
  begin_walk(state);
  ++state.passes;
  state.misplaced = 0;
  state.looked_at = 0;
  attempt(self, [=] { move_on(self); });
}

/// Also when other centroids were set while documents moved.
void begin_moves(job_pointer self) {
  auto& state = self->state;
  state.centroids = std::make_shared<const Centroids>(state.route->placement->centroids());
  state.passes = 0;
  begin_pass(self);
}

void end_pass(job_pointer self) {
  auto& state = self->state;
  if (state.misplaced > 0 && state.passes < kMovePassesMax) return begin_pass(self);
  attempt(self, [=] { sample(self, kRecallSample, self->state.centroids->seq); });
}

double move_progress(const centroid_state& state) {
  const auto total = static_cast<double>(std::max<std::uint64_t>(state.documents, 1));
  return kTrainedProgress + (kMovedProgress - kTrainedProgress) *
                                std::min(static_cast<double>(state.looked_at) / total, 1.0);
}

void page_done(job_pointer self, Row next, bool more) {
  auto& state = self->state;
  state.after = next;
  if (report_is_due(state))
    report(self, move_progress(state), fmt::format("{} documents moved", state.moved));
  if (more || next_shard(state)) return attempt(self, [=] { move_on(self); });
  end_pass(self);
}

/// A document that moves is stored twice until its old row is purged.
void wait_for_room(job_pointer self, const Error& why) {
  if (report_is_due(self->state))
    report(self, move_progress(self->state),
           fmt::format("{} documents moved, waiting: {}", self->state.moved, why.detail));
  try_again_later(self);
}

void append_move(job_pointer self, shard::MovePage page) {
  page.move.centroids = self->state.centroids->seq;
  self->state.misplaced += page.move.documents.size();
  const auto entry = std::make_shared<const std::string>(encode_move(page.move));
  attempt(self, [=, next = page.next, more = page.more] {
    if (self->state.config.stop.stop_requested()) return end_cancelled(self);
    if (const auto room = self->state.config.room(); !room)
      return wait_for_room(self, room.error());
    append_entry(self, EntryKind::kMove, Repeat::kHarmless, entry, [=](const append_reply& reply) {
      self->state.moved += reply.deleted;
      self->state.moved_at = reply.seq;
      page_done(self, next, more);
    });
  });
}

void take_misplaced(job_pointer self, shard::MovePage& page) {
  auto& state = self->state;
  // A shard that has not come to the centroids yet would not let go of anything, and one that has
  // not come to the last move would give the same documents again.
  if (page.move.read_at < std::max(state.centroids->seq, state.moved_at))
    return try_again_later(self);
  state.looked_at += page.looked_at;
  if (page.move.documents.empty()) return page_done(self, page.next, page.more);
  append_move(self, std::move(page));
}

void move_on(job_pointer self) {
  auto& state = self->state;
  if (state.config.stop.stop_requested()) return end_cancelled(self);
  if (other_centroids_were_set(state)) return begin_moves(self);
  ask<shard::MovePage>(
      self, std::make_tuple(move_atom_v, misplaced_request{state.after, state.centroids, {}}),
      take_misplaced);
}

// --- training ---

/// Once the centroids that were set have come back by way of the catalog.
void told(job_pointer self) {
  auto& state = self->state;
  if (state.awaited == 0 || state.route->placement->centroids().seq < state.awaited) return;
  state.awaited = 0;
  begin_moves(self);
}

void train(job_pointer self) {
  auto& state = self->state;
  const auto& settings = state.route->settings;
  auto vectors = state.draw->take();
  state.sampled = vectors.size();
  const auto& options = *options_of(state);
  auto found = routing::kmeans(
      std::move(vectors), settings.metric, {settings.shards, options.iterations, options.seed},
      progress(self, kSampledProgress, kTrainedProgress, "finding centroids"));
  if (state.config.stop.stop_requested()) return end_cancelled(self);
  if (!found) return fail_job(self, found.error());
  Centroids centroids;
  centroids.vectors = std::move(found->centroids);
  state.found = std::move(*found);
  const auto entry = std::make_shared<const std::string>(encode_centroids(centroids));
  attempt(self, [=] {
    append_entry(self, EntryKind::kSetCentroids, Repeat::kNever, entry,
                 [=](const append_reply& reply) {
                   self->state.awaited = reply.seq;
                   told(self);
                 });
  });
}

void sample_drawn(job_pointer self) {
  self->state.centroids ? measured(self) : train(self);
}

void start(job_pointer self) {
  const auto* options = options_of(self->state);
  if (options == nullptr) return begin_moves(self);
  attempt(self, [self, options = *options] { sample(self, options.sample, options.seed); });
}

}  // namespace

job_worker_actor::behavior_type centroid_job(job_pointer self, job_config config) {
  return job_behavior(
      self, std::move(config), [=] { start(self); },
      [=](ShardId) { attempt(self, self->state.again); }, [=] { end_cancelled(self); },
      [=] { told(self); });
}

}  // namespace mosaic::actors
