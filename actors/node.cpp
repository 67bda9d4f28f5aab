#include "actors/node.hpp"

#include <unistd.h>

#include <thread>

#include "actors/coordinator.hpp"
#include "actors/engine_bridge.hpp"
#include "actors/gateway.hpp"
#include "actors/ingest.hpp"
#include "actors/log.hpp"
#include "actors/supervisor.hpp"
#include "base/log.hpp"
#include "replication/local_log.hpp"

namespace mosaic::actors {
namespace {

struct node_config : caf::actor_system_config {
  explicit node_config(std::size_t threads) {
    add_protocol(*this);
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

/// Brings the catalog to the end of the log before any actor runs.
void replay_catalog(storage::Catalog& catalog, replication::Log& log) {
  const auto entries = log.read_catalog(catalog.applied_seq());
  if (!entries) throw Failure(entries.error());
  for (const auto& entry : *entries) {
    const auto settings = decode_settings(*entry.bytes);
    if (!settings) throw Failure(settings.error());
    Result<storage::CollectionRecord> applied = Error{};
    if (entry.kind == EntryKind::kCreateCollection) applied = catalog.create(entry.seq, *settings);
    if (entry.kind == EntryKind::kPatchCollection)
      applied = catalog.patch(entry.seq, entry.collection, *settings);
    if (entry.kind == EntryKind::kDropCollection)
      applied = catalog.drop(entry.seq, entry.collection);
    // What was refused when it was written is refused again, and changes nothing.
    if (!applied)
      log::info("catalog entry {} changes nothing: {}", entry.seq, applied.error().detail);
  }
}

void remove_strays(const storage::DataFolder& folder, const storage::Catalog& catalog) {
  std::vector<std::filesystem::path> keep;
  for (const auto& [id, record] : catalog.collections())
    keep.push_back(folder.collection(id, record.settings.name));
  folder.remove_strays(keep);
}

shard_config shard_defaults(const NodeSettings& settings) {
  shard_config config;
  config.searchers = settings.search.searchers_per_shard;
  config.filter_cache_bytes = settings.search.filter_cache_bytes;
  config.checkpoint_bytes = settings.storage.wal_bytes_max;
  config.checkpoint_interval = std::chrono::seconds(settings.storage.checkpoint_interval_s);
  return config;
}

/// Watches the parts without a supervisor: one that dies by itself takes the node with it. The
/// handles are needed until it has run once: an address of an actor that is gone already cannot be
/// watched.
caf::behavior watcher(caf::event_based_actor* self, const std::vector<caf::actor>& parts,
                      std::function<void(const Error&)> on_fatal) {
  for (const auto& part : parts) self->monitor(part);
  self->set_down_handler([=](caf::down_msg& down) {
    if (!down.reason || down.reason == caf::exit_reason::user_shutdown) return;
    const auto error = from_caf(down.reason);
    log::critical("a part of the node died: {}", error.detail);
    on_fatal(error);
  });
  return {[](status_atom) {}};
}

}  // namespace

struct Node::Parts {
  std::shared_ptr<const storage::DataFolder> folder;
  std::shared_ptr<replication::Log> log;
  std::unique_ptr<node_config> config;
  std::unique_ptr<caf::actor_system> system;
  caf::actor gateway;
  std::vector<coordinator_actor> coordinators;
  std::vector<ingest_actor> ingest;
  log_actor log_bridge;
  supervisor_actor supervisor;
  caf::actor watcher;
  std::unique_ptr<EngineBridge> engine;

  void spawn(const NodeSettings& settings, const std::string& version,
             std::shared_ptr<storage::Catalog> catalog, std::function<void(const Error&)> on_fatal);
  void wait_for_routes();
  void stop();
};

void Node::Parts::spawn(const NodeSettings& settings, const std::string& version,
                        std::shared_ptr<storage::Catalog> catalog,
                        std::function<void(const Error&)> on_fatal) {
  const auto name = settings.node.name.empty() ? host_name() : settings.node.name;
  const auto threads = settings.search.threads == 0 ? 2 * cores() : settings.search.threads;
  config = std::make_unique<node_config>(threads);
  system = std::make_unique<caf::actor_system>(*config);

  // What answers at once has threads of its own; searchers share the scheduler's.
  log_bridge =
      system->spawn<caf::detached>(actors::log_bridge, log, settings.write.queue_bytes_max);
  supervisor_config supervision{name,
                                version,
                                folder,
                                std::move(catalog),
                                shard_defaults(settings),
                                [](caf::scheduled_actor* self, shard_config shard) {
                                  return self->spawn<caf::detached>(shard_writer, std::move(shard));
                                },
                                {}};
  supervisor = system->spawn<caf::detached>(shard_supervisor, std::move(supervision), log_bridge);
  for (std::size_t i = 0; i < cores(); ++i) {
    coordinators.push_back(
        system->spawn<caf::detached>(actors::coordinator, name, settings.search.timeout_ms));
    ingest.push_back(
        system->spawn<caf::detached>(actors::ingest, name, settings.write.timeout_ms, log_bridge));
  }
  gateway = system->spawn<caf::detached>(actors::gateway);

  std::vector<caf::actor> vital{caf::actor_cast<caf::actor>(log_bridge),
                                caf::actor_cast<caf::actor>(supervisor), gateway};
  const auto connect = [&](const route_listener& listener) {
    caf::anon_send(supervisor, listen_atom_v, listener);
    caf::anon_send(log_bridge, listen_atom_v, listener);
    vital.push_back(caf::actor_cast<caf::actor>(listener));
  };
  for (const auto& part : coordinators) connect(part);
  for (const auto& part : ingest) connect(part);
  watcher = system->spawn(actors::watcher, std::move(vital), std::move(on_fatal));
  caf::anon_send(log_bridge, start_atom_v, supervisor);
  caf::anon_send(supervisor, start_atom_v);
  engine = std::make_unique<EngineBridge>(
      EngineBridge::Parts{gateway, coordinators, ingest, supervisor});
}

/// Once the supervisor has answered anything, every coordinator has been told which collections
/// there are: no request is refused for a collection that is only not known yet.
void Node::Parts::wait_for_routes() {
  caf::scoped_actor self{*system};
  self->request(supervisor, kStartTimeout, health_atom_v)
      .receive([](const Health&) {},
               [](caf::error& error) { log::warn("slow start: {}", from_caf(error).detail); });
}

void Node::Parts::stop() {
  const auto end = [](const auto& part) {
    caf::anon_send_exit(part, caf::exit_reason::user_shutdown);
  };
  end(gateway);
  for (const auto& part : ingest) end(part);
  for (const auto& part : coordinators) end(part);
  log->stop();
  end(supervisor);
  end(log_bridge);
  end(watcher);
  engine.reset();
  // Handles keep actors alive, the listener within the log too, and the system waits for them all.
  log.reset();
  gateway = nullptr;
  ingest.clear();
  coordinators.clear();
  supervisor = nullptr;
  log_bridge = nullptr;
  watcher = nullptr;
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
                                          std::function<void(const Error&)> on_fatal) {
  auto folder = storage::DataFolder::open(settings.node.data_dir);
  if (!folder) return folder.error();
  return to_result([&] {
    auto parts = std::make_unique<Parts>();
    parts->folder = std::move(*folder);
    parts->log = std::make_shared<replication::LocalLog>(parts->folder->log());
    auto catalog = std::make_shared<storage::Catalog>(parts->folder->catalog());
    replay_catalog(*catalog, *parts->log);
    remove_strays(*parts->folder, *catalog);
    parts->spawn(settings, version, std::move(catalog), std::move(on_fatal));
    parts->wait_for_routes();
    return std::unique_ptr<Node>(new Node(std::move(parts)));
  });
}

}  // namespace mosaic::actors
