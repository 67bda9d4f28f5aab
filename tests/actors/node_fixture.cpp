#include "node_fixture.hpp"

namespace mosaic::actors {

void NodeFixture::SetUp() {
  auto opened = storage::DataFolder::open(folder.path());
  ASSERT_TRUE(opened);
  std::shared_ptr<const storage::DataFolder> data = std::move(*opened);
  catalog = std::make_shared<storage::Catalog>(data->catalog());
  log = system.spawn(log_bridge, log_config{memory, 1 << 20, node_metrics});
  supervision = {"n1", "test", data, catalog, {}, factory(), {}, {}};
  supervision.start_fetch = [](caf::scheduled_actor* parent, fetch_config fetching) {
    return parent->spawn(fetch, std::move(fetching));
  };
  supervision.shards.searchers = 1;
  supervision.shards.index_work_for = [](const shard::IndexFile& file) {
    auto work = index_work_of(file);
    work.run = [](const std::function<void()>& piece) { piece(); };
    return work;
  };
  supervision.wall_ms = [log = memory] { return log->time_ms; };
  supervision.metrics = node_metrics;
  supervision.self = 1;
  supervision.log_seq = [log = memory] { return log->last_seq(); };
  supervision.shards.metrics = node_metrics;
  supervision.restarts.crashes_max = 2;
  supervisor = system.spawn(shard_supervisor, supervision);
  writer = system.spawn(ingest, ingest_config{"n1", 1000, node_metrics, documents});
  reader = system.spawn(coordinator, coordinator_config{"n1", 1000, 0, node_metrics, 0, results});
  ranking_actor = system.spawn(ranker);
  wire();
}

void NodeFixture::wire() {
  send_parts();
  run();
}

void NodeFixture::send_parts() {
  auto parts = std::make_shared<node_parts>();
  parts->log = log;
  parts->supervisor = supervisor;
  parts->membership = member;
  parts->copies = giver;
  parts->rankers = {ranking_actor};
  parts->coordinators = {reader};
  parts->ingest = {writer};
  parts->listeners = {reader, writer};
  parts->embedder = embedder;
  if (jobs) {
    parts->jobs = jobs;
    parts->listeners.push_back(jobs);
  }
  if (purger) parts->listeners.push_back(purger);
  if (relay) {
    parts->replicas = relay;
    parts->listeners.push_back(relay);
  }
  const node_parts_ptr known = parts;
  if (member) caf::anon_send(member, parts_atom_v, known);
  for (const wired_actor& part : {wired_actor{log}, wired_actor{supervisor}})
    caf::anon_send(part, parts_atom_v, known);
  for (const auto& part : parts->listeners) caf::anon_send(part, parts_atom_v, known);
}

void NodeFixture::TearDown() {
  for (const auto& address : {supervisor.address(), log.address(), writer.address(),
                              reader.address(), ranking_actor.address()}) {
    caf::anon_send_exit(address, caf::exit_reason::user_shutdown);
  }
  if (jobs) caf::anon_send_exit(jobs, caf::exit_reason::user_shutdown);
  if (purger) caf::anon_send_exit(purger, caf::exit_reason::user_shutdown);
  if (member) caf::anon_send_exit(member, caf::exit_reason::user_shutdown);
  if (giver) caf::anon_send_exit(giver, caf::exit_reason::user_shutdown);
  if (relay) caf::anon_send_exit(relay, caf::exit_reason::user_shutdown);
  run();
  shards.clear();
}

shard_factory NodeFixture::factory() {
  return [this](caf::scheduled_actor* parent, const shard_config& options) {
    const auto shard = parent->spawn(shard_writer, options);
    if (broken) crash(shard, {ErrorCode::kCorruptData, "broken on purpose"});
    shards[options.key.shard] = shard;
    return shard;
  };
}

void NodeFixture::make_collection(std::uint32_t count) {
  CollectionSettings settings;
  settings.name = "docs";
  settings.dimension = 2;
  settings.metric = Metric::kL2;
  settings.shards = count;
  const auto put = ask<CollectionPut>(writer, create_atom_v, settings, RequestId{});
  ASSERT_TRUE(put) << put.error().detail;
  ASSERT_TRUE(put->created);
}

UpsertReply NodeFixture::upsert(const std::vector<std::string>& ids) {
  auto reply = try_upsert(ids);
  EXPECT_TRUE(reply) << reply.error().detail;
  return reply ? *reply : UpsertReply{};
}

Result<UpsertReply> NodeFixture::try_upsert(const std::vector<std::string>& ids) {
  UpsertRequest request{"docs", {}};
  for (const auto& id : ids) {
    Document document;
    document.id = id;
    document.text = "text of " + id;
    document.vector = {1, static_cast<float>(request.documents.size())};
    request.documents.push_back(document);
  }
  return ask<UpsertReply>(writer, upsert_atom_v, request, RequestId{});
}

Result<SearchReply> NodeFixture::search(std::size_t k) {
  SearchRequest request;
  request.collection = "docs";
  request.vector = {1, 0};
  request.k = k;
  return ask<SearchReply>(reader, search_atom_v, request);
}

void NodeFixture::kill_shard(ShardId shard) {
  crash(shards.at(shard), {ErrorCode::kInternal, "killed by a test"});
  run();
}

}  // namespace mosaic::actors
