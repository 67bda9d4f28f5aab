#include "backup/page_table.hpp"

#include <algorithm>

namespace mosaic::backup {

// Hashes are as good as random already.
PageTable::Entry& PageTable::slot_of(Part& part, const PageHash& hash) {
  auto at = hash[1] % part.entries.size();
  while (part.entries[at].place.pack != kNoPack && part.entries[at].hash != hash) {
    at = at + 1 == part.entries.size() ? 0 : at + 1;
  }
  return part.entries[at];
}

void PageTable::grow(Part& part) {
  Part larger{std::vector<Entry>(std::max<std::size_t>(16, part.entries.size() * 3 / 2)),
              part.used};
  for (const auto& entry : part.entries) {
    if (entry.place.pack != kNoPack) slot_of(larger, entry.hash) = entry;
  }
  part = std::move(larger);
}

std::optional<PagePlace> PageTable::find(const PageHash& hash) const {
  const auto& part = parts_[hash[0] % parts_.size()];
  if (part.entries.empty()) return std::nullopt;
  const auto& entry = slot_of(const_cast<Part&>(part), hash);
  if (entry.place.pack == kNoPack) return std::nullopt;
  return entry.place;
}

void PageTable::insert(const PageHash& hash, PagePlace place) {
  auto& part = parts_[hash[0] % parts_.size()];
  // A quarter stays free: what is not there is known after a few steps.
  if (part.used * 4 >= part.entries.size() * 3) grow(part);
  auto& entry = slot_of(part, hash);
  if (entry.place.pack != kNoPack) return;
  entry = {hash, place};
  ++part.used;
}

}  // namespace mosaic::backup
