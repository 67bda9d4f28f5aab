// What re-embedding reads from a shard, page by page: the texts of live versions for which no
// vector of the next embedder is staged yet. Rows are never edited and new ones come at the end, so
// a walk that goes on from where it stopped meets every version.
#pragma once

#include <string>
#include <vector>

#include "base/row_set.hpp"
#include "mosaic/document.hpp"
#include "storage/shard_file.hpp"

namespace mosaic::shard {

class Session;

/// Some ten milliseconds of a searcher's time.
constexpr std::size_t kUnstagedRowsMax = 4'000;
/// A page ends after about so many bytes of text.
constexpr std::size_t kUnstagedBytesMax = 4 << 20;

struct UnstagedPage {
  struct Version {
    std::string id;
    Seq written = 0;
    std::string title;
    std::string text;
  };
  Seq read_at = 0;
  storage::VectorSpace space;  ///< of the state that was read
  std::uint64_t documents = 0;
  std::vector<Version> versions;
  Row next = 0;
  bool more = false;
};

/// At most `versions_max` of those after row `after`. Throws unavailable while the shard stages
/// nothing for `generation`.
UnstagedPage unstaged_page(Session& session, Seq generation, Row after, std::size_t versions_max);

}  // namespace mosaic::shard
