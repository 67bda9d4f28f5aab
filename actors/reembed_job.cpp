#include "actors/reembed_job.hpp"

#include <algorithm>

#include "base/json_writer.hpp"
#include "text/document_text.hpp"
#include "text/endpoint_name.hpp"

namespace mosaic::actors {
namespace {

using job_pointer = job_worker_actor::stateful_pointer<reembed_state>;
using Version = shard::UnstagedPage::Version;

/// Of the progress, what the entry at the end leaves.
constexpr double kStagedProgress = 0.99;

const ReembedWork& work_of(const reembed_state& state) {
  return std::get<ReembedWork>(state.config.work);
}

/// Does `what` now, and once more at each `step` until something else is done.
void attempt(job_pointer self, std::function<void()> what) {
  self->state.again = what;
  what();
}

bool is_over(const reembed_state& state) {
  return state.ending.has_value() || state.switching;
}

reembed_state::counts total(const reembed_state& state) {
  reembed_state::counts sum;
  for (const auto& shard : state.counted) {
    sum.documents += shard.documents;
    sum.staged += shard.staged;
    sum.without += shard.without;
  }
  return sum;
}

void report_staged(job_pointer self, const std::string& waiting_for = "") {
  if (!report_is_due(self->state)) return;
  const auto sum = total(self->state);
  const auto seen = sum.staged + sum.without;
  const auto all = std::max<std::uint64_t>(sum.documents, 1);
  report(self,
         kStagedProgress * std::min(static_cast<double>(seen) / static_cast<double>(all), 1.0),
         fmt::format("{} of {} documents embedded{}{}", seen, sum.documents,
                     waiting_for.empty() ? "" : ", waiting: ", waiting_for));
}

// --- the end ---

void end_now(job_pointer self) {
  auto& state = self->state;
  end_job(self, *state.ending, std::move(state.ending_detail));
}

void end_staging(job_pointer self);

/// Ends what was staged, and then the job. The collection is what it was.
void give_up(job_pointer self, JobState as, std::string detail) {
  auto& state = self->state;
  if (is_over(state)) return;
  state.ending = as;
  state.ending_detail = std::move(detail);
  if (state.beginning) return;
  if (state.generation == 0) return end_now(self);
  end_staging(self);
}

void end_staging(job_pointer self) {
  const auto& state = self->state;
  const auto entry = std::make_shared<const std::string>(encode_generation(state.generation));
  attempt(self, [=] {
    if (!self->state.parts) return try_again_later(self);
    append_request request{self->state.route->id,
                           EntryKind::kCancelReembed,
                           entry,
                           {},
                           Deadline::in(self->clock().now(), kJobWriteTimeout)};
    self->request(self->state.parts->log, kJobWriteTimeout + kJobLogGrace, append_atom_v,
                  std::move(request))
        .then([=](const append_reply&) { end_now(self); },
              [=](caf::error& reason) {
                // Somebody has ended it already.
                from_caf(reason).code == ErrorCode::kNotFound ? end_now(self)
                                                              : try_again_later(self);
              });
  });
}

void fail(job_pointer self, const Error& error) {
  give_up(self, JobState::kFailed, fmt::format("{}: {}", to_string(error.code), error.detail));
}

void cancel(job_pointer self) {
  give_up(self, JobState::kCancelled, "cancelled: the collection keeps the vectors it has");
}

bool stopped(job_pointer self) {
  if (self->state.config.stop.stop_requested()) cancel(self);
  return is_over(self->state);
}

void end_done(job_pointer self) {
  const auto& state = self->state;
  const auto& request = work_of(state).request;
  const auto sum = total(state);
  JsonWriter json;
  json.begin_object();
  json.key("documents").number(sum.staged + sum.without);
  json.key("embedded").number(sum.staged);
  json.key("without").number(sum.without);
  json.key("embedder").string(request.embedder);
  json.key("dimension").number(request.dimension);
  json.end_object();
  end_job(self, JobState::kDone,
          fmt::format("collection '{}': {} documents embedded by '{}'", state.config.collection,
                      sum.staged, request.embedder),
          json.take());
}

/// Appends an entry of the job's staging, as often as it takes: each is harmless twice.
void append_staging(job_pointer self, StagedVectors staged, std::function<void()> then) {
  staged.generation = self->state.generation;
  const auto entry = std::make_shared<const std::string>(encode_staged(staged));
  attempt(self, [=] {
    if (stopped(self)) return;
    if (const auto room = self->state.config.room(); !room) {
      report_staged(self, room.error().detail);
      return try_again_later(self);
    }
    append_entry(self, EntryKind::kStageVectors, Repeat::kHarmless, entry,
                 [=](const append_reply& reply) {
                   self->state.staged_at = reply.seq;
                   if (!is_over(self->state)) then();
                 });
  });
}

// --- the switch ---

void next_round(job_pointer self);

/// Whether it took effect although its answer did not come through.
bool has_gone_over(const reembed_state& state) {
  return state.route->space()->seq > state.generation;
}

/// The catalog has gone over, the shards are about to: this entry says nothing, but comes after.
void await_shards(job_pointer self) {
  self->state.switching = true;
  const auto entry =
      std::make_shared<const std::string>(encode_staged({self->state.generation, {}}));
  attempt(self, [=] {
    append_entry(self, EntryKind::kStageVectors, Repeat::kHarmless, entry,
                 [=](const append_reply&) { end_done(self); });
  });
}

void not_switched(job_pointer self, const Error& error) {
  auto& state = self->state;
  state.switching = false;
  if (has_gone_over(state)) return await_shards(self);
  if (error.code == ErrorCode::kNotFound) return fail(self, error);
  if (stopped(self)) return;
  // Writes were not held any more: what came meanwhile is embedded first.
  state.holding = false;
  state.rounds = 0;
  next_round(self);
}

void switch_space(job_pointer self) {
  auto& state = self->state;
  state.switching = true;
  report(self, kStagedProgress, "going over to the new vectors");
  append_request request{state.route->id,
                         EntryKind::kSwitchSpace,
                         std::make_shared<const std::string>(encode_generation(state.generation)),
                         {},
                         Deadline::in(self->clock().now(), kJobWriteTimeout)};
  self->request(state.parts->log, kJobWriteTimeout + kJobLogGrace, append_atom_v,
                std::move(request))
      .then([=](const append_reply&) { await_shards(self); },
            [=](caf::error& reason) { not_switched(self, from_caf(reason)); });
}

// --- embedding ---

void read_on(job_pointer self);

/// The marker is an entry behind all writes that came before they were held: pages that show it
/// show those.
void hold_writes(job_pointer self) {
  attempt(self, [=] {
    auto& state = self->state;
    if (stopped(self)) return;
    if (!state.parts) return try_again_later(self);
    const auto until = Deadline::in(self->clock().now(), kHoldMax);
    self->request(state.parts->log, kHoldMax, hold_atom_v,
                  hold_request{state.route->id, state.generation, until})
        .then(
            [=] {
              if (stopped(self)) return;
              self->state.holding = true;
              append_staging(self, {}, [=] { next_round(self); });
            },
            [=](caf::error&) {
              if (!is_over(self->state)) try_again_later(self);
            });
  });
}

void end_round(job_pointer self) {
  auto& state = self->state;
  if (state.holding) return switch_space(self);
  if (state.round_versions > kLastRoundMax && state.rounds < kRoundsMax) return next_round(self);
  hold_writes(self);
}

void next_round(job_pointer self) {
  auto& state = self->state;
  ++state.rounds;
  state.round_versions = 0;
  state.shard = {0};
  attempt(self, [=] { read_on(self); });
}

void page_done(job_pointer self, Row next, bool more) {
  auto& state = self->state;
  state.after[state.shard.value] = next;
  report_staged(self);
  if (more || ++state.shard.value < state.route->shards.size())
    return attempt(self, [=] { read_on(self); });
  end_round(self);
}

void stage(job_pointer self, const std::shared_ptr<const shard::UnstagedPage>& page,
           std::vector<Vector> vectors) {
  StagedVectors staged;
  auto& counted = self->state.counted[self->state.shard.value];
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    ++(vectors[i].empty() ? counted.without : counted.staged);
    staged.items.push_back(
        {page->versions[i].id, page->versions[i].written, std::move(vectors[i])});
  }
  append_staging(self, std::move(staged), [=] { page_done(self, page->next, page->more); });
}

void embed_here(job_pointer self, const std::shared_ptr<const shard::UnstagedPage>& page) {
  std::vector<Vector> vectors;
  for (const auto& version : page->versions) {
    // An embedding may take milliseconds; nobody reads the mailbox meanwhile.
    if (stopped(self)) return;
    vectors.push_back(self->state.embedder->embed_document(version.title, version.text));
  }
  if (!self->state.embedder->intact())
    return fail(self,
                {ErrorCode::kUnavailable, "the files of the model changed while it was read"});
  stage(self, page, std::move(vectors));
}

std::vector<std::string> texts_of(const std::vector<Version>& versions) {
  std::vector<std::string> texts;
  for (const auto& version : versions) {
    auto text = text::document_text(version.title, version.text);
    if (!text::is_blank(text)) texts.push_back(std::move(text));
  }
  return texts;
}

/// The vectors that came for texts_of() the same versions; empty where there is no text.
std::vector<Vector> spread(const std::vector<Version>& versions, std::vector<Vector> came) {
  std::vector<Vector> vectors(versions.size());
  auto next = came.begin();
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (!text::is_blank(text::document_text(versions[i].title, versions[i].text)))
      vectors[i] = std::move(*next++);
  }
  return vectors;
}

void endpoint_failed(job_pointer self, const Error& error) {
  auto& since = self->state.failing_since;
  const auto now = self->clock().now();
  if (!since) since = now;
  if (now - *since >= kEndpointPatience) return fail(self, error);
  report_staged(self, error.detail);
  try_again_later(self);
}

void ask_endpoint(job_pointer self, const std::shared_ptr<const shard::UnstagedPage>& page) {
  auto texts = texts_of(page->versions);
  if (texts.empty()) return stage(self, page, spread(page->versions, {}));
  attempt(self, [=] {
    auto& state = self->state;
    if (stopped(self)) return;
    if (!state.parts) return try_again_later(self);
    const auto& request = work_of(state).request;
    const auto deadline = Deadline::in(self->clock().now(), kStageEmbedTimeout);
    self->request(state.parts->embedder, answer_timeout(self, deadline), embed_atom_v,
                  embed_request{request.embedder, request.dimension, texts, deadline})
        .then(
            [=](embed_reply& reply) {
              self->state.failing_since.reset();
              if (stopped(self)) return;
              stage(self, page, spread(page->versions, std::move(reply.vectors)));
            },
            [=](caf::error& reason) {
              if (!stopped(self)) endpoint_failed(self, from_caf(reason));
            });
  });
}

void take_page(job_pointer self, shard::UnstagedPage& page) {
  auto& state = self->state;
  // Of a state before the last entry, it would give the same versions again.
  if (page.read_at < std::max(state.generation, state.staged_at)) return try_again_later(self);
  state.counted[state.shard.value] = {page.documents, page.space.staged, page.space.without};
  state.round_versions += page.versions.size();
  if (page.versions.empty()) return page_done(self, page.next, page.more);
  const auto shared = std::make_shared<const shard::UnstagedPage>(std::move(page));
  state.embedder ? embed_here(self, shared) : ask_endpoint(self, shared);
}

std::size_t versions_max(const reembed_state& state) {
  const auto bytes = work_of(state).request.dimension * sizeof(float);
  return std::clamp<std::size_t>(kStageBytesMax / bytes, 1, kStageVersionsMax);
}

/// A shard that cannot be read is waited for: as long as it takes, since nothing has changed yet.
void read_on(job_pointer self) {
  auto& state = self->state;
  if (stopped(self)) return;
  const auto deadline = Deadline::in(self->clock().now(), kJobPageTimeout);
  const auto shard = state.shard;
  ask_shard<shard::UnstagedPage>(
      self, *state.route, shard, deadline,
      std::make_tuple(stage_atom_v, unstaged_request{state.generation, state.after[shard.value],
                                                     versions_max(state), deadline}),
      [=](Result<shard::UnstagedPage> page) {
        if (stopped(self)) return;
        if (page) return take_page(self, *page);
        report_staged(self, page.error().detail);
        try_again_later(self);
      });
}

// --- the beginning ---

void begin_rounds(job_pointer self, Seq generation) {
  auto& state = self->state;
  state.generation = generation;
  state.after.assign(state.route->shards.size(), 0);
  state.counted.assign(state.route->shards.size(), {});
  if (work_of(state).give_up) return fail(self, {ErrorCode::kInternal, "its worker died"});
  const auto& request = work_of(state).request;
  CollectionSettings settings;
  settings.name = request.collection;
  settings.embedder = request.embedder;
  settings.dimension = request.dimension;
  auto embedder = text::embedder_of(settings, work_of(state).fingerprint);
  if (!embedder) return fail(self, embedder.error());
  state.embedder = std::move(*embedder);
  next_round(self);
}

void begun(job_pointer self, Seq generation) {
  auto& state = self->state;
  state.beginning = false;
  if (!state.ending) return begin_rounds(self, generation);
  state.generation = generation;
  end_staging(self);
}

void begin(job_pointer self) {
  const auto& work = work_of(self->state);
  const Reembedding next{0, work.request.embedder, work.request.dimension, work.fingerprint};
  const auto entry = std::make_shared<const std::string>(encode_reembedding(next));
  attempt(self, [=] {
    if (stopped(self)) return;
    self->state.beginning = true;
    append_entry(
        self, EntryKind::kBeginReembed, Repeat::kNever, entry,
        [=](const append_reply& reply) { begun(self, reply.seq); },
        [=] {
          self->state.beginning = false;
          if (self->state.ending) end_now(self);
        });
  });
}

}  // namespace

job_worker_actor::behavior_type reembed_job(job_pointer self, job_config config) {
  return job_behavior(
      self, std::move(config),
      [=] {
        const auto generation = work_of(self->state).generation;
        generation == 0 ? begin(self) : begin_rounds(self, generation);
      },
      [=](ShardId) { self->state.again(); }, [=] { cancel(self); }, [] {});
}

}  // namespace mosaic::actors
