// Says whether writes may come in, by what the node uses: none that grow it past its limits of
// memory and disk, so that searches go on. A limit that was reached ends only some way back from
// it, so that it does not come and go with every request. A pure step function, for one thread at a
// time.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/node_settings.hpp"
#include "mosaic/result.hpp"

namespace mosaic::cluster {

/// Once reached, limits.memory ends below so many percent of it, limits.disk_free above so many.
constexpr std::uint64_t kMemoryAgainPercent = 95;
constexpr std::uint64_t kDiskAgainPercent = 105;

/// A deletion is an entry of the log, too, before it makes room: it may take from limits.disk_free,
/// as far as half of it.
constexpr std::uint64_t kDeletionsShare = 2;

struct Usage {
  std::uint64_t resident_bytes = 0;
  std::uint64_t disk_free_bytes = std::numeric_limits<std::uint64_t>::max();
};

/// What a request does to what the node holds.
enum class WriteKind : std::uint8_t {
  kGrow,    ///< documents, collections, their settings, results of jobs
  kDelete,  ///< documents go
  kDrop,    ///< a collection goes: always let in, it is the last way out
};

enum class GuardLimit : std::uint8_t { kMemory, kDiskFree };

/// A number and the limit it may not pass, upwards or downwards.
class Threshold {
 public:
  static Threshold at_most(std::uint64_t limit);
  static Threshold at_least(std::uint64_t limit);

  /// Takes in the number as it is now and says whether the limit is reached. Never for a limit of
  /// 0.
  bool step(std::uint64_t value);
  bool reached() const { return reached_; }
  std::uint64_t limit() const { return limit_; }
  /// Where it ends once it is reached.
  std::uint64_t again() const { return again_; }

 private:
  Threshold(std::uint64_t limit, std::uint64_t again, bool upwards)
      : limit_(limit), again_(again), upwards_(upwards) {}

  std::uint64_t limit_;
  std::uint64_t again_;
  bool upwards_;
  bool reached_ = false;
};

class WriteGuard {
 public:
  /// A limit that was not reached before and is now, or the other way round.
  struct Turn {
    GuardLimit limit;
    bool reached;
    std::string text;  ///< for the operator's log
  };
  struct Refusal {
    GuardLimit limit;
    Error error;  ///< overloaded for memory, unavailable for the disk
  };

  explicit WriteGuard(const NodeSettings::Limits& limits);

  /// False when nothing is limited and nobody needs to measure.
  bool watches() const { return memory_.limit() != 0 || disk_.limit() != 0; }
  bool memory_reached() const { return memory_.reached(); }
  bool disk_reached() const { return disk_.reached(); }

  std::vector<Turn> step(const Usage& usage);
  /// Why a request may not come in, as of the last step; nothing when it may.
  std::optional<Refusal> refusal_of(WriteKind kind) const;

 private:
  std::string memory_text() const;
  std::string disk_text() const;

  Threshold memory_;
  Threshold disk_;
  Threshold disk_of_deletions_;
  Usage usage_;
};

}  // namespace mosaic::cluster
