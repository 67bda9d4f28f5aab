// Asks one searcher of each of several shards and counts the answers. Every shard is heard of
// exactly once, by a reply or an Error, a shard that is down at once; then `done` runs.
#pragma once

#include <functional>
#include <memory>

#include "actors/routes.hpp"

namespace mosaic::actors {

/// The shard's own deadline comes first; this much later nobody waits for its answer any more.
constexpr std::chrono::milliseconds kAnswerGrace{20};

inline std::chrono::nanoseconds answer_timeout(Deadline deadline) {
  return deadline.left(std::chrono::steady_clock::now()) + kAnswerGrace;
}

inline std::vector<ShardId> all_shards(const collection_route& route) {
  std::vector<ShardId> shards;
  for (std::uint32_t i = 0; i < route.shards.size(); ++i) shards.push_back({i});
  return shards;
}

/// The answers that are still to come, counted openly.
template <class Reply>
struct gathering {
  std::size_t pending;
  std::function<void(ShardId, Result<Reply>)> heard;
  std::function<void()> done;

  void count(ShardId shard, Result<Reply> result) {
    heard(shard, std::move(result));
    if (--pending == 0) done();
  }
};

/// `make(ShardId)` gives the message as a tuple; `heard(ShardId, Result<Reply>)`; `done()`.
template <class Reply, class Self, class Make>
void fan_out(Self* self, const std::shared_ptr<collection_route>& route,
             const std::vector<ShardId>& shards, Deadline deadline, Make make,
             std::function<void(ShardId, Result<Reply>)> heard, std::function<void()> done) {
  if (shards.empty()) {
    done();
    return;
  }
  const auto gather = std::make_shared<gathering<Reply>>(
      gathering<Reply>{shards.size(), std::move(heard), std::move(done)});
  for (const auto shard : shards) {
    const auto* searcher = route->searcher(shard);
    if (searcher == nullptr) {
      gather->count(shard, route->down(shard));
      continue;
    }
    const auto ask = [&](auto&&... message) {
      return self->request(*searcher, answer_timeout(deadline), std::move(message)...);
    };
    std::apply(ask, make(shard))
        .then([=](Reply& reply) { gather->count(shard, std::move(reply)); },
              [=](caf::error& error) { gather->count(shard, from_caf(error)); });
  }
}

/// Asks the shards of a collection for their numbers; a shard that does not answer is described as
/// it is known.
template <class Self, class Finish>
void describe(Self* self, const std::shared_ptr<collection_route>& route, Deadline deadline,
              Finish finish) {
  auto info = std::make_shared<CollectionInfo>();
  info->settings = route->settings;
  info->shards.resize(route->shards.size());
  const auto node = self->state.routes.node();
  const auto heard = [=](ShardId shard, Result<ShardInfo> reply) {
    auto& known = info->shards[shard.value];
    if (reply) {
      known = std::move(*reply);
    } else {
      known.state = route->shards[shard.value].state;
      known.error = reply.error().detail;
    }
    known.id = shard;
    known.node = node;
    info->documents += known.documents;
    info->edges += known.edges;
    info->seq = std::max(info->seq, known.seq);
  };
  fan_out<ShardInfo>(
      self, route, all_shards(*route), deadline,
      [](ShardId) { return std::make_tuple(info_atom_v); }, heard,
      [=]() mutable { finish(*info); });
}

}  // namespace mosaic::actors
