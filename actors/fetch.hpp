// Fetch: gets one file from another node piece by piece, checks that it is what was promised, and
// puts it where it belongs; then ends, normally or with the reason why not. Nothing stands at its
// place before all of it is there. Has a thread of its own.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>

#include "actors/protocol.hpp"

namespace mosaic::actors {

/// Making a copy of a large shard takes minutes.
constexpr std::chrono::minutes kCopyTimeout{30};
constexpr std::chrono::seconds kCopyChunkTimeout{30};
/// A file comes only where, beside itself, this part of it has room, too: it will grow.
constexpr std::uint64_t kRoomPart = 8;
/// Between two looks whether the log has come as far as the file.
constexpr std::chrono::milliseconds kFetchPause{20};

struct fetch_config {
  copy_request wanted;
  std::filesystem::path place;   ///< where the file goes; what is there is replaced
  caf::actor owner;              ///< it ends with this one; null: with nobody
  std::filesystem::path beside;  ///< a folder on the same disk, of its own; gone afterwards
  /// Asked again and again: how far this node's log has come. The file may be ahead of it for a
  /// moment, and must not be used before.
  std::function<Seq()> log_seq;
  /// Done to the file before it is put in its place. Throws.
  std::function<void(const std::filesystem::path&)> prepare = [](const std::filesystem::path&) {};
  /// Hears how it ended, on this actor's thread, before it does.
  std::function<void(const fetched_copy&)> done = [](const fetched_copy&) {};
  std::uint64_t bytes_per_s = std::numeric_limits<std::uint64_t>::max();
};

struct fetch_state {
  /// However it ends, nothing is left over.
  ~fetch_state() { clear(); }
  void clear();

  fetch_config config;
  peer_actor giver;
  copy_actor source;
  copy_ready ready;
  std::ofstream file;
  std::uint64_t received = 0;
  TimePoint next;  ///< when more may be asked for
  static inline const char* name = "fetch";
};

/// `start` says whom to ask.
using fetch_actor = caf::typed_actor<caf::reacts_to<start_atom, peer_actor>,
                                     caf::reacts_to<read_atom>, caf::reacts_to<step_atom>>;

fetch_actor::behavior_type fetch(fetch_actor::stateful_pointer<fetch_state> self,
                                 fetch_config config);

}  // namespace mosaic::actors
