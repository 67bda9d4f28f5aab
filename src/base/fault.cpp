#include "mosaic/fault.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mosaic {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"crash", "stall", "slow", "drop"};
constexpr std::array<std::string_view, 11> kParts = {
    "shard",  "searcher", "indexer",   "log",  "supervisor", "coordinator",
    "ingest", "ranker",   "embedding", "jobs", "engine"};
/// Parts that answer requests one by one, which can be late or lost.
constexpr std::array<std::string_view, 4> kAnsweringParts = {"shard", "searcher", "coordinator",
                                                             "ingest"};

template <std::size_t kCount>
Status one_of(std::string_view part, const std::array<std::string_view, kCount>& parts,
              std::string_view what) {
  if (std::find(parts.begin(), parts.end(), part) != parts.end()) return {};
  return invalid(fmt::format("part '{}' {} {}", part, what, fmt::join(parts, ", ")));
}

Status validate_part(const FaultRequest& request) {
  const auto known = one_of(request.part, kParts, "is not one of");
  if (!known) return known;
  const bool of_a_shard =
      request.part == "shard" || request.part == "searcher" || request.part == "indexer";
  if (of_a_shard && request.collection.empty()) {
    return invalid(fmt::format("collection is '', but part '{}' needs one", request.part));
  }
  if (request.kind != FaultKind::kSlow && request.kind != FaultKind::kDrop) return {};
  return one_of(request.part, kAnsweringParts,
                fmt::format("cannot {}, only", to_string(request.kind)));
}

Status in_range(std::string_view field, std::uint32_t value, std::uint32_t low,
                std::uint32_t high) {
  if (value >= low && value <= high) return {};
  return invalid(fmt::format("{} is {}, must be {} to {}", field, value, low, high));
}

}  // namespace

std::string_view to_string(FaultKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

Status validate(const FaultRequest& request) {
  if (const auto checked = validate_part(request); !checked) return checked;
  const bool lasts = request.kind == FaultKind::kStall || request.kind == FaultKind::kSlow;
  const auto lasting =
      in_range("duration_ms", request.duration_ms, lasts ? 1 : 0, kFaultDurationMsMax);
  if (!lasting) return lasting;
  return in_range("count", request.count, 1, kFaultCountMax);
}

}  // namespace mosaic
