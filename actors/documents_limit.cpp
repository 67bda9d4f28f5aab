#include "actors/documents_limit.hpp"

#include <utility>

#include <fmt/format.h>

#include "actors/cut_reads.hpp"
#include "base/log.hpp"
#include "shard/document_counting.hpp"

namespace mosaic::actors {
namespace {

using ingest_pointer = ingest_actor::stateful_pointer<ingest_state>;
using cluster::DocumentLedger;

DocumentLedger& ledger_of(ingest_pointer self) {
  return *self->state.config.documents;
}

void show_reached(ingest_pointer self) {
  auto& limits = self->state.config.metrics->limits;
  ledger_of(self).show_full(
      [&](std::size_t full) { limits.reached(metrics::Limit::kDocuments, full > 0); });
}

/// Says so in the log when a collection has become full, or is no longer.
void tell_turn(ingest_pointer self, const collection_route& route) {
  const auto full = ledger_of(self).turned(route.id);
  if (!full) return;
  show_reached(self);
  const auto& name = route.settings.name;
  const auto limit = ledger_of(self).documents_max();
  if (*full) {
    log::warn("collection '{}' is full: limits.collection_documents is {}", name, limit);
  } else {
    log::info("collection '{}' has room again", name);
  }
}

Error full_error(ingest_pointer self, const collection_route& route, std::uint64_t documents,
                 std::uint64_t fresh) {
  return {ErrorCode::kPermissionDenied,
          fmt::format("the write is refused: collection '{}' has {} documents and {} more would "
                      "come, limits.collection_documents allows {}",
                      route.settings.name, documents, fresh, ledger_of(self).documents_max())};
}

/// Not all shards told: far from the limit that is no reason to refuse.
Result<document_place> decide_by_guess(ingest_pointer self, const collection_route& route,
                                       std::uint64_t documents, DocumentLedger::CountBegin begin,
                                       const shard::DocumentCounting& told) {
  // When nobody told, nobody told of the writes that are over, either.
  if (told.nobody_told()) begin.ended = 0;
  if (auto place = ledger_of(self).enter_guessed(route.id, documents, begin, told.guess())) {
    return place;
  }
  return *told.failure();
}

Result<document_place> decide(ingest_pointer self, const collection_route& route,
                              std::uint64_t documents, const DocumentLedger::CountBegin& begin,
                              const shard::DocumentCount& told) {
  const auto verdict =
      ledger_of(self).enter(route.id, documents, begin, {told.documents, told.existing, told.seq});
  tell_turn(self, route);
  if (const auto* place = std::get_if<document_place>(&verdict)) return *place;
  const auto& name = route.settings.name;
  if (std::holds_alternative<DocumentLedger::Gone>(verdict))
    return Error{ErrorCode::kNotFound, fmt::format("collection '{}' does not exist", name)};
  self->state.config.metrics->limits.refused(metrics::Limit::kDocuments);
  if (std::holds_alternative<DocumentLedger::Unclear>(verdict)) {
    return Error{ErrorCode::kOverloaded, fmt::format("writes under way may fill collection '{}', "
                                                     "limits.collection_documents allows {}",
                                                     name, ledger_of(self).documents_max())};
  }
  return full_error(self, route, told.documents, documents - told.existing);
}

}  // namespace

void find_room(ingest_pointer self, const std::shared_ptr<collection_route>& route,
               const WriteBatch& batch, Deadline deadline,
               std::function<void(Result<document_place>)> then) {
  if (ledger_of(self).documents_max() == 0) return then(document_place());
  const auto documents = batch.documents.size();
  if (auto place = ledger_of(self).enter(route->id, documents)) return then(std::move(place));
  const auto begin = ledger_of(self).begin_count(route->id, route->cut);
  auto ids = shard::ids_by_shard(batch, route->settings);
  read_at_one_cut<shard::DocumentCount>(
      self, route, deadline,
      [=, ids = std::move(ids)](ShardId shard, Seq cut) {
        return std::make_tuple(count_atom_v, count_request{cut, ids[shard.value], deadline});
      },
      [=, then = std::move(then)](const shard_answers<shard::DocumentCount>& answers) {
        shard::DocumentCounting told;
        for (const auto shard : all_shards(*route)) {
          auto& known = route->shards.at(shard.value).documents;
          const auto& answer = answers[shard.value];
          if (!answer) {
            told.silent(known, answer.error());
            continue;
          }
          known = answer->documents;
          told.add(*answer);
        }
        then(told.failure() ? decide_by_guess(self, *route, documents, begin, told)
                            : decide(self, *route, documents, begin, told.total()));
      });
}

void documents_deleted(ingest_pointer self, const collection_route& route) {
  ledger_of(self).freed(route.id);
  tell_turn(self, route);
}

void collection_gone(ingest_pointer self, CollectionId id) {
  ledger_of(self).forget(id);
  show_reached(self);
}

}  // namespace mosaic::actors
