// Joins what the shards of a collection tell of their documents, some of which may say nothing.
// Pure.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "routing/possible_homes.hpp"
#include "shard/shard_searcher.hpp"

namespace mosaic::shard {

/// The ids of a batch by the shard that may hold them.
inline std::vector<std::vector<std::string>> ids_by_shard(const WriteBatch& batch,
                                                          const CollectionSettings& settings) {
  std::vector<std::vector<std::string>> ids(settings.shards);
  for (const auto& document : batch.documents) {
    for (const auto shard : routing::possible_homes(document.id, settings))
      ids[shard.value].push_back(document.id);
  }
  return ids;
}

class DocumentCounting {
 public:
  void add(const DocumentCount& told) {
    fullest_ = std::max(fullest_, told.documents);
    total_.documents += told.documents;
    total_.existing += told.existing;
    total_.seq = heard_++ == 0 ? told.seq : std::min(total_.seq, told.seq);
  }

  /// A shard did not tell; `last` is what it told before.
  void silent(std::optional<std::uint64_t> last, const Error& why) {
    silent_.push_back(last.value_or(0));
    failure_ = why;
  }

  /// Of the shards that told; seq is that of the slowest, 0 when none did.
  const DocumentCount& total() const { return total_; }
  /// Why a shard did not tell; nothing when all did.
  const std::optional<Error>& failure() const { return failure_; }
  bool nobody_told() const { return heard_ == 0; }

  /// With those that did not tell: as many as they last told, or as the largest has, since ids
  /// spread documents evenly.
  std::uint64_t guess() const {
    auto documents = total_.documents;
    for (const auto last : silent_) documents += std::max(fullest_, last);
    return documents;
  }

 private:
  DocumentCount total_;
  std::uint64_t fullest_ = 0;
  std::size_t heard_ = 0;
  std::vector<std::uint64_t> silent_;
  std::optional<Error> failure_;
};

}  // namespace mosaic::shard
