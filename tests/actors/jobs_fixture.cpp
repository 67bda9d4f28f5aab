#include "jobs_fixture.hpp"

namespace mosaic::actors {
namespace {

job_worker_actor::behavior_type idle_worker(job_worker_actor::pointer) {
  return {
      [](start_atom) {},
      [](cancel_atom) {},
      [](parts_atom, const node_parts_ptr&) {},
      [](opened_atom, const collection_opened&) {},
      [](dropped_atom, CollectionId) {},
      [](up_atom, const shard_key&, const std::vector<searcher_actor>&) {},
      [](lost_atom, const shard_lost&) {},
      [](replicas_atom, const shard_key&, const far_shards_actor&) {},
      [](lost_atom, const shard_key&) {},
      [](step_atom, std::uint64_t) {},
      [](copy_atom, const fetched_copy&) {},
      [](tick_atom) {},
  };
}

}  // namespace

void JobsFixture::SetUp() {
  NodeFixture::SetUp();
  start_jobs("t1");
}

void JobsFixture::TearDown() {
  worker = nullptr;
  NodeFixture::TearDown();
}

void JobsFixture::start_jobs(const std::string& token) {
  jobs_config jobs_are{"n1", token, [this](caf::scheduled_actor* parent, job_config job) {
                         return start_worker(parent, std::move(job));
                       }};
  jobs_are.metrics = node_metrics;
  jobs_are.plan = plan;
  jobs_are.files = {supervision.folder,
                    [](const std::string& url) { return backup::open_store(url, {}); },
                    [this] { return wall_ms; }};
  jobs_are.start_lister = [](caf::scheduled_actor* parent, job_files files) {
    return parent->spawn(backup_lister, std::move(files));
  };
  jobs = system.spawn(jobs_with, std::move(jobs_are));
  wire();
}

job_worker_actor JobsFixture::start_worker(caf::scheduled_actor* parent, job_config job) {
  job.progress_interval = {};
  job.room = [this] { return room; };
  if (stop) job.stop = *stop;
  if (idle) {
    worker = parent->spawn(idle_worker);
  } else if (std::holds_alternative<PageRankOptions>(job.work)) {
    worker = parent->spawn(pagerank_job, std::move(job));
  } else if (std::holds_alternative<ReembedWork>(job.work)) {
    worker = parent->spawn(reembed_job, std::move(job));
  } else if (std::holds_alternative<SnapshotWork>(job.work)) {
    worker = parent->spawn(snapshot_job, std::move(job));
  } else if (std::holds_alternative<BackupWork>(job.work)) {
    worker = parent->spawn(backup_job, std::move(job));
  } else if (std::holds_alternative<RestoreWork>(job.work)) {
    worker = parent->spawn(restore_job, std::move(job));
  } else {
    worker = parent->spawn(centroid_job, std::move(job));
  }
  return worker;
}

}  // namespace mosaic::actors
