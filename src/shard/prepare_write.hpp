// What happens to a batch before it becomes a log entry: checked, made distinct, embedded. Pure.
#pragma once

#include "base/entry.hpp"
#include "routing/placement.hpp"
#include "text/embedder.hpp"

namespace mosaic::shard {

/// Checks every document against the limits and `settings`, keeps the last of two with one id and
/// the last of two links with one target and kind, and lets `embedder` (none when null: they come
/// from outside, or from an endpoint by fill_vectors) make missing vectors from title and text.
/// Error: `documents[i].` and what is wrong with it; payload_too_large past a limit of the batch.
Result<WriteBatch> prepare_upsert(std::vector<Document> documents,
                                  const CollectionSettings& settings,
                                  const text::Embedder* embedder);

/// Texts of the documents without a vector that have one, in their order. payload_too_large when
/// their vectors alone would go past the limit of the batch: embedding costs.
Result<std::vector<std::string>> texts_to_embed(const WriteBatch& batch, std::uint32_t dimension);

/// Gives those documents the vectors of their texts, in the same order.
void fill_vectors(WriteBatch& batch, std::vector<Vector> vectors);

/// Distinct ids as unconditional deletions. Error as above with `ids[i]`.
Result<WriteBatch> prepare_delete(const std::vector<std::string>& ids);

/// Says of each document, vector and all, where it shall live.
void place(WriteBatch& batch, const routing::Placement& placement);

/// The shards whose documents the batch may change, each once: all, where any may hold any.
std::vector<ShardId> touched_shards(const WriteBatch& batch, const CollectionSettings& settings);

/// The bytes of the entry, or payload_too_large.
Result<std::string> encode_checked(const WriteBatch& batch);

}  // namespace mosaic::shard
