// Replicas: what this node knows of the shards on other nodes, and they of those here. Hears from
// the log how far the shards of this node are and tells the others; hears the same of them and
// tells the log and all who ask shards. Brings a question to the node that is fresh enough and has
// the least to do, and to another one when that is lost; answers those of others from the searchers
// of this node. Everything for one node that has gathered goes in one message.
#pragma once

#include <set>
#include <unordered_map>

#include "actors/faults.hpp"
#include "actors/pending_requests.hpp"
#include "actors/promise.hpp"
#include "actors/routes.hpp"

namespace mosaic::actors {

/// How long a question may take that has no deadline of its own.
constexpr std::chrono::seconds kFarAnswerMax{10};

struct replicas_config {
  std::uint64_t node = 0;
  std::string name;
};

struct replicas_state {
  replicas_state() : routes("") {}

  struct peer {
    std::string name;
    far_replicas_actor actor;
    std::size_t asked = 0;  ///< questions without an answer yet
  };
  /// A shard that others hold.
  struct far_shard {
    std::map<std::uint64_t, Seq> nodes;  ///< those where it is level, and up to where it is there
    Seq newest = 0;  ///< what was deleted up to here has been told, by one of them or another
  };
  struct asked_question {
    std::set<std::uint64_t> nodes;  ///< that were asked, the last one of them now
    std::uint64_t node = 0;
    far_question question;
  };
  /// For one other node.
  struct outbox {
    far_replicas_actor to;
    std::vector<shard_news> news;
    std::vector<far_question> questions;
    std::vector<far_answer> answers;
  };

  replicas_config config;
  Routes routes;  ///< to the shards of this node
  log_actor log;
  std::vector<route_listener> listeners;
  std::map<std::uint64_t, peer> peers;
  std::map<shard_key, Seq> own;  ///< shards of this node that others may ask
  std::map<shard_key, far_shard> far;
  std::unordered_map<std::uint64_t, asked_question> asked;
  std::map<caf::actor_addr, outbox> outboxes;
  pending_requests requests;
  Faults faults;
  static inline const char* name = "replicas";
};

replicas_actor::behavior_type replicas(replicas_actor::stateful_pointer<replicas_state> self,
                                       replicas_config config);

}  // namespace mosaic::actors
