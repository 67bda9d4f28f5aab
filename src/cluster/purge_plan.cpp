#include "cluster/purge_plan.hpp"

#include <algorithm>

namespace mosaic::cluster {
namespace {

constexpr std::int64_t kMsPerSecond = 1'000;

std::int64_t kept_ms(std::uint64_t retention_s) {
  return retention_s == 0 ? kPurgeGraceMs : static_cast<std::int64_t>(retention_s) * kMsPerSecond;
}

}  // namespace

void PurgePlan::begin(const std::vector<Collection>& collections, std::int64_t now_ms) {
  if (!questions_.empty()) return;
  for (const auto& collection : collections)
    questions_.push_back({collection.id, now_ms - kept_ms(collection.retention_s)});
}

std::optional<PurgePlan::Question> PurgePlan::question() const {
  if (questions_.empty()) return std::nullopt;
  return questions_.front();
}

std::optional<Purge> PurgePlan::answered(const std::vector<std::uint64_t>& purgeable) {
  if (questions_.empty()) return std::nullopt;
  const bool any = std::any_of(purgeable.begin(), purgeable.end(),
                               [](std::uint64_t versions) { return versions > 0; });
  if (any) return Purge{questions_.front().time_ms, kPurgeVersionsMax};
  give_up();
  return std::nullopt;
}

void PurgePlan::give_up() {
  if (!questions_.empty()) questions_.pop_front();
}

}  // namespace mosaic::cluster
