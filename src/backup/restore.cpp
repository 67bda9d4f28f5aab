#include <fmt/format.h>

#include <algorithm>

#include "backup/backup.hpp"
#include "backup/compression.hpp"
#include "backup/manifest.hpp"
#include "backup/pack_list.hpp"
#include "backup/restored_files.hpp"
#include "base/failure.hpp"

namespace mosaic::backup {
namespace {

/// A page of a file and where it is. 16 bytes: all of a backup's are in memory, so that every pack
/// is fetched once.
struct Wanted {
  std::uint32_t pack;
  std::uint32_t slot;
  std::uint32_t file;
  std::uint32_t page;
  friend auto operator<=>(const Wanted&, const Wanted&) = default;
};

BackupName find_backup(ObjectStore& store, const std::string& collection,
                       const std::optional<std::string>& id) {
  const auto names = backup_names(store, collection);
  if (!id && !names.empty()) return names.back();
  for (const auto& name : names) {
    if (name.id == id) return name;
  }
  throw Failure(ErrorCode::kNotFound,
                id ? fmt::format("there is no backup '{}' of collection '{}' in {}", *id,
                                 collection, store.address(""))
                   : fmt::format("there is no backup of collection '{}' in {}", collection,
                                 store.address("")));
}

class Restoration {
 public:
  Restoration(ObjectStore& store, const Manifest& manifest, const std::filesystem::path& folder,
              const Progress& progress, std::stop_token stop)
      : store_(store),
        manifest_(manifest),
        progress_(progress),
        stop_(std::move(stop)),
        files_(folder, manifest.files) {}

  std::vector<std::filesystem::path> perform() {
    const auto contents = read_contents(store_, manifest_);
    for (std::size_t i = 0; i < manifest_.files.size(); ++i) want_file(i, contents.maps[i]);
    std::sort(wanted_.begin(), wanted_.end());
    for (auto at = wanted_.cbegin(); at != wanted_.cend();) at = fetch_pack(at);
    for (std::size_t i = 0; i < manifest_.files.size(); ++i) verify(i);
    check_stop();
    return files_.keep();
  }

 private:
  using Position = std::vector<Wanted>::const_iterator;

  void want_file(std::size_t number, const MapLayers& layers) {
    std::vector<PagePlace> places(pages_of(manifest_.files[number].bytes));
    for (const auto& layer : layers) {
      for (const auto& piece : layer) {
        check_stop();
        put_piece(piece, places);
      }
    }
    for (std::size_t page = 0; page < places.size(); ++page) {
      if (places[page].pack == kNoPack) {
        throw Failure(ErrorCode::kCorruptData,
                      fmt::format("{} has no place for page {} of file '{}'",
                                  store_.address(key_of(ContentKind::kMap, manifest_.contents)),
                                  page, manifest_.files[number].name));
      }
      wanted_.push_back({places[page].pack, places[page].slot, static_cast<std::uint32_t>(number),
                         static_cast<std::uint32_t>(page)});
    }
  }

  /// A page beyond the end is of a time when the file was longer.
  void put_piece(const PieceRef& ref, std::vector<PagePlace>& places) {
    const auto piece = read_piece(store_, ref);
    std::vector<std::uint32_t> numbers;
    for (const auto& pack : piece.packs) numbers.push_back(packs_.number_of(pack));
    for (const auto& entry : piece.entries) {
      if (entry.page < places.size())
        places[entry.page] = {numbers[entry.place.pack], entry.place.slot};
    }
  }

  /// All pages of one pack; gives the first that is in another.
  Position fetch_pack(Position at) {
    check_stop();
    const auto& pack = packs_.all()[at->pack];
    const auto pages = read_pack(pack);
    const auto number = at->pack;
    for (; at != wanted_.cend() && at->pack == number; ++at) {
      files_.write_page(at->file, at->page,
                        std::string_view(pages).substr(at->slot * kPageBytes, kPageBytes));
      done_ += std::min<std::uint64_t>(
          kPageBytes, manifest_.files[at->file].bytes - at->page * std::uint64_t{kPageBytes});
    }
    if (progress_) progress_(done_, manifest_.info.bytes);
    return at;
  }

  std::string read_pack(const PackRef& pack) {
    auto pages = decompress(
        get_content(store_, ContentKind::kPack, pack.name, 2 * kPackPagesMax * kPageBytes),
        kPackPagesMax * kPageBytes);
    if (pages && pages->size() == pack.pages * kPageBytes) return std::move(*pages);
    throw Failure(ErrorCode::kCorruptData,
                  fmt::format("{} does not hold {} pages",
                              store_.address(key_of(ContentKind::kPack, pack.name)), pack.pages));
  }

  void verify(std::size_t file) const {
    check_stop();
    if (files_.verify(file)) return;
    const auto& info = manifest_.info;
    throw Failure(
        ErrorCode::kCorruptData,
        fmt::format("file '{}' of {} has not the SHA-256 that it had", manifest_.files[file].name,
                    store_.address(manifest_key(info.collection, info.id))));
  }

  void check_stop() const {
    if (stop_.stop_requested()) throw Failure(ErrorCode::kUnavailable, "the restore was stopped");
  }

  ObjectStore& store_;
  const Manifest& manifest_;
  const Progress& progress_;
  const std::stop_token stop_;
  RestoredFiles files_;
  PackList packs_;
  std::vector<Wanted> wanted_;
  std::uint64_t done_ = 0;
};

}  // namespace

Result<RestoredBackup> restore(ObjectStore& store, const std::string& collection,
                               std::optional<std::string> id, const std::filesystem::path& folder,
                               const Progress& progress, std::stop_token stop) {
  return to_result([&] {
    if (!is_collection_name(collection)) {
      throw Failure(invalid(fmt::format("collection '{}' is no name of a collection", collection)));
    }
    auto manifest = read_manifest(store, find_backup(store, collection, id));
    auto paths = Restoration(store, manifest, folder, progress, std::move(stop)).perform();
    return RestoredBackup{std::move(manifest.info), std::move(manifest.settings), std::move(paths)};
  });
}

}  // namespace mosaic::backup
