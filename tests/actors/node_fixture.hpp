// A whole node without threads: log bridge over a log in memory, supervisor, one ingest, one
// coordinator, one ranker, real shards.
#pragma once

#include "actor_fixture.hpp"

namespace mosaic::actors {

struct NodeFixture : ActorFixture {
  test::TemporaryFolder folder;
  std::shared_ptr<MemoryLog> memory = std::make_shared<MemoryLog>();
  std::shared_ptr<storage::Catalog> catalog;
  log_actor log;
  supervisor_actor supervisor;
  ingest_actor writer;
  coordinator_actor reader;
  ranker_actor ranking_actor;
  jobs_actor jobs;          ///< none unless a test starts one and wires anew
  embedder_actor embedder;  ///< likewise
  historian_actor purger;   ///< likewise
  membership_actor member;  ///< likewise
  copies_actor giver;       ///< likewise
  replicas_actor relay;     ///< likewise
  supervisor_config supervision;
  std::map<ShardId, shard_actor> shards;  ///< the newest actor of each
  metrics::NodeMetricsPtr node_metrics = std::make_shared<metrics::NodeMetrics>();
  /// Of the limit that a test sets before SetUp; none otherwise.
  std::shared_ptr<cluster::DocumentLedger> documents = std::make_shared<cluster::DocumentLedger>(0);
  /// Keeps nothing unless a test gives it room before SetUp.
  std::shared_ptr<query::ResultCache> results = std::make_shared<query::ResultCache>(0);
  bool broken = false;  ///< shards die as soon as they start

  void SetUp() override;
  void TearDown() override;

  /// Tells everybody who is who, as root does after each start.
  void wire();
  void send_parts();

  shard_factory factory();
  void make_collection(std::uint32_t count);
  UpsertReply upsert(const std::vector<std::string>& ids);
  Result<UpsertReply> try_upsert(const std::vector<std::string>& ids);
  Result<SearchReply> search(std::size_t k = 100);
  void kill_shard(ShardId shard);
};

}  // namespace mosaic::actors
