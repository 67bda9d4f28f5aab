// What `mosaic check` found in a data folder: made by src/check, shown by src/cli. Values.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace mosaic {

/// What a finding means for who owns the data.
enum class Severity : std::uint8_t {
  kNote,     ///< no damage: what a crash may leave, or a derived file that is not there yet
  kDerived,  ///< damage of what can be made anew from the rest
  kTruth     ///< damage of what cannot
};

constexpr const char* to_string(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kDerived:
      return "derived";
    case Severity::kTruth:
      return "truth";
  }
  return "truth";
}

/// What makes a derived thing whole again.
enum class Remedy : std::uint8_t {
  kNone,
  kEndWal,   ///< keep what is whole of a write-ahead log; the log of the node repeats the rest
  kRebuild,  ///< the file from the rows of its tables
  kReindex,
  kText,
  kCounts,
  kMirror,    ///< links at the home of their target
  kDescribe,  ///< a snapshot.json from the catalog
  kRemove     ///< the file; the node makes it anew
};

struct Finding {
  Severity severity = Severity::kNote;
  std::string file;               ///< from the data folder on
  std::string place;              ///< like "page 7", "row 12"; empty: the whole file
  std::string what;               ///< one sentence without a full stop
  std::string lost;               ///< of damaged truth: what is gone with it
  std::string repaired;           ///< what was done about it; empty: nothing
  Remedy remedy = Remedy::kNone;  ///< of what is derived
};

struct CheckReport {
  std::vector<Finding> findings;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;  ///< of all files
  std::uint64_t collections = 0;
  std::uint64_t documents = 0;
  std::uint64_t links = 0;
  std::uint64_t entries = 0;  ///< that the log keeps

  /// Nothing is damaged, or all that was has been repaired.
  bool sound() const {
    for (const auto& finding : findings) {
      if (finding.severity != Severity::kNote && finding.repaired.empty()) return false;
    }
    return true;
  }
};

/// How far a check is: written by its thread, read by another.
struct CheckProgress {
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> bytes_total{0};
  std::atomic<std::uint64_t> files{0};
};

}  // namespace mosaic
