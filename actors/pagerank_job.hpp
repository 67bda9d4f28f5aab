// The worker of one PageRank job: reads the links of all shards as they stood at one seq, ranks,
// and appends the values to the log. Has a thread of its own, since ranking takes long and reads no
// mailbox meanwhile: it is stopped by a flag. Ends with its jobs actor. Ranking itself is in
// graph/pagerank.hpp.
#pragma once

#include <stop_token>

#include "actors/routes.hpp"
#include "graph/pagerank.hpp"

namespace mosaic::actors {

/// Past so many bytes the values do not go into one entry of the log: some ten million documents.
constexpr std::size_t kPageRankBytesMax = 256 << 20;
/// How long one page of one shard may take.
constexpr std::chrono::seconds kGraphPageTimeout{10};
/// For so long a shard may fail, or the log refuse for want of room, before the job does. A shard
/// that crashed is back in well under a second.
constexpr std::chrono::seconds kJobPatience{10};
constexpr std::chrono::milliseconds kJobRetryPause{250};
constexpr std::chrono::seconds kPageRankWriteTimeout{60};

/// What the jobs actor tells a worker: who is who, and how the shards of its collection fare.
/// `step` tries again what failed.
using job_worker_actor = caf::typed_actor<
    reacts_to<start_atom>, reacts_to<cancel_atom>, reacts_to<parts_atom, node_parts_ptr>,
    reacts_to<opened_atom, collection_opened>, reacts_to<dropped_atom, CollectionId>,
    reacts_to<up_atom, shard_key, std::vector<searcher_actor>>, reacts_to<lost_atom, shard_lost>,
    reacts_to<step_atom, std::uint64_t>>;

struct job_config {
  std::string id;
  PageRankRequest request;
  jobs_actor jobs;       ///< hears of progress and of the end
  std::stop_token stop;  ///< ends the job as cancelled, unless its entry is on its way already
  std::chrono::milliseconds progress_interval{100};  ///< of reports within a stage
};

struct pagerank_state {
  pagerank_state() : routes("") {}

  struct shard_reading {
    std::optional<Seq> seq;  ///< where the shard stood when the job began
    shard::GraphPosition next;
    std::optional<TimePoint> failing_since;
  };

  job_config config;
  Routes routes;
  node_parts_ptr parts;
  std::shared_ptr<collection_route> route;  ///< once started
  TimePoint reported;                       ///< when progress was told last

  std::vector<shard_reading> shards;
  std::size_t pending = 0;        ///< shards to hear of before the next stage
  std::uint64_t items_total = 0;  ///< documents and links to read, about
  Seq cut = 0;
  graph::LinkGraphBuilder builder;
  std::uint64_t documents = 0;  ///< read so far
  std::uint64_t links = 0;      ///< read so far; once ranked, those that count

  graph::PageRank rank;  ///< without its values, which are in `entry`
  append_request entry;
  bool appending = false;  ///< the entry is on its way: nobody can take it back
  std::optional<TimePoint> refused_since;

  static inline const char* name = "pagerank_job";
};

job_worker_actor::behavior_type pagerank_job(
    job_worker_actor::stateful_pointer<pagerank_state> self, job_config config);

}  // namespace mosaic::actors
