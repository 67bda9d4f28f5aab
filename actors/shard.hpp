// Shard: owns one shard file. Opens it when told to start, applies what the log hands out,
// checkpoints now and then and at the end. Anything that goes wrong kills it; its supervisor starts
// a fresh one. It ends with its supervisor: the next one starts shards of its own.
#pragma once

#include <chrono>

#include "actors/faults.hpp"
#include "actors/protocol.hpp"

namespace mosaic::actors {

struct shard_config {
  shard_key key;
  shard::ShardOptions options;
  std::size_t searchers = 2;
  std::size_t filter_cache_bytes = 64 << 20;
  std::uint64_t checkpoint_bytes = 32 << 20;
  std::chrono::seconds checkpoint_interval{60};
  supervisor_actor supervisor;
  log_actor log;
};

struct shard_state {
  std::unique_ptr<shard::Shard> shard;
  std::vector<searcher_actor>
      searchers;  ///< held here, or they would end with the last coordinator
  Seq durable = 0;
  Faults faults;
  static inline const char* name = "shard";
};

shard_actor::behavior_type shard_writer(shard_actor::stateful_pointer<shard_state> self,
                                        shard_config config);

}  // namespace mosaic::actors
