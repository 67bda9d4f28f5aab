#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <cstring>
#include <set>

#include "backup/backup.hpp"
#include "backup/backup_mark.hpp"
#include "backup/disk_file.hpp"
#include "backup/known_pages.hpp"
#include "backup/map_writer.hpp"
#include "backup/pack_writer.hpp"
#include "base/failure.hpp"

namespace mosaic::backup {
namespace {

constexpr std::size_t kReadPages = 256;  ///< 1 MiB at a time

/// A file's map has at most so many layers, and those after the first at most half as many entries
/// as the file has pages. Otherwise it is written in full: 0.4% of the file.
constexpr std::size_t kLayersMax = 16;

constexpr std::size_t kPiecesWaitingMax = 32;  ///< for their packs, 2 MiB each

constexpr std::int64_t kCreatedMax_ms = 253'402'300'799'999;  // The end of the year 9999.

void check(bool fine, std::string detail) {
  if (!fine) throw Failure(invalid(std::move(detail)));
}

void check_request(const BackupRequest& request) {
  check(is_collection_name(request.collection),
        fmt::format("collection '{}' is no name of a collection", request.collection));
  check(request.created_at_ms >= 0 && request.created_at_ms <= kCreatedMax_ms,
        fmt::format("created_at_ms is {}", request.created_at_ms));
  check(request.settings.size() <= kSettingsBytesMax,
        fmt::format("settings have {} bytes, at most {}", request.settings.size(),
                    kSettingsBytesMax));
  check(request.files.size() <= kFilesMax,
        fmt::format("{} files, at most {}", request.files.size(), kFilesMax));
  std::set<std::string> names;
  for (const auto& file : request.files) {
    check(is_file_name(file.name),
          fmt::format("file name '{}' must be 1 to {} letters, digits, '.', '_' or '-', not "
                      "first a mark and not last '.part'",
                      file.name, kFileNameBytesMax));
    check(names.insert(file.name).second, fmt::format("two files are named '{}'", file.name));
  }
}

/// Sets what this run writes apart from what any other has written.
std::uint64_t tag_of(const BackupRequest& request, const std::string& id) {
  Sha256 digest;
  digest.update(request.collection + "/" + id);
  std::uint64_t tag = 0;
  std::memcpy(&tag, digest.finish().data(), sizeof tag);
  return tag;
}

PageHash hash_of(Sha256& hasher, std::string_view page) {
  hasher.update(page);
  PageHash hash;
  std::memcpy(hash.data(), hasher.finish().data(), sizeof hash);
  return hash;
}

/// One backup from its first byte to its manifest.
class Run {
 public:
  Run(ObjectStore& store, const BackupRequest& request, const Progress& progress,
      std::stop_token stop)
      : store_(store),
        request_(request),
        progress_(progress),
        stop_(std::move(stop)),
        id_(make_id(request.created_at_ms, request.seq)),
        mark_(store, request.collection, id_),
        packs_(store, tag_of(request, id_), known_.packs()),
        maps_(store, tag_of(request, id_), known_.packs(), request.files.size()) {}

  BackupInfo perform() {
    const auto key = manifest_key(request_.collection, id_);
    if (or_throw(store_.exists(key))) {
      throw Failure(ErrorCode::kAlreadyExists,
                    fmt::format("there is a backup {} already", store_.address(key)));
    }
    open_files();
    known_.load(store_, request_.collection);
    for (std::size_t i = 0; i < files_.size(); ++i) back_up_file(i);
    close_pack();
    return finish(key);
  }

 private:
  struct File {
    DiskFile disk;
    std::uint64_t bytes = 0;
    MapLayers layers_before;  ///< on which the new one is put
    std::uint64_t entries = 0;
  };

  void open_files() {
    for (const auto& source : request_.files) {
      File file{DiskFile(source.path, O_RDONLY), 0, {}};
      file.bytes = file.disk.size();
      check(pages_of(file.bytes) <= kFilePagesMax,
            fmt::format("file '{}' has {} bytes, at most {}", source.path.string(), file.bytes,
                        kFilePagesMax * kPageBytes));
      total_ += file.bytes;
      files_.push_back(std::move(file));
    }
  }

  void back_up_file(std::size_t number) {
    auto& file = files_[number];
    const auto& name = request_.files[number].name;
    const auto* parent = known_.parent(name);
    if (parent != nullptr && is_worth_adding_to(parent->layers, file.bytes))
      file.layers_before = parent->layers;
    else
      parent = nullptr;
    Sha256 whole;
    std::string buffer(kReadPages * kPageBytes, '\0');
    for (std::uint64_t offset = 0; offset < file.bytes; offset += buffer.size()) {
      check_stop();
      const auto want = std::min<std::uint64_t>(buffer.size(), file.bytes - offset);
      check_unchanged(file, file.disk.read_at(offset, buffer.data(), want) == want);
      const std::string_view bytes(buffer.data(), want);
      whole.update(bytes);
      add_pages(number, parent, offset / kPageBytes, bytes);
      advance(want);
    }
    check_unchanged(file, file.disk.size() == file.bytes);
    maps_.end_file(number);
    manifest_.files.push_back({name, file.bytes, whole.finish()});
    known_.forget_parent(name);
    file.disk = DiskFile();
  }

  static bool is_worth_adding_to(const MapLayers& layers, std::uint64_t bytes) {
    std::uint64_t entries = 0;
    for (std::size_t i = 1; i < layers.size(); ++i) {
      for (const auto& piece : layers[i]) entries += piece.entries;
    }
    return layers.size() < kLayersMax && entries * 2 <= pages_of(bytes);
  }

  static void check_unchanged(const File& file, bool unchanged) {
    if (unchanged) return;
    throw Failure(ErrorCode::kUnavailable,
                  fmt::format("'{}' was changed while it was read", file.disk.path().string()));
  }

  void add_pages(std::size_t number, const ParentFile* parent, std::uint64_t page,
                 std::string_view bytes) {
    for (; !bytes.empty(); ++page) {
      const auto cut = std::min(bytes.size(), kPageBytes);
      add_page(number, parent, page, bytes.substr(0, cut));
      bytes.remove_prefix(cut);
    }
  }

  void add_page(std::size_t number, const ParentFile* parent, std::uint64_t page,
                std::string_view bytes) {
    std::string filled;
    if (bytes.size() < kPageBytes) {
      filled.assign(bytes);
      filled.resize(kPageBytes);
      bytes = filled;
    }
    const auto hash = hash_of(hasher_, bytes);
    const auto place = place_of(hash, bytes);
    if (place.pack >= used_.size()) used_.resize(place.pack + std::size_t{1});
    used_[place.pack].set(place.slot);
    if (parent != nullptr && page < parent->places.size() && parent->places[page] == place) return;
    maps_.add(number, {static_cast<std::uint32_t>(page), hash, place});
    ++files_[number].entries;
    // Where little is new, a pack takes long to get full.
    if (maps_.waiting() >= (packs_.empty() ? 1 : kPiecesWaitingMax)) close_pack();
  }

  PagePlace place_of(const PageHash& hash, std::string_view page) {
    if (const auto known = known_.find(hash)) return *known;
    if (packs_.full()) close_pack();
    const auto place = packs_.add(page);
    known_.insert(hash, place);
    return place;
  }

  void close_pack() {
    std::uint64_t sent = 0;
    if (!packs_.empty()) sent += packs_.send().bytes;
    sent += maps_.send_waiting();
    manifest_.info.new_bytes += sent;
    mark_.worked(sent);
  }

  void check_stop() const {
    if (stop_.stop_requested()) throw Failure(ErrorCode::kUnavailable, "the backup was stopped");
  }

  void advance(std::uint64_t bytes) {
    done_ += bytes;
    // Reading costs less than sending, but it takes its time as well.
    mark_.worked(bytes / 16);
    if (progress_) progress_(done_, total_);
  }

  Contents contents() const {
    Contents contents;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      auto layers = files_[i].layers_before;
      // Of what stands in the layers before, nothing counts any more.
      if (files_[i].entries == pages_of(files_[i].bytes)) layers.clear();
      if (!maps_.layer(i).empty()) layers.push_back(maps_.layer(i));
      contents.maps.push_back(std::move(layers));
    }
    const auto& all = known_.packs().all();
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (used_[i].any())
        contents.packs.push_back({all[i], static_cast<std::uint32_t>(used_[i].count())});
    }
    return contents;
  }

  BackupInfo finish(const std::string& key) {
    const auto all = contents();
    auto& info = manifest_.info;
    info.id = id_;
    info.collection = request_.collection;
    info.seq = request_.seq;
    info.created_at_ms = request_.created_at_ms;
    info.documents = request_.documents;
    info.bytes = total_;
    manifest_.settings = request_.settings;
    manifest_.contents = put_contents(store_, tag_of(request_, id_), all, manifest_.contents_bytes);
    info.new_bytes += manifest_.contents_bytes;
    info.stored_bytes = manifest_.contents_bytes + stored_bytes(all);
    check_stop();
    mark_.check_alive();
    const auto status = store_.put(key, encode_manifest(manifest_));
    if (!status) throw Failure(status.error());
    withdraw_if_dead(key);
    return info;
  }

  /// A prune that took this backup for dead before the manifest was there may remove its contents.
  void withdraw_if_dead(const std::string& key) {
    try {
      mark_.check_alive();
    } catch (const Failure&) {
      static_cast<void>(store_.remove(key));
      throw;
    }
  }

  static std::uint64_t stored_bytes(const Contents& contents) {
    std::uint64_t bytes = 0;
    for (const auto& needed : contents.packs) bytes += needed.pack.bytes;
    for (const auto& layers : contents.maps) {
      for (const auto& layer : layers) {
        for (const auto& piece : layer) bytes += piece.bytes;
      }
    }
    return bytes;
  }

  ObjectStore& store_;
  const BackupRequest& request_;
  const Progress& progress_;
  const std::stop_token stop_;
  const std::string id_;
  BackupMark mark_;  ///< Before anything is looked at.
  KnownPages known_;
  PackWriter packs_;
  MapWriter maps_;
  Manifest manifest_;
  std::vector<File> files_;
  std::vector<std::bitset<kPackPagesMax>> used_;  ///< slots of each pack that the files need
  Sha256 hasher_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

Result<BackupInfo> back_up(ObjectStore& store, const BackupRequest& request,
                           const Progress& progress, std::stop_token stop) {
  return to_result([&] {
    check_request(request);
    return Run(store, request, progress, std::move(stop)).perform();
  });
}

}  // namespace mosaic::backup
