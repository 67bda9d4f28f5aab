#include "actors/shard_reports.hpp"

#include <fmt/format.h>

#include <set>

namespace mosaic::actors {
namespace {

constexpr std::chrono::seconds kStatusTimeout{2};
/// A node that has just started waits so long for word of the shards on others. Later, one of those
/// that is lost is no reason to send its requests elsewhere.
constexpr std::chrono::seconds kCompanyPatience{5};

std::string describe(const supervisor_state& state, const shard_key& key, ShardState shard) {
  return fmt::format("shard {} of collection '{}' is {}", key.shard.value,
                     state.config.catalog->collections().at(key.collection).settings.name,
                     shard == ShardState::kUp ? "replaying the log" : to_string(shard));
}

/// On other nodes, as far as is known so soon.
std::vector<shard_key> missing_elsewhere(const supervisor_state& state, const log_status& status) {
  std::vector<shard_key> missing;
  if (std::chrono::steady_clock::now() - state.started >= kCompanyPatience) return missing;
  for (const auto& key : status.missing) {
    const bool known = state.config.catalog->collections().contains(key.collection);
    if (known && !state.children.contains(key)) missing.push_back(key);
  }
  return missing;
}

/// `behind`: shards that the log still leads.
Health local_health(const supervisor_state& state, const std::set<shard_key>& behind) {
  Health health;
  health.version = state.config.version;
  health.node = state.config.node;
  health.uptime_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - state.started).count();
  for (const auto& [key, child] : state.children) {
    const bool missed = is_missed(child);
    if (child.state == ShardState::kUp) ++health.shards_up;
    if (missed || (behind.contains(key) && !child.coming))
      health.missing.push_back(describe(state, key, child.state));
    if (!missed) continue;
    ++health.shards_down;
    const auto& record = state.config.catalog->collections().at(key.collection);
    health.failing.push_back({record.settings.name, key.shard, child.state, child.error.detail});
  }
  health.ready = health.missing.empty();
  return health;
}

/// How the shards of this node fare, for the others.
node_report look_at_shards(const supervisor_state& state, const log_status& status) {
  node_report report;
  const std::set<shard_key> behind(status.not_level.begin(), status.not_level.end());
  report.level = behind.empty();
  for (const auto& [key, child] : state.children) {
    const auto& record = state.config.catalog->collections().at(key.collection);
    const auto& replicas = *record.replicas;
    report.shards.push_back({key, record.settings.name, child.state, child.meter->applied_seq,
                             child.state == ShardState::kUp && !behind.contains(key),
                             replicas.empty() ? 0 : replicas.at(key.shard.value).seq});
    report.level = report.level && !is_missed(child) && !child.coming;
  }
  return report;
}

}  // namespace

caf::result<Health> health(supervisor_pointer self) {
  const sure_promise<Health> promise(self);
  self->request(self->state.log, kStatusTimeout, status_atom_v)
      .then(
          [=](const log_status& status) mutable {
            const auto& behind = status.not_level;
            auto health = local_health(self->state, {behind.begin(), behind.end()});
            for (const auto& key : missing_elsewhere(self->state, status)) {
              health.ready = false;
              health.missing.push_back(describe(self->state, key, ShardState::kStarting) +
                                       ", on another node");
            }
            promise.deliver(std::move(health));
          },
          [=](const caf::error& error) mutable {
            auto health = local_health(self->state, {});
            health.ready = false;
            health.missing.push_back("the log does not answer: " + from_caf(error).detail);
            promise.deliver(std::move(health));
          });
  return promise;
}

caf::result<node_report> report(supervisor_pointer self) {
  const sure_promise<node_report> promise(self);
  self->request(self->state.log, kStatusTimeout, status_atom_v)
      .then(
          [=](const log_status& status) mutable {
            promise.deliver(look_at_shards(self->state, status));
          },
          [=](caf::error& error) mutable { promise.deliver(std::move(error)); });
  return promise;
}

bool is_missed(const supervisor_state::child& child) {
  return child.state != ShardState::kUp && !child.fresh && !child.coming;
}

}  // namespace mosaic::actors
