#include "replication/snapshot_manifest.hpp"

#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "base/checksum.hpp"
#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "base/wire.hpp"
#include "replication/raft_crc.hpp"

namespace mosaic::replication {

template <class Archive>
void archive(Archive& a, SnapshotManifest& manifest) {
  a(manifest.index, manifest.seq, manifest.time_ms, manifest.floor);
}

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMagic = 0x31464e4d534f4dULL;  // "MOSMNF1"
constexpr std::string_view kMetaSuffix = ".meta";

struct Sealed {
  std::uint64_t magic = kMagic;
  SnapshotManifest manifest;
  std::uint64_t sum = 0;  ///< of the manifest's bytes
};

template <class Archive>
void archive(Archive& a, Sealed& sealed) {
  a(sealed.magic, sealed.manifest, sealed.sum);
}

Error corrupt(std::string detail) {
  return {ErrorCode::kCorruptData, std::move(detail)};
}

/// libraft's words of a snapshot's `.meta`: format, checksum, then what it is over.
Status check_meta(std::string_view bytes) {
  constexpr std::size_t kCheckedFrom = 16;
  if (bytes.size() < 32) return corrupt("it is too short");
  std::uint64_t format = 0;
  std::uint64_t sum = 0;
  std::memcpy(&format, bytes.data(), sizeof format);
  std::memcpy(&sum, bytes.data() + sizeof format, sizeof sum);
  if (format != 1) return corrupt("it is of another format");
  if (crc32(bytes.substr(kCheckedFrom)) != sum) return corrupt("it fails its checksum");
  return {};
}

}  // namespace

std::string encode_manifest(const SnapshotManifest& manifest) {
  return to_bytes(Sealed{kMagic, manifest, checksum(to_bytes(manifest))});
}

Result<SnapshotManifest> decode_manifest(std::string_view bytes) {
  const auto sealed = from_bytes<Sealed>(bytes);
  if (!sealed || sealed->magic != kMagic) return corrupt("it is no manifest of a snapshot");
  if (checksum(to_bytes(sealed->manifest)) != sealed->sum) return corrupt("it fails its checksum");
  return sealed->manifest;
}

std::optional<SnapshotName> snapshot_named(const std::string& file) {
  const bool is_meta = file.ends_with(kMetaSuffix);
  const auto data = is_meta ? file.substr(0, file.size() - kMetaSuffix.size()) : file;
  unsigned long long term = 0;
  unsigned long long index = 0;
  unsigned long long time = 0;
  int used = 0;
  const auto read =
      std::sscanf(data.c_str(), "snapshot-%llu-%llu-%llu%n", &term, &index, &time, &used);
  if (read != 3 || used != static_cast<int>(data.size())) return std::nullopt;
  return SnapshotName{index, data, data + std::string(kMetaSuffix)};
}

bool is_complete(const fs::path& folder, const SnapshotName& snapshot) {
  std::error_code missing;
  return fs::file_size(folder / snapshot.data, missing) > 0 && !missing &&
         fs::exists(folder / snapshot.meta);
}

std::vector<std::pair<std::string, std::string>> check_snapshot(const fs::path& folder,
                                                                const SnapshotName& snapshot) {
  std::vector<std::pair<std::string, std::string>> found;
  const auto manifest = decode_manifest(read_whole(folder / snapshot.data).value_or(""));
  if (!manifest) found.emplace_back(snapshot.data, manifest.error().detail);
  if (manifest && manifest->index != snapshot.index)
    found.emplace_back(snapshot.data, fmt::format("it stands for entry {}", manifest->index));
  const auto meta = check_meta(read_whole(folder / snapshot.meta).value_or(""));
  if (!meta) found.emplace_back(snapshot.meta, meta.error().detail);
  return found;
}

}  // namespace mosaic::replication
