// Where shards live while nodes come, go, crash and lag behind, leaders change, and what is told or
// proposed is lost, repeated or comes late. The world is simulated; the plan, and the rule by which
// the catalog takes a change, are the real ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>

#include "cluster/replica_plan.hpp"

namespace mosaic::cluster {
namespace {

constexpr std::uint32_t kShards = 3;
constexpr CollectionId kCollection{1};
constexpr int kEvents = 60;

/// What the log has led to, up to some seq.
struct World {
  Seq seq = 0;
  std::uint32_t wanted = 1;
  std::map<std::uint64_t, bool> nodes;  ///< and whether they leave
  std::vector<ReplicaSet> sets;
};

using LogEntry = std::function<void(World&)>;

struct Simulated {
  bool up = true;
  World known;              ///< of the log, as far as it has come
  std::set<ShardId> files;  ///< that have all of the shard
};

/// What a node says of itself.
struct Told {
  std::map<ShardId, Seq> level;
};

class Simulation {
 public:
  explicit Simulation(std::uint32_t seed) : random_(seed) {
    append([](World& world) {
      world.nodes[1] = false;
      for (auto& set : world.sets = std::vector<ReplicaSet>(kShards))
        set = {world.seq, {{1, true}}};
    });
    for (std::uint32_t i = 0; i < kShards; ++i) nodes_[1].files.insert({i});
  }

  void run() {
    for (int event = 0; event < kEvents; ++event) {
      happen();
      check();
      if (testing::Test::HasFatalFailure()) return;
    }
    come_to_rest();
  }

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }

  std::uint64_t any_node() {
    auto node = nodes_.begin();
    std::advance(node, random_() % nodes_.size());
    return node->first;
  }

  void append(LogEntry entry) {
    log_.push_back(std::move(entry));
    ++end_.seq;
    log_.back()(end_);
  }

  void append(const ReplicaStep& step) {
    append([change = step.change](World& world) {
      auto& set = world.sets.at(change.shard.value);
      const bool known =
          std::all_of(change.replicas.begin(), change.replicas.end(),
                      [&](const auto& replica) { return world.nodes.contains(replica.node); });
      if (known && is_sound(change, set)) set = {world.seq, change.replicas};
    });
  }

  void happen() {
    if (chance(8) && nodes_.size() < 6) join();
    if (chance(4)) append([wanted = 1 + random_() % 3](World& world) { world.wanted = wanted; });
    if (chance(4)) leave(any_node());
    if (chance(15)) nodes_[any_node()].up ^= true;
    nodes_[1].up = true;
    for (auto& [id, node] : nodes_) {
      if (node.up && chance(70)) follow(id, node, 1 + random_() % 3);
      if (node.up && chance(50)) fetch(node, id);
      if (node.up && chance(70)) told_[id].push_back(tell(node));
    }
    lead();
  }

  void join() {
    const auto id = ++last_node_;
    nodes_[id];
    append([id](World& world) { world.nodes[id] = false; });
  }

  void leave(std::uint64_t id) {
    if (id == 1) return;
    append([id](World& world) {
      if (world.nodes.contains(id)) world.nodes[id] = true;
    });
  }

  /// A node takes over what it has not yet of the log, and drops what lives elsewhere by then.
  void follow(std::uint64_t id, Simulated& node, std::size_t entries) {
    for (; entries > 0 && node.known.seq < log_.size(); --entries) {
      ++node.known.seq;
      log_[node.known.seq - 1](node.known);
      for (std::uint32_t i = 0; i < node.known.sets.size(); ++i) {
        if (replica_on(node.known.sets[i], id) == nullptr) node.files.erase({i});
      }
    }
  }

  /// What it shall hold, from another one that has all of it and knows as much.
  void fetch(Simulated& node, std::uint64_t id) {
    for (std::uint32_t i = 0; i < node.known.sets.size(); ++i) {
      const auto& set = node.known.sets[i];
      if (replica_on(set, id) == nullptr || node.files.contains({i})) continue;
      const bool given = std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& other) {
        return other.first != id && other.second.up && other.second.files.contains({i}) &&
               other.second.known.seq >= set.seq;
      });
      if (given) node.files.insert({i});
    }
  }

  static Told tell(const Simulated& node) {
    Told told;
    for (const auto shard : node.files) {
      if (shard.value < node.known.sets.size())
        told.level[shard] = node.known.sets[shard.value].seq;
    }
    return told;
  }

  /// Some node leads, by what it knows, and by what it was last told, however old.
  void lead() {
    auto& leader = nodes_[any_node()];
    if (!leader.up || leader.known.nodes.empty()) return;
    if (const auto step = next_replica_step(replica_nodes(leader), placed(leader))) {
      proposed_.push_back(*step);
    }
    for (const auto& [id, leaves] : leader.known.nodes) {
      if (leaves && holds_nothing(leader.known, id)) forget(id);
    }
    if (!proposed_.empty() && chance(70)) append(proposed_[random_() % proposed_.size()]);
    if (chance(20)) proposed_.clear();
  }

  static bool holds_nothing(const World& world, std::uint64_t id) {
    return std::all_of(world.sets.begin(), world.sets.end(),
                       [&](const auto& set) { return replica_on(set, id) == nullptr; });
  }

  /// The entry strikes the node from all sets, as the catalog does.
  void forget(std::uint64_t id) {
    append([id](World& world) {
      world.nodes.erase(id);
      for (auto& set : world.sets) {
        if (std::erase_if(set.replicas, [&](const auto& each) { return each.node == id; }) != 0)
          set.seq = world.seq;
      }
    });
  }

  std::vector<ReplicaNode> replica_nodes(const Simulated& leader) {
    std::vector<ReplicaNode> all;
    for (const auto& [id, leaves] : leader.known.nodes) all.push_back({id, nodes_[id].up, leaves});
    return all;
  }

  std::vector<PlacedShard> placed(const Simulated& leader) {
    std::vector<PlacedShard> shards;
    for (std::uint32_t i = 0; i < leader.known.sets.size(); ++i) {
      PlacedShard shard{kCollection, {i}, leader.known.wanted, leader.known.sets[i], {}};
      for (const auto& [id, told] : told_) {
        if (told.empty()) continue;
        const auto& heard = calm_ ? told.back() : told[random_() % told.size()];
        const auto level = heard.level.find({i});
        if (level != heard.level.end() && level->second == shard.set.seq) shard.level.insert(id);
      }
      shards.push_back(std::move(shard));
    }
    return shards;
  }

  /// At the end of the log, whoever is said to have all of a shard has it.
  void check() {
    for (std::uint32_t i = 0; i < kShards; ++i) {
      bool whole = false;
      for (const auto& replica : end_.sets[i].replicas) {
        if (!replica.whole) continue;
        whole = true;
        ASSERT_TRUE(nodes_[replica.node].files.contains({i}))
            << "node " << replica.node << " has not all of shard " << i;
      }
      ASSERT_TRUE(whole) << "nobody has all of shard " << i;
    }
  }

  /// Nothing happens any more: everything gets to where it shall be.
  void come_to_rest() {
    calm_ = true;
    proposed_.clear();
    for (int round = 0; round < 500; ++round) {
      for (auto& [id, node] : nodes_) {
        node.up = true;
        follow(id, node, log_.size());
      }
      for (auto& [id, node] : nodes_) fetch(node, id);
      for (auto& [id, node] : nodes_) told_[id] = {tell(node)};
      const auto& leader = nodes_[1];
      for (const auto& [id, leaves] : World(leader.known).nodes) {
        if (leaves && holds_nothing(leader.known, id)) forget(id);
      }
      const auto step = next_replica_step(replica_nodes(leader), placed(leader));
      if (!step && leader.known.seq == log_.size()) break;
      if (step) append(*step);
      check();
      if (testing::Test::HasFatalFailure()) return;
    }
    NodeIds stay;
    for (const auto& [id, leaves] : end_.nodes) {
      if (!leaves) stay.push_back(id);
    }
    const auto homes = rendezvous(kCollection.value, kShards, end_.wanted, stay);
    for (std::uint32_t i = 0; i < kShards; ++i) {
      std::vector<Replica> wanted;
      for (const auto id : homes[i]) wanted.push_back({id, true});
      auto replicas = end_.sets[i].replicas;
      std::sort(replicas.begin(), replicas.end(),
                [](const auto& a, const auto& b) { return a.node < b.node; });
      EXPECT_EQ(replicas, wanted) << "shard " << i;
    }
  }

  std::mt19937 random_;
  std::vector<LogEntry> log_;
  World end_;
  std::map<std::uint64_t, Simulated> nodes_;
  std::map<std::uint64_t, std::vector<Told>> told_;
  std::vector<ReplicaStep> proposed_;
  std::uint64_t last_node_ = 1;
  bool calm_ = false;
};

TEST(ReplicaSimulation, NothingIsLostAndAllComesToItsPlace) {
  for (std::uint32_t seed = 0; seed < 10'000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Simulation(seed).run();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace mosaic::cluster
