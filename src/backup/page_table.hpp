// Where each page that the store has is: 24 bytes a page plus room, about 900 MB for 100 GiB. Many
// small open-addressing tables instead of a large one, so that growing needs little at a time.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "backup/page.hpp"

namespace mosaic::backup {

class PageTable {
 public:
  std::optional<PagePlace> find(const PageHash& hash) const;
  /// Keeps the first place of a page.
  void insert(const PageHash& hash, PagePlace place);

 private:
  struct Entry {
    PageHash hash{};
    PagePlace place;  ///< no pack: nothing is here
  };
  struct Part {
    std::vector<Entry> entries;
    std::size_t used = 0;
  };

  static Entry& slot_of(Part& part, const PageHash& hash);
  static void grow(Part& part);

  std::array<Part, 256> parts_;
};

}  // namespace mosaic::backup
