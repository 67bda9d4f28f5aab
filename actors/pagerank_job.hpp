// The worker of one PageRank job: reads the links of all shards as they stood at one seq, ranks,
// and appends the values to the log. Ranking itself is in graph/pagerank.hpp.
#pragma once

#include "actors/job_worker.hpp"
#include "graph/pagerank.hpp"

namespace mosaic::actors {

/// Past so many bytes the values do not go into one entry of the log: some ten million documents.
constexpr std::size_t kPageRankBytesMax = 256 << 20;

struct pagerank_state : job_worker_state {
  struct shard_reading {
    std::optional<Seq> seq;  ///< where the shard stood when the job began
    shard::GraphPosition next;
    std::optional<TimePoint> failing_since;
  };

  std::vector<shard_reading> shards;
  std::size_t pending = 0;        ///< shards to hear of before the next stage
  std::uint64_t items_total = 0;  ///< documents and links to read, about
  Seq cut = 0;
  graph::LinkGraphBuilder builder;
  std::uint64_t documents = 0;  ///< read so far
  std::uint64_t links = 0;      ///< read so far; once ranked, those that count

  graph::PageRank rank;    ///< without its values, which are in `entry`
  SharedBytes entry;       ///< to append; null while there is none
  bool appending = false;  ///< the entry is on its way: nobody can take it back

  static inline const char* name = "pagerank_job";
};

job_worker_actor::behavior_type pagerank_job(
    job_worker_actor::stateful_pointer<pagerank_state> self, job_config config);

}  // namespace mosaic::actors
