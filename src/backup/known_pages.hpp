// What a backup finds in the store before it begins: the pages of the newest backups of its
// collection, and the map of each file in the newest one, on which its own builds. Belongs to one
// run.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "backup/manifest.hpp"
#include "backup/pack_list.hpp"
#include "backup/page_table.hpp"

namespace mosaic::backup {

/// A page that was changed and then changed back is still in one of so many backups.
constexpr std::size_t kParentsMax = 3;

struct ParentFile {
  MapLayers layers;
  std::vector<PagePlace>
      places;  ///< of each page, as of all layers; no pack: none that can be used
  std::vector<bool> is_set;

  void resize(std::uint64_t pages) {
    places.resize(pages);
    is_set.resize(pages);
  }
  void set_first(std::uint32_t page, PagePlace place) {
    if (page >= places.size() || is_set[page]) return;
    places[page] = place;
    is_set[page] = true;
  }
};

class KnownPages {
 public:
  /// Reads what is there. Whatever is damaged or missing is left out: its pages go up again. Throws
  /// Failure when the store fails.
  void load(ObjectStore& store, const std::string& collection);

  std::optional<PagePlace> find(const PageHash& hash) const { return table_.find(hash); }
  void insert(const PageHash& hash, PagePlace place) { table_.insert(hash, place); }
  /// Null when the newest backup has no such file, or its map cannot be read.
  const ParentFile* parent(const std::string& file) const;
  /// No longer needed: 8 bytes a page.
  void forget_parent(const std::string& file) { parents_.erase(file); }
  PackList& packs() { return packs_; }
  const PackList& packs() const { return packs_; }

 private:
  struct Parent {
    Manifest manifest;
    Contents contents;
  };

  /// A pack by its number; its slots before `first_slot` are not to be used.
  struct Source {
    std::uint32_t number = kNoPack;
    std::uint32_t first_slot = 0;
  };

  void list_stored(ObjectStore& store);
  bool is_stored(const PackRef& pack) const;
  void empty_sparse_packs(const Contents& contents);
  void load_backup(ObjectStore& store, const Parent& backup, bool newest);
  void load_file(ObjectStore& store, const MapLayers& layers, ParentFile* parent);
  Source source_of(const PackRef& pack);
  void load_piece(ObjectStore& store, const PieceRef& ref, ParentFile* parent);

  PackList packs_;
  PageTable table_;
  std::map<std::string, ParentFile> parents_;
  std::map<ContentName, std::uint64_t> stored_;   ///< packs, with the bytes of their objects
  std::set<ContentName> allowed_;                 ///< packs whose pages may be used
  std::map<ContentName, std::uint32_t> leaving_;  ///< packs whose pages below that slot are to move
  std::set<ContentName> seen_;                    ///< pieces
};

}  // namespace mosaic::backup
