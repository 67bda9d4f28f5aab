// Reads that need every shard of a collection as of one cut, since documents may move between its
// shards: at two different cuts one would be missed or met twice. A cut that has gone by before all
// were asked is tried again at a newer one.
#pragma once

#include <memory>
#include <vector>

#include "actors/fan_out.hpp"
#include "base/rfc3339.hpp"
#include "routing/possible_homes.hpp"

namespace mosaic::actors {

constexpr int kCutReadsMax = 8;
/// Before the second time, and once more before each time after that.
constexpr std::chrono::milliseconds kCutReadPause{2};

/// One for each shard, in their order.
template <class Reply>
using shard_answers = std::vector<Result<Reply>>;

/// The first error among them, or null.
template <class Reply>
const Error* failure_of(const shard_answers<Reply>& answers) {
  for (const auto& answer : answers) {
    if (!answer) return &answer.error();
  }
  return nullptr;
}

/// `make(ShardId, Seq cut)` gives the message as a tuple. `then` hears of all shards at once,
/// exactly once.
template <class Reply, class Self, class Make>
void read_at_one_cut(Self* self, std::shared_ptr<collection_route> route, Deadline deadline,
                     Make make, std::function<void(shard_answers<Reply>)> then, int attempt = 1) {
  const auto cut = route->read_cut();
  auto answers =
      std::make_shared<shard_answers<Reply>>(route->shards.size(), Result<Reply>(Error{}));
  auto moved_on = std::make_shared<bool>(false);
  fan_out<Reply>(
      self, route, all_shards(*route), deadline, [=](ShardId shard) { return make(shard, cut); },
      [=](ShardId shard, Result<Reply> answer) {
        *moved_on |= cut != 0 && !answer && answer.error().code == ErrorCode::kUnavailable &&
                     route->serves(shard);
        (*answers)[shard.value] = std::move(answer);
      },
      [=] {
        if (!*moved_on || attempt == kCutReadsMax || deadline.passed(self->clock().now()))
          return then(std::move(*answers));
        after_pause(self, attempt * kCutReadPause, [=] {
          read_at_one_cut<Reply>(self, route, deadline, make, then, attempt + 1);
        });
      });
}

/// Finds the seq that `as_of` means, from the first shard that can tell: all of a collection keep
/// the same states. Without one, the error is that of a shard that was there, if any was.
template <class Self>
void resolve_as_of(Self* self, std::shared_ptr<collection_route> route, AsOf as_of,
                   Deadline deadline, std::function<void(Result<Seq>)> then, ShardId shard = {},
                   std::optional<Error> told = {}) {
  if (const auto bytes = as_of.text.size(); bytes > kAsOfBytesMax)
    return then(invalid(fmt::format("as_of has {} bytes, at most {}", bytes, kAsOfBytesMax)));
  if (!as_of.text.empty()) {
    // As the catalog has them: a shard may hear a little later of one that is made or dropped.
    const auto named = route->snapshot(as_of.text);
    if (!named && !parse_rfc3339(as_of.text)) return then(no_such_state(as_of.text));
    if (named) as_of = {*named, {}};
  }
  ask_shard<Seq>(self, *route, shard, deadline,
                 std::make_tuple(resolve_atom_v, resolve_request{as_of, deadline}),
                 [=](Result<Seq> seq) {
                   // Where a time means the newest state, it is one that all shards have.
                   const bool by_seq = as_of.text.empty() || route->shards.size() == 1;
                   if (seq) return then(by_seq ? *seq : std::min(*seq, route->cut));
                   const bool absent = seq.error().code == ErrorCode::kUnavailable;
                   const auto error = told && absent ? *told : seq.error();
                   const ShardId next{shard.value + 1};
                   if (next.value == route->shards.size()) return then(error);
                   resolve_as_of(self, route, as_of, deadline, then, next,
                                 absent ? told : std::optional(error));
                 });
}

/// Reads one document from where it lives; not_found names it. What `then` hears of holds one.
/// `as_of`: the state of the past to read it in, or 0.
template <class Self>
void read_document(Self* self, const std::shared_ptr<collection_route>& route,
                   const std::string& id, const Include& include, Deadline deadline,
                   std::function<void(Result<shard::FoundDocuments>)> then, Seq as_of = 0) {
  const auto homes = routing::possible_homes(id, route->settings);
  const auto missing = Error{
      ErrorCode::kNotFound,
      fmt::format("document '{}' does not exist in collection '{}'", id, route->settings.name)};
  const auto message = [=](ShardId, Seq cut) {
    return std::make_tuple(read_atom_v, shard_get_request{cut, id, include, deadline, as_of});
  };
  const auto heard = [=](shard_answers<shard::FoundDocuments> answers) {
    for (auto& answer : answers) {
      if (answer && !answer->documents.empty()) return then(std::move(*answer));
    }
    const auto* failure = failure_of(answers);
    then(failure ? *failure : missing);
  };
  if (homes.size() > 1)
    return read_at_one_cut<shard::FoundDocuments>(self, route, deadline, message, heard);
  ask_shard<shard::FoundDocuments>(
      self, *route, homes.front(), deadline, message(homes.front(), 0),
      [=](Result<shard::FoundDocuments> answer) { heard({std::move(answer)}); });
}

/// Asks the shards of a collection for their numbers; a shard that does not answer is described as
/// it is known.
template <class Self, class Finish>
void describe(Self* self, const std::shared_ptr<collection_route>& route, Deadline deadline,
              Finish finish) {
  read_at_one_cut<ShardInfo>(
      self, route, deadline,
      [](ShardId, Seq cut) { return std::make_tuple(info_atom_v, info_request{cut}); },
      [=, node = self->state.routes.node()](shard_answers<ShardInfo> answers) mutable {
        CollectionInfo info;
        info.settings = route->settings;
        for (const auto shard : all_shards(*route)) {
          auto& answer = answers[shard.value];
          auto& told = info.shards.emplace_back(answer ? std::move(*answer) : ShardInfo{});
          if (!answer) {
            told.state = route->shards[shard.value].state;
            told.error = answer.error().detail;
          }
          told.id = shard;
          // One on another node says where it is.
          if (told.node.empty()) told.node = route->node_of(shard, node);
          info.documents += told.documents;
          info.edges += told.edges;
          info.seq = std::max(info.seq, told.seq);
        }
        finish(info);
      });
}

}  // namespace mosaic::actors
