#include "actors/node_state.hpp"

#include <atomic>

#include "actors/joining.hpp"
#include "base/log.hpp"
#include "replication/carry_over.hpp"
#include "replication/raft_log.hpp"

namespace mosaic::actors {
namespace {

using replication::RaftLog;

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

/// Opens what a node has, step by step.
class Opening {
 public:
  explicit Opening(const node_state_config& config)
      : config_(config), joining_(config.system, config.stop_wanted) {}

  node_state open() {
    const auto& folder = config_.folder;
    replication::carry_over(folder.log_before(), folder.log());
    open_catalog();
    const bool begun = std::filesystem::exists(folder.log() / replication::kIdentityFile);
    if (!begun && !config_.settings.cluster.join.empty()) find();
    open_log();
    if (state_.log->standing().members.empty()) join();
    if (*overtaken_) reopen_log();
    if (lacks_entries()) fetch();
    // A log that was carried over may have forgotten more than the catalog of then has noted.
    if (state_.log->forgotten() > state_.catalog->log_floor())
      state_.catalog->set_log_floor(state_.log->forgotten());
    replay_catalog(*state_.catalog, *state_.log);
    *watched_ = true;
    if (*overtaken_) config_.on_overtaken();
    return std::move(state_);
  }

 private:
  void open_catalog() {
    state_.catalog = std::make_shared<storage::Catalog>(config_.folder.catalog());
    for (const auto& [id, node] : state_.catalog->nodes())
      state_.addresses->set(id, node.log_address);
  }

  bool has_company() const { return contact_ || state_.catalog->nodes().size() > 1; }

  /// What has been fetched from others may say of files that are not here.
  Seq applied() const {
    const auto& catalog = *state_.catalog;
    const auto known = has_company() ? catalog.applied_seq() : state_.catalog->known_seq();
    return std::max(known, applied_by_shards(config_.folder, catalog));
  }

  void open_log() {
    replication::RaftLogOptions options;
    options.folder = config_.folder.log();
    options.retained_bytes = retained_log_bytes(config_.settings);
    options.applied = applied();
    options.floor = state_.catalog->log_floor();
    // Whoever starts the process again finds what is stored.
    options.fail_stop = [](const Error&) { std::_Exit(1); };
    options.address = config_.self.log_address;
    options.listen = config_.log_listen;
    options.addresses = state_.addresses;
    options.tls = config_.certificates;
    options.joins = !config_.settings.cluster.join.empty();
    if (contact_) options.base = contact_->hello.log_base;
    options.may_be_behind = has_company();
    *overtaken_ = false;
    options.overtaken = [overtaken = overtaken_, watched = watched_, tell = config_.on_overtaken] {
      *overtaken = true;
      if (*watched) tell();
    };
    state_.log = std::make_shared<RaftLog>(std::move(options));
    state_.self = config_.self;
    state_.self.id = state_.log->standing().self;
  }

  void find() {
    if (contact_) return;
    std::vector<NodeRecord> known;
    for (const auto& [id, node] : state_.catalog->nodes()) {
      if (!state_.log || id != state_.self.id) known.push_back(node);
    }
    contact_ = joining_.find_cluster(config_.settings.cluster.join, known);
    for (const auto& node : contact_->hello.nodes) state_.addresses->set(node.id, node.log_address);
  }

  /// The leader sends the log's entries, or says that it no longer has them.
  void join() {
    find();
    joining_.ask_to_join(*contact_, state_.self);
    joining_.await(
        [this] { return *overtaken_ || state_.log->last_seq() > 0; },
        "the leader of the cluster does not reach this node at " + config_.self.log_address);
    log::info("joined the cluster of node '{}'", contact_->hello.node.name);
  }

  void reopen_log() {
    state_.log.reset();
    open_log();
  }

  /// What this node let its log forget, its catalog has noted before: it has all of that.
  bool lacks_entries() const {
    return has_company() && state_.log->forgotten() > state_.catalog->log_floor();
  }

  void fetch() {
    find();
    log::info("the catalog comes from node '{}'", contact_->hello.node.name);
    state_.catalog.reset();
    joining_.fetch_catalog(*contact_, config_.folder, state_.log->forgotten(),
                           [log = state_.log] { return log->standing().last; });
    open_catalog();
  }

  const node_state_config& config_;
  const Joining joining_;
  node_state state_{{}, {}, {}, std::make_shared<replication::AddressBook>()};
  std::optional<cluster_contact> contact_;
  std::shared_ptr<std::atomic<bool>> overtaken_ = std::make_shared<std::atomic<bool>>(false);
  /// From here on whoever started the node is told.
  std::shared_ptr<std::atomic<bool>> watched_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

std::uint64_t retained_log_bytes(const NodeSettings& settings) {
  return std::min(settings.log.retained_bytes, settings.log.bytes_max / 2);
}

node_state open_node_state(const node_state_config& config) {
  return Opening(config).open();
}

}  // namespace mosaic::actors
