// The folder that holds everything of a node, and the lock that keeps a second node out of it.
//   LOCK  log/  catalog/  collections/<name>-<id>/shard-<n>.db and its index, shard-<n>.index
//   snapshots/<name>-<id>/<snapshot>/shard-<n>.db and snapshot.json
//   incoming/<token>/shard-<n>.db   of a collection that is being restored
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/entry.hpp"

namespace mosaic::storage {

class DataFolder {
 public:
  /// Makes the folder when it is missing and locks it until destruction. Error unavailable when
  /// another process holds it, or it cannot be made or written.
  static Result<std::unique_ptr<DataFolder>> open(const std::filesystem::path& root);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  std::filesystem::path log() const { return root_ / "log"; }
  /// Where earlier versions kept the log.
  std::filesystem::path log_before() const { return root_ / "log.db"; }
  std::filesystem::path catalog() const { return root_ / "catalog.db"; }
  std::filesystem::path collection(CollectionId id, std::string_view name) const;
  std::filesystem::path shard(CollectionId id, std::string_view name, ShardId shard) const;
  /// The folder of a collection of any name; nothing when there is none.
  std::optional<std::filesystem::path> find_collection(CollectionId id) const;
  /// The file of a shard in the folder of its collection.
  static std::filesystem::path shard_in(const std::filesystem::path& collection, ShardId shard);

  /// Of all snapshots of a collection, and of one of them.
  std::filesystem::path snapshots(CollectionId id, std::string_view name) const;
  std::filesystem::path snapshot(CollectionId id, std::string_view name,
                                 std::string_view snapshot) const;
  /// Where files stand that a collection is to be made of.
  std::filesystem::path incoming(std::string_view token) const;
  const std::filesystem::path& root() const { return root_; }

  /// Removes the folder of a dropped collection. Its shards may still be ending and take files
  /// away, or even make some: false when nothing was there any more. Throws Failure when something
  /// stays.
  static bool remove(const std::filesystem::path& collection);

  /// Removes folders of collections, snapshots and what is incoming that `keep` does not hold: what
  /// a crash left of a drop, a copy or a restore.
  void remove_strays(const std::vector<std::filesystem::path>& keep) const;

 private:
  DataFolder(std::filesystem::path root, int lock) : root_(std::move(root)), lock_(lock) {}

  std::filesystem::path root_;
  int lock_;
};

}  // namespace mosaic::storage
