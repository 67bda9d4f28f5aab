#include "actors/jobs.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "actors/exceptions.hpp"
#include "actors/fan_out.hpp"

namespace mosaic::actors {
namespace {

using jobs_pointer = jobs_actor::stateful_pointer<jobs_state>;

std::string random_token() {
  return fmt::format("{:08x}", std::random_device()());
}

/// Tells a worker what it would know had it listened from the beginning.
void introduce(jobs_pointer self, const job_worker_actor& worker, const collection_route& route) {
  self->send(worker, parts_atom_v, self->state.parts);
  self->send(worker, opened_atom_v, collection_opened{route.id, route.settings});
  for (const auto shard : all_shards(route)) {
    const shard_key key{route.id, shard};
    const auto& known = route.shards[shard.value];
    if (known.searchers.empty()) {
      self->send(worker, lost_atom_v, shard_lost{key, known.state, known.error});
      continue;
    }
    std::vector<searcher_actor> searchers;
    for (const auto& searcher : known.searchers) searchers.push_back(searcher->actor);
    self->send(worker, up_atom_v, key, searchers);
  }
}

template <class... Message>
void tell_workers(jobs_pointer self, CollectionId collection, const Message&... message) {
  for (const auto& [id, job] : self->state.running) {
    if (job.collection == collection) self->send(job.worker, message...);
  }
}

void take_parts(jobs_pointer self, const node_parts_ptr& parts) {
  self->state.parts = parts;
  for (const auto& [id, job] : self->state.running) self->send(job.worker, parts_atom_v, parts);
}

caf::result<Job> start_pagerank(jobs_pointer self, const PageRankRequest& request) {
  auto& state = self->state;
  if (const auto checked = validate(request.options); !checked) return to_caf(checked.error());
  const auto route = state.routes.find(request.collection);
  if (!route) return to_caf(route.error());
  const auto job = state.jobs.start("pagerank", (*route)->id,
                                    fmt::format("collection '{}'", request.collection));
  if (!job) return to_caf(job.error());
  std::stop_source stop;
  const auto worker = state.config.start_worker(self, {job->id, request, self, stop.get_token()});
  self->monitor(worker);
  state.running.emplace(job->id, jobs_state::running_job{(*route)->id, worker, stop});
  introduce(self, worker, **route);
  self->send(worker, start_atom_v);
  return *job;
}

caf::result<Job> cancel(jobs_pointer self, const std::string& id) {
  const auto job = self->state.jobs.ask_to_stop(id);
  const auto running = self->state.running.find(id);
  if (running == self->state.running.end()) return to_caf(job);
  running->second.stop.request_stop();
  self->send(running->second.worker, cancel_atom_v);
  return to_caf(job);
}

void worker_gone(jobs_pointer self, const caf::down_msg& down) {
  auto& running = self->state.running;
  const auto found = std::find_if(running.begin(), running.end(), [&](const auto& job) {
    return job.second.worker.address() == down.source;
  });
  if (found == running.end()) return;
  self->state.jobs.lost(found->first, down.reason ? from_caf(down.reason).detail : "no result");
  running.erase(found);
}

}  // namespace

jobs_actor::behavior_type jobs(jobs_pointer self, std::string node) {
  return jobs_with(
      self, {std::move(node), random_token(), [](caf::scheduled_actor* parent, job_config job) {
               return parent->spawn<caf::detached>(pagerank_job, std::move(job));
             }});
}

jobs_actor::behavior_type jobs_with(jobs_pointer self, jobs_config config) {
  die_with_reason(self);
  self->state.routes = Routes(config.node);
  self->state.jobs = cluster::JobRegister(config.token);
  self->state.config = std::move(config);
  self->set_down_handler([=](caf::down_msg& down) { worker_gone(self, down); });
  return {
      [=](opened_atom, const collection_opened& x) {
        self->state.routes.opened(x);
        tell_workers(self, x.collection, opened_atom_v, x);
      },
      [=](dropped_atom, CollectionId id) {
        self->state.routes.dropped(id);
        tell_workers(self, id, dropped_atom_v, id);
      },
      [=](up_atom, const shard_key& key, const std::vector<searcher_actor>& x) {
        self->state.routes.up(key, x);
        tell_workers(self, key.collection, up_atom_v, key, x);
      },
      [=](lost_atom, const shard_lost& x) {
        self->state.routes.lost(x);
        tell_workers(self, x.key.collection, lost_atom_v, x);
      },
      [=](cut_atom, const cut_moved& x) { self->state.routes.cut(x); },
      [=](parts_atom, const node_parts_ptr& parts) { take_parts(self, parts); },
      [=](pagerank_atom, const PageRankRequest& request) { return start_pagerank(self, request); },
      [=](list_atom) { return jobs_reply{self->state.jobs.list()}; },
      [=](read_atom, const std::string& id) { return to_caf(self->state.jobs.find(id)); },
      [=](cancel_atom, const std::string& id) { return cancel(self, id); },
      [=](progress_atom, const job_progress& x) {
        self->state.jobs.progress(x.id, x.progress, x.detail);
      },
      [=](ended_atom, const job_ended& x) {
        self->state.jobs.end(x.id, x.state, x.detail, x.result);
      },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
