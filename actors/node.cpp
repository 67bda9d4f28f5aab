#include "actors/node.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <thread>

#include "actors/cluster_ports.hpp"
#include "actors/connector.hpp"
#include "actors/coordinator.hpp"
#include "actors/copies.hpp"
#include "actors/embedder.hpp"
#include "actors/embedding_cache.hpp"
#include "actors/engine.hpp"
#include "actors/engine_bridge.hpp"
#include "actors/historian.hpp"
#include "actors/ingest.hpp"
#include "actors/jobs.hpp"
#include "actors/log.hpp"
#include "actors/membership.hpp"
#include "actors/network.hpp"
#include "actors/node_state.hpp"
#include "actors/publish.hpp"
#include "actors/ranker.hpp"
#include "actors/replicas.hpp"
#include "actors/root.hpp"
#include "actors/supervisor.hpp"
#include "actors/tls_network.hpp"
#include "base/log.hpp"
#include "base/wall_clock.hpp"
#include "base/watchdog.hpp"
#include "index/kernels.hpp"
#include "net/redis_client.hpp"
#include "storage/restored_files.hpp"

namespace mosaic::actors {
namespace {

struct node_config : caf::actor_system_config {
  node_config(std::size_t threads, bool networked, const tls::TlsFiles& certificates) {
    add_protocol(*this);
    if (networked) add_network(*this);
    if (networked && !certificates.empty())
      add_tls_network(*this, or_throw(tls::TlsContext::load(certificates)));
    // One shared queue: a searcher that waits for the disk holds up only its own thread.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", threads);
  }
};

constexpr std::chrono::seconds kStartTimeout{60};

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != 0 ? name : "mosaic";
}

/// By which host others reach what listens at `host`.
std::string told_host(const NodeSettings& settings, const std::string& host) {
  if (!settings.cluster.advertise.empty()) return settings.cluster.advertise;
  const bool everywhere = host == "0.0.0.0" || host == "::" || host == "[::]" || host.empty();
  return everywhere ? host_name() : host;
}

/// How others reach the HTTP server that listens at `listen`, HOST:PORT.
std::string told_address(const NodeSettings& settings, const std::string& listen) {
  const auto colon = listen.rfind(':');
  return told_host(settings, listen.substr(0, colon)) + listen.substr(colon);
}

tls::TlsFiles files_of(const NodeSettings::Cluster& cluster) {
  return {cluster.certificate, cluster.key, cluster.ca};
}

std::size_t cores() {
  return std::max(1U, std::thread::hardware_concurrency());
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
                        const NodeSettings& settings, std::uint64_t node) {
  backup::StoreOptions options;
  options.endpoint = settings.backup.s3_endpoint;
  options.region = settings.backup.s3_region;
  options.credentials_file = settings.backup.s3_credentials_file;
  options.keep_out = folder->root();
  return {std::move(folder),
          [options](const std::string& url) { return backup::open_store(url, options); },
          wall_clock_ms, node};
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
  NodeEvents events;
  node_state state;
  std::unique_ptr<node_config> config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<EngineBridge> engine;
  std::unique_ptr<actor_port> client_port;   ///< none unless caf.listen is set
  std::unique_ptr<actor_port> cluster_port;  ///< none where nobody can join
  root_actor root;
  std::atomic<bool> started = false;
  std::stop_source copying;

  void open();
  std::vector<part_spec> specs() const;
  membership_config membership_defaults() const;
  void spawn();
  void publish(const std::string& part, const caf::actor& actor);
  void wait_for_routes();
  void stop();
};

/// The order of starting: who works with others comes after them, fronts come last.
std::vector<part_spec> Node::Parts::specs() const {
  supervisor_config supervision{name,
                                version,
                                folder,
                                state.catalog,
                                shard_defaults(settings, metrics),
                                [](caf::scheduled_actor* self, shard_config shard) {
                                  return self->spawn<caf::detached>(shard_writer, std::move(shard));
                                },
                                [](caf::scheduled_actor* self, fetch_config fetching) {
                                  return self->spawn<caf::detached>(fetch, std::move(fetching));
                                },
                                {},
                                metrics};
  supervision.self = state.self.id;
  supervision.move_bytes_per_s = settings.cluster.move_bytes_per_s;
  supervision.log_forgotten = [log = state.log] { return log->forgotten(); };
  supervision.log_seq = [log = state.log] { return log->standing().last; };
  const std::function<bool()> leads = [log = state.log] { return log->standing().leads(); };
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
       detached(log_bridge, log_config{state.log, settings.write.queue_bytes_max, metrics,
                                       retained_log_bytes(settings), settings.log.bytes_max})},
      {"supervisor", 1, detached(shard_supervisor, std::move(supervision))},
      {"membership", 1, detached(membership, membership_defaults())},
      {"replicas", 1, detached(replicas, replicas_config{state.self.id, name})},
      {"copies", 1, detached(copies, copies_config{folder, copying.get_token()}), false},
      {"embedding", 1, detached(embedding_cache, embedding_defaults(settings, metrics)), false},
      {"ranker", cores(), detached(ranker), false},
      {"coordinator", cores(), coordinate},
      {"ingest", cores(),
       detached(ingest, ingest_config{name, settings.write.timeout_ms, metrics, documents})},
      {"jobs", 1,
       detached(jobs, name, metrics, engine->doors().watch,
                files_of_jobs(folder, settings, state.self.id), plan_of(settings), leads)},
      {"historian", 1,
       detached(historian, historian_config{name, purge_interval(settings), wall_clock_ms, leads})},
      {"engine", 1, detached(actors::engine, engine->doors())},
  };
}

membership_config Node::Parts::membership_defaults() const {
  membership_config others;
  others.self = state.self;
  others.log = state.log;
  others.addresses = state.addresses;
  others.voters_max = settings.cluster.voters;
  others.metrics = metrics;
  others.connect = [](membership_pointer self, const std::string& address, peer_found then) {
    find_peer(self, address, kConnectTimeout, std::move(then));
  };
  others.on_removed = events.on_fatal;
  return others;
}

/// The network first: a node may have to find others before it can open what it has.
void Node::Parts::open() {
  const auto place = cluster::cluster_place(settings);
  const auto threads = settings.search.threads == 0 ? 2 * cores() : settings.search.threads;
  const auto certificates = files_of(settings.cluster);
  config = std::make_unique<node_config>(threads, place.open || !settings.caf.listen.empty(),
                                         certificates);
  system = std::make_unique<caf::actor_system>(*config);
  NodeRecord self{
      0,
      name,
      settings.http.listen.ends_with(":0") ? "" : told_address(settings, settings.http.listen),
      {},
      {}};
  std::string log_listen;
  if (place.open) {
    const auto ports =
        kept_ports(folder->root(), place.host,
                   {place.port, static_cast<std::uint16_t>(settings.cluster.log_port)});
    const auto host = told_host(settings, place.host);
    self.cluster_address = fmt::format("{}:{}", host, ports.actors);
    self.log_address = fmt::format("{}:{}", host, ports.log);
    log_listen = fmt::format("{}:{}", place.host, ports.log);
    cluster_port = std::make_unique<actor_port>(
        *system, fmt::format("{}:{}", place.host, ports.actors), "other nodes", network::for_nodes);
  } else if (!settings.cluster.join.empty()) {
    throw Failure(ErrorCode::kInvalidArgument,
                  "a node that joins a cluster listens for it: set cluster.listen, and "
                  "certificates or cluster.insecure where that is not loopback");
  }
  state = open_node_state({*folder, settings, *system, std::move(self), log_listen, certificates,
                           events.on_overtaken, events.stop_wanted});
}

void Node::Parts::spawn() {
  engine = std::make_unique<EngineBridge>(*system, settings, cores(), metrics,
                                          machine_usage(settings.node.data_dir));
  engine->recall_from(recall_from(folder->catalog()));
  engine->doors().watch->start();
  if (!settings.caf.listen.empty())
    client_port = std::make_unique<actor_port>(*system, settings.caf.listen, "CAF clients");
  root_config rooting{
      specs(),
      {},
      settings.debug.fault_injection,
      [this](const std::string& part, const caf::actor& actor) { publish(part, actor); },
      [this](const node_parts_ptr& known) { engine->use(known); },
      metrics};
  root = system->spawn<caf::detached>(actors::root, std::move(rooting));
  engine->use_root(root);
  root->attach_functor([on_fatal = events.on_fatal](const caf::error& reason) {
    if (!reason || reason == caf::exit_reason::user_shutdown) return;
    const auto why = from_caf(reason);
    on_fatal({why.code, "the root of its parts died: " + why.detail});
  });
  caf::scoped_actor self{*system};
  self->request(root, kStartTimeout, start_atom_v)
      .receive([] {}, [](caf::error& error) { throw Failure(from_caf(error)); });
  started = true;
}

void Node::Parts::publish(const std::string& part, const caf::actor& actor) {
  Result<std::uint16_t> published = std::uint16_t{0};
  if (part == "engine" && client_port) {
    published = client_port->publish(caf::actor_cast<engine_actor>(actor));
    if (published) log::info("CAF clients find the engine at port {}", *published);
  } else if (part == "membership" && cluster_port) {
    published = cluster_port->publish(caf::actor_cast<peer_actor>(actor));
  }
  if (published) return;
  if (!started) throw Failure(published.error());
  log::error("{}", published.error().detail);
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
  copying.request_stop();
  if (root) {
    caf::scoped_actor self{*system};
    self->send_exit(root, caf::exit_reason::user_shutdown);
    self->wait_for(root);
  }
  if (state.log) state.log->stop();
  // Handles keep actors alive, the listener within the log too, and the system waits for them all.
  root = nullptr;
  engine.reset();
  client_port.reset();
  cluster_port.reset();
  state = {};
  system.reset();
}

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() {
  parts_->stop();
}
Engine& Node::engine() {
  return *parts_->engine;
}

void Node::announce(const std::string& http_address) {
  parts_->engine->announce(told_address(parts_->settings, http_address));
}

Result<std::unique_ptr<Node>> Node::start(const NodeSettings& settings, std::string version,
                                          NodeEvents events, metrics::NodeMetricsPtr metrics) {
  auto folder = storage::DataFolder::open(settings.node.data_dir);
  if (!folder) return folder.error();
  return to_result([&] {
    auto parts = std::make_unique<Parts>();
    parts->settings = settings;
    parts->events = std::move(events);
    parts->metrics = std::move(metrics);
    parts->version = std::move(version);
    parts->name = settings.node.name.empty() ? host_name() : settings.node.name;
    parts->metrics->info.identify(parts->version, parts->name, std::string(index::kernels().name));
    parts->metrics->process.data_folder(settings.node.data_dir);
    parts->folder = std::move(*folder);
    auto node = std::unique_ptr<Node>(new Node(std::move(parts)));
    node->parts_->open();
    tidy_up(*node->parts_->folder, *node->parts_->state.catalog);
    node->parts_->spawn();
    node->parts_->wait_for_routes();
    return node;
  });
}

}  // namespace mosaic::actors
