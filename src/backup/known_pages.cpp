#include "backup/known_pages.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/failure.hpp"

namespace mosaic::backup {
namespace {

// Packs are never changed, so what a collection no longer has stays in them as long as one page of
// theirs is needed. A pack of which the newest backup needs less than a quarter is emptied: the
// next backup writes those pages anew, and when the backups of before are gone, so is the pack. At
// most 1/256 of all pages move at a time, so that a backup stays small.
constexpr std::uint64_t kSparseShare = 4;
constexpr std::uint64_t kMovedShare = 256;

/// The work, unless something is damaged or gone: then false.
template <class Work>
bool unless_damaged(Work&& work) {
  try {
    work();
    return true;
  } catch (const Failure& failure) {
    const auto code = failure.error().code;
    if (code != ErrorCode::kCorruptData && code != ErrorCode::kNotFound) throw;
    return false;
  }
}

}  // namespace

void KnownPages::load(ObjectStore& store, const std::string& collection) {
  list_stored(store);
  std::vector<Parent> parents;
  auto names = backup_names(store, collection);
  for (auto name = names.rbegin(); name != names.rend() && parents.size() < kParentsMax; ++name) {
    static_cast<void>(unless_damaged([&] {
      Parent parent{read_manifest(store, *name), {}};
      parent.contents = read_contents(store, parent.manifest);
      parents.push_back(std::move(parent));
    }));
  }
  // A piece may also name packs that only older backups needed. Nothing keeps those from a prune.
  for (const auto& parent : parents) {
    for (const auto& needed : parent.contents.packs) {
      if (is_stored(needed.pack)) allowed_.insert(needed.pack.name);
    }
  }
  if (!parents.empty()) leave_out_sparse_packs(parents.front().contents);
  for (const auto& parent : parents) load_backup(store, parent, &parent == &parents.front());
}

const ParentFile* KnownPages::parent(const std::string& file) const {
  const auto found = parents_.find(file);
  return found == parents_.end() ? nullptr : &found->second;
}

void KnownPages::list_stored(ObjectStore& store) {
  for (const auto& object : or_throw(store.list(std::string(folder_of(ContentKind::kPack))))) {
    const auto name = name_in_key(ContentKind::kPack, object.key);
    if (name) stored_.emplace(*name, object.bytes);
  }
}

bool KnownPages::is_stored(const PackRef& pack) const {
  const auto found = stored_.find(pack.name);
  return found != stored_.end() && found->second == pack.bytes;
}

void KnownPages::load_backup(ObjectStore& store, const Parent& backup, bool newest) {
  for (std::size_t i = 0; i < backup.manifest.files.size(); ++i) {
    const auto& file = backup.manifest.files[i];
    ParentFile parent{backup.contents.maps[i], {}};
    if (newest) parent.places.resize(pages_of(file.bytes));
    const bool sound =
        unless_damaged([&] { load_file(store, parent.layers, newest ? &parent : nullptr); });
    if (newest && sound) parents_.insert_or_assign(file.name, std::move(parent));
  }
}

void KnownPages::load_file(ObjectStore& store, const MapLayers& layers, ParentFile* parent) {
  for (const auto& layer : layers) {
    for (const auto& piece : layer) {
      if (parent != nullptr || !seen_.contains(piece.name)) load_piece(store, piece, parent);
    }
  }
}

void KnownPages::load_piece(ObjectStore& store, const PieceRef& ref, ParentFile* parent) {
  const auto piece = read_piece(store, ref);
  seen_.insert(ref.name);
  std::vector<std::uint32_t> numbers;
  for (const auto& pack : piece.packs) {
    const bool usable = allowed_.contains(pack.name) && !sparse_.contains(pack.name);
    numbers.push_back(usable ? packs_.number_of(pack) : kNoPack);
  }
  for (const auto& entry : piece.entries) {
    const auto pack = numbers[entry.place.pack];
    const auto place = pack == kNoPack ? PagePlace{} : PagePlace{pack, entry.place.slot};
    if (parent != nullptr && entry.page < parent->places.size()) parent->places[entry.page] = place;
    if (pack != kNoPack) table_.insert(entry.hash, place);
  }
}

void KnownPages::leave_out_sparse_packs(const Contents& contents) {
  std::uint64_t all = 0;
  std::vector<NeededPack> sparse;
  for (const auto& needed : contents.packs) {
    all += needed.used;
    if (needed.used * kSparseShare < needed.pack.pages) sparse.push_back(needed);
  }
  std::sort(sparse.begin(), sparse.end(),
            [](const auto& a, const auto& b) { return a.used < b.used; });
  auto room = all / kMovedShare;
  for (const auto& needed : sparse) {
    if (needed.used > room) break;
    room -= needed.used;
    sparse_.insert(needed.pack.name);
  }
}

}  // namespace mosaic::backup
