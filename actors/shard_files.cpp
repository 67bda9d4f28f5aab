#include "actors/shard_files.hpp"

#include <algorithm>

#include "base/failure.hpp"
#include "base/log.hpp"
#include "storage/shard_copy.hpp"

namespace mosaic::actors {
namespace {

constexpr std::chrono::milliseconds kFirstRemovalPause{1'000};
constexpr std::chrono::milliseconds kRemovalPauseMax{60'000};

bool try_to_remove(CollectionId id, const supervisor_state::removal& removal) {
  try {
    return !storage::DataFolder::remove(removal.folder);
  } catch (const Failure& failure) {
    log::warn("files of dropped collection {} are left, next try in {} ms: {}", id.value,
              removal.pause.count(), failure.what());
    return false;
  }
}

}  // namespace

std::filesystem::path file_of(const supervisor_state& state,
                              const storage::CollectionRecord& record, ShardId shard) {
  return state.config.folder->shard(record.id, record.settings.name, shard);
}

bool is_leaving(const supervisor_state& state, const std::filesystem::path& file) {
  return std::any_of(state.leaving.begin(), state.leaving.end(),
                     [&](const auto& each) { return each.second == file; });
}

void forget_file(supervisor_pointer self, const storage::CollectionRecord& record, ShardId shard) {
  auto& catalog = *self->state.config.catalog;
  if (catalog.shard(record.id, shard).made) catalog.set_shard(record.id, shard, {});
}

void note_saved(supervisor_pointer self, const checkpoint_report& report) {
  auto& catalog = *self->state.config.catalog;
  // One that has left may still report, and its shard may be coming back: as another file.
  const auto child = self->state.children.find(report.key);
  if (child == self->state.children.end() || !self->current_sender() ||
      child->second.actor.address() != self->current_sender()->address())
    return;
  catalog.set_shard(report.key.collection, report.key.shard, {true, report.durable});
  self->send(self->state.log, checkpoint_atom_v, report);
}

void remove_file(const std::filesystem::path& file) {
  const auto removed = to_result([&] { storage::remove_shard(file); });
  if (!removed) log::warn("a shard that lives elsewhere is left: {}", removed.error().detail);
}

void begin_removal(supervisor_pointer self, const storage::CollectionRecord& record) {
  auto& state = self->state;
  state.removals[record.id] = {state.config.folder->collection(record.id, record.settings.name),
                               kFirstRemovalPause};
  remove_folder(self, record.id);
}

/// Open files outlive their names, so shards that have not ended yet do no harm. But one that was
/// just starting may make files anew: hence the look after a pause.
void remove_folder(supervisor_pointer self, CollectionId id) {
  const auto found = self->state.removals.find(id);
  if (found == self->state.removals.end()) return;
  auto& removal = found->second;
  if (try_to_remove(id, removal)) {
    self->state.removals.erase(found);
    return;
  }
  self->delayed_send(self, removal.pause, dropped_atom_v, id);
  removal.pause = std::min(2 * removal.pause, kRemovalPauseMax);
}

void remove_snapshots(const std::filesystem::path& folder) {
  const auto removed = to_result([&] { return storage::DataFolder::remove(folder); });
  if (!removed) log::warn("files of a snapshot are left: {}", removed.error().detail);
}

}  // namespace mosaic::actors
