// Asks one searcher of each of several shards and counts the answers. Every shard is heard of
// exactly once, by a reply or an Error, a shard that is down at once; then `done` runs.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>

#include "actors/pending_requests.hpp"
#include "actors/routes.hpp"

namespace mosaic::actors {

/// A shard's own deadline comes first, so that it says itself what it was at; a little later nobody
/// waits for it any more.
constexpr std::chrono::milliseconds kAnswerGrace{10};

template <class Self>
std::chrono::nanoseconds answer_timeout(Self* self, Deadline deadline) {
  const auto left = deadline.left(self->clock().now());
  return left + std::min<std::chrono::nanoseconds>(kAnswerGrace, left / 8);
}

inline std::vector<ShardId> all_shards(const collection_route& route) {
  std::vector<ShardId> shards;
  for (std::uint32_t i = 0; i < route.shards.size(); ++i) shards.push_back({i});
  return shards;
}

/// The shards of a collection that are not among `shards`.
inline std::vector<ShardId> others(const collection_route& route,
                                   const std::vector<ShardId>& shards) {
  auto rest = all_shards(route);
  std::erase_if(rest, [&](ShardId shard) {
    return std::find(shards.begin(), shards.end(), shard) != shards.end();
  });
  return rest;
}

inline std::vector<std::optional<std::uint64_t>> known_documents(const collection_route& route) {
  std::vector<std::optional<std::uint64_t>> known;
  for (const auto& shard : route.shards) known.push_back(shard.documents);
  return known;
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

/// Asks a node that holds the shard.
template <class Reply, class Self, class Atom, class Request>
void ask_elsewhere(Self* self, const far_shards_actor& others, std::chrono::nanoseconds timeout,
                   const shard_key& key, std::tuple<Atom, Request> message,
                   std::function<void(Result<Reply>)> heard,
                   std::function<void(caf::error&)> failed) {
  const auto answered = [heard = std::move(heard)](far_answer& answer) {
    if (auto* reply = std::get_if<Reply>(&answer.body)) return heard(std::move(*reply));
    const auto* error = std::get_if<Error>(&answer.body);
    heard(error != nullptr ? *error
                           : Error{ErrorCode::kInternal, "another node answers something else"});
  };
  request_in_time<far_answer>(self, others, timeout, answered, std::move(failed), ask_atom_v,
                              far_question{0, key, std::move(std::get<1>(message))});
}

/// A reader never leaves its process: whoever copies a file asks the node itself.
template <class Reply, class Self>
void ask_elsewhere(Self*, const far_shards_actor&, std::chrono::nanoseconds, const shard_key&,
                   const std::tuple<snapshot_atom, std::string, Seq>&,
                   const std::function<void(Result<Reply>)>& heard,
                   const std::function<void(caf::error&)>&) {
  heard(Error{ErrorCode::kUnavailable, "the shard is on another node"});
}

/// Asks the least busy searcher of a shard; `then` hears of it exactly once, at once when there is
/// none to ask.
template <class Reply, class Self, class Message>
void ask_shard(Self* self, collection_route& route, ShardId shard, Deadline deadline,
               Message message, std::function<void(Result<Reply>)> then) {
  auto found = route.searcher(shard);
  if (!found) return then(found.error());
  const auto searcher = *found;
  ++searcher->waiting;
  const auto timeout = answer_timeout(self, deadline);
  const auto heard = [=](Result<Reply> reply) {
    searcher->answered();
    then(std::move(reply));
  };
  const auto failed = [=](caf::error& error) {
    searcher->gone = error == caf::sec::request_receiver_down;
    error == caf::sec::request_timeout ? searcher->timed_out(timeout) : searcher->answered();
    then(from_caf(error));
  };
  if (searcher->far) {
    return ask_elsewhere<Reply>(self, searcher->far, timeout, {route.id, shard}, std::move(message),
                                heard, failed);
  }
  const auto request = [&](auto&&... fields) {
    request_in_time<Reply>(
        self, searcher->actor, timeout, [=](Reply& reply) { heard(std::move(reply)); }, failed,
        std::move(fields)...);
  };
  std::apply(request, std::move(message));
}

/// `make(ShardId)` gives the message as a tuple; `heard(ShardId, Result<Reply>)`; `done()`.
/// `shards` is a copy: a shard that is down is heard of at once, and the caller may then strike it
/// from the list it gave.
template <class Reply, class Self, class Make>
void fan_out(Self* self, const std::shared_ptr<collection_route>& route,
             const std::vector<ShardId> shards, Deadline deadline, Make make,
             std::function<void(ShardId, Result<Reply>)> heard, std::function<void()> done) {
  if (shards.empty()) {
    done();
    return;
  }
  const auto gather = std::make_shared<gathering<Reply>>(
      gathering<Reply>{shards.size(), std::move(heard), std::move(done)});
  for (const auto shard : shards) {
    ask_shard<Reply>(self, *route, shard, deadline, make(shard),
                     [=](Result<Reply> reply) { gather->count(shard, std::move(reply)); });
  }
}

}  // namespace mosaic::actors
