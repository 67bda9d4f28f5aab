// What happens to a batch before it becomes a log entry: checked, made distinct, embedded. Pure.
#pragma once

#include "base/entry.hpp"
#include "routing/placement.hpp"
#include "text/embedder.hpp"

namespace mosaic::shard {

/// A batch, and which of its documents have a text and came without a vector: theirs are made.
struct PreparedWrite {
  WriteBatch batch;
  std::vector<std::size_t> to_embed;  ///< by rising position
};

/// Checks every document against the limits and `settings`, keeps the last of two with one id and
/// the last of two links with one target and kind. Error: `documents[i].` and what is wrong with
/// it; payload_too_large past a limit of the batch.
Result<PreparedWrite> prepare_upsert(std::vector<Document> documents,
                                     const CollectionSettings& settings);

/// The same write for a collection that has gone over to another embedder meanwhile: without the
/// vectors that were made of its texts, and those that came with it checked again.
Result<PreparedWrite> prepare_again(PreparedWrite write, const CollectionSettings& settings);

/// The texts to embed. payload_too_large when their vectors alone would go past the limit of the
/// batch: embedding costs.
Result<std::vector<std::string>> texts_to_embed(const PreparedWrite& write,
                                                std::uint32_t dimension);

/// Gives those documents the vectors of their texts, in the same order.
void fill_vectors(PreparedWrite& write, std::vector<Vector> vectors);

/// Gives them those that `embedder` makes.
void embed(PreparedWrite& write, const text::Embedder& embedder);

/// Distinct ids as unconditional deletions. Error as above with `ids[i]`.
Result<WriteBatch> prepare_delete(const std::vector<std::string>& ids);

/// Says of each document, vector and all, where it shall live.
void place(WriteBatch& batch, const routing::Placement& placement);

/// The shards whose documents the batch may change, each once: all, where any may hold any.
std::vector<ShardId> touched_shards(const WriteBatch& batch, const CollectionSettings& settings);

/// The bytes of the entry, or payload_too_large.
Result<std::string> encode_checked(const WriteBatch& batch);

}  // namespace mosaic::shard
