// Collects pages that are new until a pack is full, and sends it. Belongs to one run.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "backup/pack_list.hpp"

namespace mosaic::backup {

class PackWriter {
 public:
  PackWriter(ObjectStore& store, std::uint64_t tag, PackList& packs)
      : store_(store), tag_(tag), packs_(packs) {}

  bool full() const { return pages_.size() == kPackPagesMax * kPageBytes; }
  bool empty() const { return pages_.empty(); }
  /// Where the page will be. The pack has its number already, and its name when it is sent.
  PagePlace add(std::string_view page);
  /// Throws Failure. Afterwards empty.
  PackRef send();

 private:
  ObjectStore& store_;
  const std::uint64_t tag_;
  PackList& packs_;
  std::uint32_t number_ = kNoPack;
  std::string pages_;
};

}  // namespace mosaic::backup
