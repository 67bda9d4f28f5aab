// The packs that a run has heard of, numbered. Belongs to one run.
#pragma once

#include <map>
#include <vector>

#include "backup/page_map.hpp"

namespace mosaic::backup {

class PackList {
 public:
  std::uint32_t number_of(const PackRef& pack) {
    const auto [at, is_new] =
        numbers_.try_emplace(pack.name, static_cast<std::uint32_t>(packs_.size()));
    if (is_new) packs_.push_back(pack);
    return at->second;
  }
  /// For a pack that gets its name later.
  std::uint32_t reserve() {
    packs_.emplace_back();
    return static_cast<std::uint32_t>(packs_.size() - 1);
  }
  void set(std::uint32_t number, const PackRef& pack) {
    packs_[number] = pack;
    numbers_.emplace(pack.name, number);
  }
  const std::vector<PackRef>& all() const { return packs_; }

 private:
  std::vector<PackRef> packs_;
  std::map<ContentName, std::uint32_t> numbers_;
};

}  // namespace mosaic::backup
