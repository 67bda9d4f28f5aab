// Files of shards and collections: how far they are saved, and which are needed no more, here or
// anywhere. Part of the supervisor.
#pragma once

#include "actors/shard_fetch.hpp"

namespace mosaic::actors {

std::filesystem::path file_of(const supervisor_state& state,
                              const storage::CollectionRecord& record, ShardId shard);

/// The file is in use for a moment longer: the shard has just lived here.
bool is_leaving(const supervisor_state& state, const std::filesystem::path& file);

/// The catalog knows how far the file of a shard goes, and the log what it may forget.
void note_saved(supervisor_pointer self, const checkpoint_report& report);

/// The catalog knows of no file of the shard here any more.
void forget_file(supervisor_pointer self, const storage::CollectionRecord& record, ShardId shard);

/// What is left of a shard that lives on other nodes now; nobody has its file open.
void remove_file(const std::filesystem::path& file);

/// Removes the folder of a dropped collection, whose shards may still be ending.
void begin_removal(supervisor_pointer self, const storage::CollectionRecord& record);
/// Once more, after a pause.
void remove_folder(supervisor_pointer self, CollectionId id);

/// Nobody asks for these files any more; what is left of them goes at the next start.
void remove_snapshots(const std::filesystem::path& folder);

}  // namespace mosaic::actors
