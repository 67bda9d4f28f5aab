#include "backup/known_pages.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/failure.hpp"

namespace mosaic::backup {
namespace {

// Packs are never changed, so what a collection no longer has stays in them as long as one page of
// theirs is needed. A pack of which the newest backup needs less than a fifth is emptied: the next
// backups write those pages anew, and when the backups of before are gone, so is the pack. When
// each backup changes a share r of the pages, a quarter of r moves and about twice the files is
// stored. At most 1/200 of all pages move at a time, so that a backup stays small.
constexpr std::uint64_t kSparseShare = 5;
constexpr std::uint64_t kMovedShare = 200;

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
  if (!parents.empty()) empty_sparse_packs(parents.front().contents);
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
    ParentFile parent{backup.contents.maps[i], {}, {}};
    if (newest) parent.resize(pages_of(file.bytes));
    const bool sound =
        unless_damaged([&] { load_file(store, parent.layers, newest ? &parent : nullptr); });
    if (newest && sound) parents_.insert_or_assign(file.name, std::move(parent));
  }
}

void KnownPages::load_file(ObjectStore& store, const MapLayers& layers, ParentFile* parent) {
  // From the last layer to the first: of two places of a page, the one that it was moved to counts.
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    for (const auto& piece : *layer) {
      if (parent != nullptr || !seen_.contains(piece.name)) load_piece(store, piece, parent);
    }
  }
}

void KnownPages::load_piece(ObjectStore& store, const PieceRef& ref, ParentFile* parent) {
  const auto piece = read_piece(store, ref);
  seen_.insert(ref.name);
  std::vector<Source> sources;
  for (const auto& pack : piece.packs) sources.push_back(source_of(pack));
  for (const auto& entry : piece.entries) {
    const auto& source = sources[entry.place.pack];
    const bool usable = source.number != kNoPack && entry.place.slot >= source.first_slot;
    const auto place = usable ? PagePlace{source.number, entry.place.slot} : PagePlace{};
    if (parent != nullptr) parent->set_first(entry.page, place);
    if (usable) table_.insert(entry.hash, place);
  }
}

KnownPages::Source KnownPages::source_of(const PackRef& pack) {
  if (!allowed_.contains(pack.name)) return {};
  const auto leaving = leaving_.find(pack.name);
  return {packs_.number_of(pack), leaving == leaving_.end() ? 0 : leaving->second};
}

void KnownPages::empty_sparse_packs(const Contents& contents) {
  std::uint64_t all = 0;
  std::vector<NeededPack> sparse;
  for (const auto& needed : contents.packs) {
    all += needed.used;
    if (needed.used * kSparseShare < needed.pack.pages) sparse.push_back(needed);
  }
  std::sort(sparse.begin(), sparse.end(),
            [](const auto& a, const auto& b) { return a.used < b.used; });
  auto room = all / kMovedShare;
  for (const auto& [pack, used] : sparse) {
    // The last one moves in part: what is needed of it is spread over its slots more or less
    // evenly.
    const auto moved = std::min<std::uint64_t>(room, used);
    const auto slots = used == 0 ? 0 : pack.pages * moved / used;
    leaving_.emplace(pack.name, static_cast<std::uint32_t>(slots));
    room -= moved;
  }
}

}  // namespace mosaic::backup
