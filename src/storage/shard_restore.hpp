// What a copy of a shard file goes through on its way into another collection, maybe on another
// node: it is verified, then made independent of the log that it came from, since seqs of one log
// mean nothing in another, and at last given to its collection. Nobody else has the file open.
#pragma once

#include <filesystem>
#include <functional>

#include "storage/shard_file.hpp"

namespace mosaic::storage {

/// Asked now and then, since a large file takes minutes; false ends the work with
/// deadline_exceeded.
using KeepOn = std::function<bool()>;

/// Throws corrupt_data unless every page of the file matches its checksum, SQLite finds its trees
/// in order, and it is the shard `expected` says, whatever its collection.
void verify_copy(const std::filesystem::path& path, const ShardIdentity& expected,
                 const KeepOn& keep_on = {});

/// Leaves the live documents and links alone, each as if the entry at `seq` had written it: no
/// history, no moves, no staged vectors, no memory of an index file. Rows keep their numbers.
/// Sealed and synced when it returns.
void rebase_shard(const std::filesystem::path& path, Seq seq, std::int64_t time_ms,
                  const KeepOn& keep_on = {});

/// From now on the file is of the collection that the entry `collection` has made, and stands at
/// that entry. Durable when it returns, and harmless twice.
void adopt_shard(const std::filesystem::path& path, CollectionId collection);

}  // namespace mosaic::storage
