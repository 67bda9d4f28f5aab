// A node with its jobs actor, whose workers run on the testing scheduler, too, and a collection of
// documents that link to each other.
#pragma once

#include <cmath>
#include <random>
#include <set>

#include <fmt/format.h>

#include "actors/backup_job.hpp"
#include "actors/centroid_job.hpp"
#include "actors/jobs.hpp"
#include "actors/pagerank_job.hpp"
#include "actors/reembed_job.hpp"
#include "actors/restore_job.hpp"
#include "actors/snapshot_job.hpp"
#include "node_fixture.hpp"

namespace mosaic::actors {

using Links = std::map<std::string, std::set<std::string>>;
using Ranks = std::map<std::string, double>;

struct JobsFixture : NodeFixture {
  job_worker_actor worker;                   ///< the newest
  bool idle = false;                         ///< workers do nothing at all
  std::optional<std::stop_token> stop;       ///< workers look at this one
  Status room;                               ///< that workers find
  std::int64_t wall_ms = 1'795'993'445'007;  ///< 2026-11-29T23:04:05.007Z
  backup_plan plan;                          ///< of the jobs actor that is started next

  void SetUp() override;
  void TearDown() override;

  void start_jobs(const std::string& token);
  job_worker_actor start_worker(caf::scheduled_actor* parent, job_config job);

  void make(const std::string& name, std::uint32_t count) {
    CollectionSettings settings;
    settings.name = name;
    settings.dimension = 2;
    settings.embedder = "none";
    settings.shards = count;
    const auto put = ask<CollectionPut>(writer, create_atom_v, settings, RequestId{});
    ASSERT_TRUE(put) << put.error().detail;
  }

  void write(const std::string& name, const Links& links) {
    UpsertRequest request{name, {}};
    for (const auto& [id, targets] : links) {
      Document document;
      document.id = id;
      for (const auto& target : targets) document.links.push_back({target, "", 1});
      request.documents.push_back(document);
    }
    const auto written = ask<UpsertReply>(writer, upsert_atom_v, request, RequestId{});
    ASSERT_TRUE(written) << written.error().detail;
  }

  /// Starts the job and lets everything run that need not wait.
  Job rank(const std::string& name = "docs", const PageRankOptions& options = {}) {
    const auto job = ask<Job>(jobs, pagerank_atom_v, PageRankRequest{name, options});
    EXPECT_TRUE(job) << job.error().detail;
    return job ? *job : Job{};
  }

  Job job(const std::string& id) {
    const auto found = ask<Job>(jobs, read_atom_v, id);
    EXPECT_TRUE(found) << found.error().detail;
    return found ? *found : Job{};
  }

  std::optional<double> value(const std::string& name, const std::string& id) {
    const auto found = ask<StoredDocument>(reader, read_atom_v, GetRequest{name, id, {}});
    EXPECT_TRUE(found) << found.error().detail;
    return found ? found->pagerank : std::nullopt;
  }

  Ranks values(const std::string& name, const Links& links) {
    Ranks ranks;
    for (const auto& [id, targets] : links) ranks[id] = value(name, id).value_or(-1);
    return ranks;
  }

  std::size_t entries_written() const {
    return static_cast<std::size_t>(
        std::count_if(memory->entries.begin(), memory->entries.end(),
                      [](const auto& entry) { return entry.kind == EntryKind::kPageRank; }));
  }

  /// What the jobs actor knows at this moment, without letting anything run.
  const jobs_state& jobs_now() const {
    auto& actor = *caf::actor_cast<caf::abstract_actor*>(jobs);
    return dynamic_cast<jobs_actor::stateful_base<jobs_state>&>(actor).state;
  }
};

/// `count` documents with up to 5 links each, some of them to documents that are not there.
inline Links random_links(std::mt19937& random, int count) {
  Links links;
  for (int i = 0; i < count; ++i) {
    auto& targets = links[fmt::format("d{}", i)];
    for (auto n = random() % 6; n > 0; --n)
      targets.insert(fmt::format("d{}", random() % static_cast<unsigned>(count + 3)));
  }
  return links;
}

/// By the definition, slowly.
inline Ranks reference_ranks(const Links& links, double damping = 0.85) {
  Links inside;
  for (const auto& [source, targets] : links) {
    inside[source];
    for (const auto& target : targets) {
      if (links.contains(target)) inside[source].insert(target);
    }
  }
  const auto count = static_cast<double>(links.size());
  Ranks ranks;
  for (const auto& [id, targets] : inside) ranks[id] = 1 / count;
  for (int round = 0; round < 500; ++round) {
    Ranks next;
    double everywhere = (1 - damping) / count;
    for (const auto& [id, targets] : inside) {
      if (targets.empty()) everywhere += damping * ranks[id] / count;
      for (const auto& target : targets)
        next[target] += damping * ranks[id] / static_cast<double>(targets.size());
    }
    for (auto& [id, rank] : ranks) rank = everywhere + next[id];
  }
  return ranks;
}

inline double difference(const Ranks& a, const Ranks& b) {
  double sum = 0;
  for (const auto& [id, rank] : a) sum += std::abs(rank - b.at(id));
  return sum;
}

}  // namespace mosaic::actors
