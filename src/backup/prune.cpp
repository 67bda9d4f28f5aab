#include <fmt/format.h>

#include <map>
#include <set>

#include "backup/backup.hpp"
#include "backup/backup_mark.hpp"
#include "backup/manifest.hpp"
#include "base/failure.hpp"

namespace mosaic::backup {
namespace {

void check(const Status& status) {
  if (!status) throw Failure(status.error());
}

void check_collection(const std::string& collection) {
  if (is_collection_name(collection)) return;
  throw Failure(invalid(fmt::format("collection '{}' is no name of a collection", collection)));
}

/// Nothing when somebody else has removed it since it was listed.
std::optional<Manifest> manifest_if_there(ObjectStore& store, const BackupName& name) {
  try {
    return read_manifest(store, name);
  } catch (const Failure& failure) {
    if (failure.error().code != ErrorCode::kNotFound) throw;
    return std::nullopt;
  }
}

/// What the backups that stay refer to. Each is read once.
class Needed {
 public:
  /// Throws Failure (corrupt_data) when the backup is damaged.
  void add(ObjectStore& store, const BackupName& name) {
    if (!read_.insert(manifest_key(name.collection, name.id)).second) return;
    const auto manifest = manifest_if_there(store, name);
    if (!manifest) return;
    const auto contents = read_contents(store, *manifest);
    keys_.insert(key_of(ContentKind::kMap, manifest->contents));
    for (const auto& needed : contents.packs)
      keys_.insert(key_of(ContentKind::kPack, needed.pack.name));
    for (const auto& layers : contents.maps) {
      for (const auto& layer : layers) {
        for (const auto& piece : layer) keys_.insert(key_of(ContentKind::kMap, piece.name));
      }
    }
  }

  bool contains(const std::string& key) const { return keys_.contains(key); }

 private:
  std::set<std::string> read_;
  std::set<std::string> keys_;
};

bool is_sound(ObjectStore& store, const BackupName& name) {
  try {
    return manifest_if_there(store, name).has_value();
  } catch (const Failure& failure) {
    if (failure.error().code != ErrorCode::kCorruptData) throw;
    return false;
  }
}

/// The backups of a collection, oldest first, without the newest `keep` that are sound and what
/// lies between those.
std::vector<BackupName> too_old(ObjectStore& store, std::vector<BackupName> names,
                                std::size_t keep) {
  std::size_t kept = 0;
  while (!names.empty() && kept < keep) {
    if (is_sound(store, names.back())) ++kept;
    names.pop_back();
  }
  return names;
}

std::vector<ObjectInfo> stored_content(ObjectStore& store) {
  auto objects = or_throw(store.list(std::string(folder_of(ContentKind::kPack))));
  const auto maps = or_throw(store.list(std::string(folder_of(ContentKind::kMap))));
  objects.insert(objects.end(), maps.begin(), maps.end());
  return objects;
}

PruneReport prune_collection(ObjectStore& store, const std::string& collection, std::size_t keep,
                             std::int64_t now_ms) {
  PruneReport report;
  std::set<std::string> leaving;
  for (const auto& name : too_old(store, backup_names(store, collection), keep))
    leaving.insert(name.id);
  // All that stays is read before anything is removed: damage must not make other backups' contents
  // look like nobody's.
  Needed needed;
  for (const auto& name : backup_names(store)) {
    if (name.collection != collection || !leaving.contains(name.id)) needed.add(store, name);
  }
  // Manifests go first: cut off here, the rest is content that nobody refers to.
  for (const auto& id : leaving) {
    check(store.remove(manifest_key(collection, id)));
    report.removed.push_back(id);
  }
  // The order of these three matters. A backup that begins after the second brings content of names
  // that the first has not seen, and refers to what backups refer to that the third sees; one that
  // began before is seen by the second, or has ended and is seen by the third.
  const auto stored = stored_content(store);
  report.deferred = backup_under_way(store, now_ms);
  if (report.deferred) return report;
  for (const auto& name : backup_names(store)) needed.add(store, name);
  for (const auto& object : stored) {
    if (needed.contains(object.key)) continue;
    check(store.remove(object.key));
    ++report.objects;
    report.bytes += object.bytes;
  }
  return report;
}

}  // namespace

Result<PruneReport> prune(ObjectStore& store, const std::string& collection, std::size_t keep,
                          std::int64_t now_ms) {
  return to_result([&] {
    check_collection(collection);
    if (keep == 0) throw Failure(invalid("keep is 0, must be at least 1"));
    return prune_collection(store, collection, keep, now_ms);
  });
}

Status remove_backup(ObjectStore& store, const std::string& collection, const std::string& id) {
  return to_result([&] {
    check_collection(collection);
    const auto key = manifest_key(collection, id);
    if (!backup_in_key(key) || !or_throw(store.exists(key))) {
      throw Failure(ErrorCode::kNotFound,
                    fmt::format("there is no backup '{}' of collection '{}'", id, collection));
    }
    check(store.remove(key));
  });
}

Result<std::vector<BackupInfo>> list_backups(ObjectStore& store,
                                             std::optional<std::string> collection) {
  return to_result([&] {
    if (collection) check_collection(*collection);
    std::vector<BackupInfo> infos;
    for (const auto& name : backup_names(store, collection.value_or(""))) {
      try {
        auto manifest = manifest_if_there(store, name);
        if (manifest) infos.push_back(std::move(manifest->info));
      } catch (const Failure& failure) {
        if (failure.error().code != ErrorCode::kCorruptData) throw;
        infos.emplace_back();
        infos.back().id = name.id;
        infos.back().collection = name.collection;
        infos.back().damage = failure.error().detail;
      }
    }
    return infos;
  });
}

}  // namespace mosaic::backup
