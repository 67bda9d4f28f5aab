// Faults on purpose: how a part behaves badly when someone asks it to, so that everybody can see
// the others go on. Refused unless `debug.fault_injection` is on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mosaic/collection.hpp"

namespace mosaic {

enum class FaultKind : std::uint8_t {
  kCrash,  ///< the part throws
  kStall,  ///< it does nothing for `duration_ms`
  kSlow,   ///< each of its next `count` messages takes `duration_ms` longer
  kDrop,   ///< its next `count` requests are never answered
};

constexpr std::uint32_t kFaultDurationMsMax = 600'000;
constexpr std::uint32_t kFaultCountMax = 1'000'000;

/// `part`: "shard" (the writer), "searcher" (all of the shard's), each with a collection and a
/// shard; "log", "supervisor", "coordinator", "ingest", "ranker", "embedding", "jobs", "gateway",
/// "engine": all of that kind.
struct FaultRequest {
  std::string part{};
  FaultKind kind = FaultKind::kCrash;
  std::string collection{};
  ShardId shard{};
  std::uint32_t duration_ms = 0;
  std::uint32_t count = 1;
};

std::string_view to_string(FaultKind kind);

/// The error names the field and its value.
Status validate(const FaultRequest& request);

}  // namespace mosaic
