#include "actors/node.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <thread>

#include "actors/coordinator.hpp"
#include "actors/embedder.hpp"
#include "actors/embedding_cache.hpp"
#include "actors/engine.hpp"
#include "actors/engine_bridge.hpp"
#include "actors/historian.hpp"
#include "actors/ingest.hpp"
#include "actors/jobs.hpp"
#include "actors/log.hpp"
#include "actors/network.hpp"
#include "actors/publish.hpp"
#include "actors/ranker.hpp"
#include "actors/root.hpp"
#include "actors/supervisor.hpp"
#include "base/log.hpp"
#include "base/wall_clock.hpp"
#include "base/watchdog.hpp"
#include "index/kernels.hpp"
#include "net/redis_client.hpp"
#include "replication/carry_over.hpp"
#include "replication/raft_log.hpp"
#include "storage/restored_files.hpp"

namespace mosaic::actors {
namespace {

struct node_config : caf::actor_system_config {
  node_config(std::size_t threads, bool networked) {
    add_protocol(*this);
    if (networked) add_network(*this);
    // One shared queue: a searcher that waits for the disk holds up only its own thread.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", threads);
  }
};

constexpr std::chrono::seconds kStartTimeout{60};

std::size_t cores() {
  return std::max(1U, std::thread::hardware_concurrency());
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != 0 ? name : "mosaic";
}

/// The furthest that any shard's file has come.
Seq applied_by_shards(const storage::DataFolder& folder, const storage::Catalog& catalog) {
  Seq furthest = 0;
  for (const auto& [id, record] : catalog.collections()) {
    for (std::uint32_t i = 0; i < record.settings.shards; ++i)
      furthest =
          std::max(furthest, storage::stored_seq(folder.shard(id, record.settings.name, {i})));
  }
  return furthest;
}

std::shared_ptr<replication::Log> open_log(const storage::DataFolder& folder,
                                           storage::Catalog& catalog,
                                           const NodeSettings& settings) {
  replication::carry_over(folder.log_before(), folder.log());
  replication::RaftLogOptions options;
  options.folder = folder.log();
  options.retained_bytes = settings.log.retained_bytes;
  options.applied = std::max(catalog.known_seq(), applied_by_shards(folder, catalog));
  options.floor = catalog.log_floor();
  // Whoever starts the process again finds what is stored.
  options.fail_stop = [](const Error&) { std::_Exit(1); };
  return std::make_shared<replication::RaftLog>(std::move(options));
}

/// Brings the catalog to the end of the log before any actor runs.
void replay_catalog(storage::Catalog& catalog, replication::Log& log) {
  const auto entries = log.read_catalog(catalog.applied_seq());
  if (!entries) throw Failure(entries.error());
  for (const auto& entry : *entries) {
    const auto applied = catalog.apply(entry.seq, entry.kind, entry.collection, *entry.bytes,
                                       {entry.time_ms, entry.request});
    // What was refused when it was written is refused again, and changes nothing.
    if (!applied)
      log::info("catalog entry {} changes nothing: {}", entry.seq, applied.error().detail);
  }
}

EngineBridge::recall_source recall_from(const std::filesystem::path& catalog) {
  return [answers = std::make_shared<storage::AnswerReader>(catalog)](const RequestId& request) {
    return answers->find(request, wall_clock_ms());
  };
}

/// Files of before a crash: what was to be taken over is, and what belongs to nothing goes.
void tidy_up(const storage::DataFolder& folder, storage::Catalog& catalog) {
  std::vector<std::filesystem::path> keep;
  for (const auto& [id, record] : catalog.collections()) {
    const auto& name = record.settings.name;
    storage::take_restored_files(folder, catalog, record);
    keep.push_back(folder.collection(id, name));
    for (const auto& snapshot : *record.snapshots) {
      if (snapshot.kept) keep.push_back(folder.snapshot(id, name, snapshot.snapshot.name));
    }
  }
  folder.remove_strays(keep);
}

shard_config shard_defaults(const NodeSettings& settings, metrics::NodeMetricsPtr metrics) {
  shard_config config;
  config.builds.threads = settings.index.threads;
  config.metrics = std::move(metrics);
  config.searchers = settings.search.searchers_per_shard;
  config.filter_cache_bytes = settings.search.filter_cache_bytes;
  config.checkpoint_bytes = settings.storage.wal_bytes_max;
  config.checkpoint_interval = std::chrono::seconds(settings.storage.checkpoint_interval_s);
  return config;
}

embedder_config embedder_defaults(const NodeSettings& settings, metrics::NodeMetricsPtr metrics) {
  const auto& endpoint = settings.embedding;
  const auto& cache = settings.cache;
  embedder_config config;
  config.metrics = std::move(metrics);
  config.endpoint = {endpoint.api_key, endpoint.timeout_ms, endpoint.attempts_max};
  config.shared = {std::chrono::milliseconds(cache.redis_timeout_ms), cache.redis_ttl_s};
  if (cache.redis_url.empty()) return config;
  const auto redis = net::parse_redis_url(cache.redis_url);
  if (!redis) throw Failure(redis.error());
  config.open_store = [at = *redis] { return std::make_unique<net::RedisClient>(at); };
  return config;
}

embedding_cache_config embedding_defaults(const NodeSettings& settings,
                                          const metrics::NodeMetricsPtr& metrics) {
  embedding_cache_config config;
  config.metrics = metrics;
  config.limits.cache_bytes = settings.embedding.cache_bytes;
  config.limits.batch_max = settings.embedding.batch_max;
  const auto each = embedder_defaults(settings, metrics);
  config.start_embedder = [each](caf::scheduled_actor* cache) {
    return cache->spawn<caf::detached>(embedder, each);
  };
  return config;
}

backup_plan plan_of(const NodeSettings& settings) {
  const auto& backup = settings.backup;
  return {or_throw(parse_backup_schedule(backup.schedule)), backup.target, backup.keep};
}

job_files files_of_jobs(std::shared_ptr<const storage::DataFolder> folder,
                        const NodeSettings& settings) {
  backup::StoreOptions options;
  options.endpoint = settings.backup.s3_endpoint;
  options.region = settings.backup.s3_region;
  options.credentials_file = settings.backup.s3_credentials_file;
  options.keep_out = folder->root();
  return {std::move(folder),
          [options](const std::string& url) { return backup::open_store(url, options); },
          wall_clock_ms};
}

std::chrono::milliseconds purge_interval(const NodeSettings& settings) {
  return std::chrono::seconds(settings.history.purge_interval_s);
}

/// A part of its own thread, as root starts it.
template <class Behavior, class... Arguments>
auto detached(Behavior behavior, Arguments... arguments) {
  return [=](caf::scheduled_actor* parent, std::size_t) {
    return caf::actor_cast<caf::actor>(parent->spawn<caf::detached>(behavior, arguments...));
  };
}

}  // namespace

struct Node::Parts {
  NodeSettings settings;
  metrics::NodeMetricsPtr metrics;
  std::string version;
  std::string name;
  std::shared_ptr<const storage::DataFolder> folder;
  std::shared_ptr<replication::Log> log;
  std::shared_ptr<storage::Catalog> catalog;
  std::unique_ptr<node_config> config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<EngineBridge> engine;
  std::unique_ptr<engine_port> port;  ///< none unless caf.listen is set
  root_actor root;
  std::atomic<bool> started = false;

  std::vector<part_spec> specs() const;
  void spawn(std::function<void(const Error&)> on_fatal);
  void publish(const caf::actor& engine_part);
  void wait_for_routes();
  void stop();
};

/// The order of starting: who works with others comes after them, fronts come last.
std::vector<part_spec> Node::Parts::specs() const {
  supervisor_config supervision{name,
                                version,
                                folder,
                                catalog,
                                shard_defaults(settings, metrics),
                                [](caf::scheduled_actor* self, shard_config shard) {
                                  return self->spawn<caf::detached>(shard_writer, std::move(shard));
                                },
                                {},
                                metrics};
  const auto documents =
      std::make_shared<cluster::DocumentLedger>(settings.limits.collection_documents);
  const auto results = std::make_shared<query::ResultCache>(
      settings.search.result_cache_bytes, [metrics = metrics](const CacheChange& change) {
        metrics->caches.changed(metrics::Cache::kResult, change);
      });
  const auto coordinate = [this, results](caf::scheduled_actor* parent, std::size_t number) {
    const coordinator_config coordination{name,    settings.search.timeout_ms, number,
                                          metrics, settings.log.slow_query_ms, results};
    return caf::actor_cast<caf::actor>(parent->spawn<caf::detached>(coordinator, coordination));
  };
  return {
      {"log", 1,
       detached(log_bridge, log_config{log, settings.write.queue_bytes_max, metrics,
                                       settings.log.retained_bytes, settings.log.bytes_max})},
      {"supervisor", 1, detached(shard_supervisor, std::move(supervision))},
      {"embedding", 1, detached(embedding_cache, embedding_defaults(settings, metrics)), false},
      {"ranker", cores(), detached(ranker), false},
      {"coordinator", cores(), coordinate},
      {"ingest", cores(),
       detached(ingest, ingest_config{name, settings.write.timeout_ms, metrics, documents})},
      {"jobs", 1,
       detached(jobs, name, metrics, engine->doors().watch, files_of_jobs(folder, settings),
                plan_of(settings))},
      {"historian", 1,
       detached(historian, historian_config{name, purge_interval(settings), wall_clock_ms})},
      {"engine", 1, detached(actors::engine, engine->doors())},
  };
}

void Node::Parts::spawn(std::function<void(const Error&)> on_fatal) {
  const auto threads = settings.search.threads == 0 ? 2 * cores() : settings.search.threads;
  config = std::make_unique<node_config>(threads, !settings.caf.listen.empty());
  system = std::make_unique<caf::actor_system>(*config);
  engine = std::make_unique<EngineBridge>(*system, settings, cores(), metrics,
                                          machine_usage(settings.node.data_dir));
  engine->recall_from(recall_from(folder->catalog()));
  engine->doors().watch->start();
  if (!settings.caf.listen.empty())
    port = std::make_unique<engine_port>(*system, settings.caf.listen);
  root_config rooting{specs(),
                      {},
                      settings.debug.fault_injection,
                      [this](const std::string& part, const caf::actor& actor) {
                        if (part == "engine") publish(actor);
                      },
                      [this](const node_parts_ptr& known) { engine->use(known); },
                      metrics};
  root = system->spawn<caf::detached>(actors::root, std::move(rooting));
  engine->use_root(root);
  root->attach_functor([on_fatal = std::move(on_fatal)](const caf::error& reason) {
    if (!reason || reason == caf::exit_reason::user_shutdown) return;
    log::critical("the root of the node died: {}", from_caf(reason).detail);
    on_fatal(from_caf(reason));
  });
  caf::scoped_actor self{*system};
  self->request(root, kStartTimeout, start_atom_v)
      .receive([] {}, [](caf::error& error) { throw Failure(from_caf(error)); });
  started = true;
}

void Node::Parts::publish(const caf::actor& engine_part) {
  if (!port) return;
  const auto published = port->publish(caf::actor_cast<engine_actor>(engine_part));
  if (published) return log::info("CAF clients find the engine at port {}", *published);
  if (!started) throw Failure(published.error());
  log::error("CAF clients cannot reach the engine: {}", published.error().detail);
}

/// Once the supervisor has answered anything, every coordinator has been told which collections
/// there are: no request is refused for a collection that is only not known yet.
void Node::Parts::wait_for_routes() {
  std::promise<Result<Health>> answered;
  engine->health([&](Result<Health> health) { answered.set_value(std::move(health)); });
  if (const auto health = answered.get_future().get(); !health)
    log::warn("slow start: {}", health.error().detail);
}

void Node::Parts::stop() {
  // Whatever is stuck, the process ends. Nothing acknowledged is lost: the log has it.
  const Watchdog watchdog(std::chrono::seconds(settings.node.stop_timeout_s), [] {
    log::critical("parts of the node do not end; the process ends without them");
    std::_Exit(1);
  });
  if (root) {
    caf::scoped_actor self{*system};
    self->send_exit(root, caf::exit_reason::user_shutdown);
    self->wait_for(root);
  }
  log->stop();
  // Handles keep actors alive, the listener within the log too, and the system waits for them all.
  root = nullptr;
  engine.reset();
  port.reset();
  log.reset();
  system.reset();
}

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() {
  parts_->stop();
}
Engine& Node::engine() {
  return *parts_->engine;
}

Result<std::unique_ptr<Node>> Node::start(const NodeSettings& settings, std::string version,
                                          std::function<void(const Error&)> on_fatal,
                                          metrics::NodeMetricsPtr metrics) {
  auto folder = storage::DataFolder::open(settings.node.data_dir);
  if (!folder) return folder.error();
  return to_result([&] {
    auto parts = std::make_unique<Parts>();
    parts->settings = settings;
    parts->metrics = std::move(metrics);
    parts->version = std::move(version);
    parts->name = settings.node.name.empty() ? host_name() : settings.node.name;
    parts->metrics->info.identify(parts->version, parts->name, std::string(index::kernels().name));
    parts->metrics->process.data_folder(settings.node.data_dir);
    parts->folder = std::move(*folder);
    parts->catalog = std::make_shared<storage::Catalog>(parts->folder->catalog());
    parts->log = open_log(*parts->folder, *parts->catalog, settings);
    replay_catalog(*parts->catalog, *parts->log);
    tidy_up(*parts->folder, *parts->catalog);
    auto node = std::unique_ptr<Node>(new Node(std::move(parts)));
    node->parts_->spawn(std::move(on_fatal));
    node->parts_->wait_for_routes();
    return node;
  });
}

}  // namespace mosaic::actors
