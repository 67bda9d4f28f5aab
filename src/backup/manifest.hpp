// What makes a backup: its manifest, `backups/<collection>/<id>.json`, written last, and the list
// of its contents, an object that the manifest names. docs/BACKUP_FORMAT.md has every field.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backup/backup.hpp"
#include "backup/page_map.hpp"

namespace mosaic::backup {

constexpr std::size_t kManifestBytesMax = 16 << 20;
constexpr std::size_t kContentsBytesMax = 256 << 20;

struct ManifestFile {
  std::string name;
  std::uint64_t bytes = 0;
  Sha256Digest digest{};
};

struct Manifest {
  BackupInfo info;
  std::string settings;
  std::vector<ManifestFile> files;
  ContentName contents;
  std::uint64_t contents_bytes = 0;
};

struct NeededPack {
  PackRef pack;
  std::uint32_t used = 0;  ///< pages of it that the backup needs
};

struct Contents {
  std::vector<MapLayers> maps;    ///< in the order of Manifest::files
  std::vector<NeededPack> packs;  ///< every one that a page of the files is in
};

/// Collection and id of a manifest's key; nothing for another key.
struct BackupName {
  std::string collection;
  std::string id;
};
std::optional<BackupName> backup_in_key(std::string_view key);
/// By collection, then by id; all of them without a collection. Throws Failure when the store
/// fails.
std::vector<BackupName> backup_names(ObjectStore& store, const std::string& collection = {});
std::string manifest_key(const std::string& collection, const std::string& id);
/// Ids sort by time: 20260124T093000123Z-<seq>.
std::string make_id(std::int64_t created_at_ms, Seq seq);

/// The rules for collection and file names, which become parts of keys and paths.
bool is_collection_name(std::string_view name);
bool is_file_name(std::string_view name);

std::string encode_manifest(const Manifest& manifest);
/// Throws Failure: not_found when it was removed meanwhile, corrupt_data naming the object when it
/// is damaged or another's.
Manifest read_manifest(ObjectStore& store, const BackupName& name);

/// How many bytes went into the store is told through `bytes`.
ContentName put_contents(ObjectStore& store, std::uint64_t tag, const Contents& contents,
                         std::uint64_t& bytes);
/// Throws Failure (corrupt_data) naming the object.
Contents read_contents(ObjectStore& store, const Manifest& manifest);

template <class Archive>
void archive(Archive& ar, NeededPack& needed) {
  ar(needed.pack, needed.used);
}

}  // namespace mosaic::backup
