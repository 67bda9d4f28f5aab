// Copies: makes copies of the files that this node holds for other nodes, one after the other,
// while shards go on writing; each is then read from an actor of its own. Has a thread of its own.
#pragma once

#include <stop_token>

#include "actors/faults.hpp"
#include "actors/protocol.hpp"
#include "storage/data_folder.hpp"

namespace mosaic::actors {

/// Of a file in one message: a larger one might keep a slow connection busy for so long that its
/// signs of life are missed.
constexpr std::size_t kCopyChunkBytes = 1 << 20;
/// Copies that wait to be read.
constexpr std::size_t kCopiesMax = 8;
/// A copy that nobody has read from for so long goes away.
constexpr std::chrono::seconds kCopyIdleMax{60};

struct copies_config {
  std::shared_ptr<const storage::DataFolder> folder;
  std::stop_token stop;  ///< ends a copying that is under way
};

struct copies_state {
  copies_config config;
  std::size_t made = 0;
  std::size_t open = 0;
  Faults faults;
  static inline const char* name = "copies";
};

copies_actor::behavior_type copies(copies_actor::stateful_pointer<copies_state> self,
                                   copies_config config);

}  // namespace mosaic::actors
