// Snapshots and backups as the JSON of the public contract: in answers, results of jobs and the
// snapshot.json beside the copies. Pure.
#pragma once

#include <string>

#include "base/json_writer.hpp"
#include "mosaic/backup.hpp"

namespace mosaic {

void write_snapshot(JsonWriter& json, const Snapshot& snapshot);
std::string snapshot_json(const Snapshot& snapshot);
void write_backup(JsonWriter& json, const Backup& backup);
std::string backup_json(const Backup& backup);
/// The same with the settings of the collection, for people who find the folder.
std::string snapshot_file_json(const Snapshot& snapshot, const CollectionSettings& settings);

}  // namespace mosaic
