#include "actors/backup_plan.hpp"

namespace mosaic::actors {

std::optional<std::int64_t> planned_backups::due(const backup_plan& plan, CollectionId id,
                                                 std::int64_t now_ms) const {
  const auto since = backup_due_since(plan.schedule, now_ms);
  if (!since || plan.target.empty()) return std::nullopt;
  const auto found = records.find(id);
  if (found == records.end()) return since;
  const auto& [newest, not_before] = found->second;
  if (now_ms < not_before || (newest && *newest >= *since)) return std::nullopt;
  return since;
}

void planned_backups::succeeded(std::int64_t newest_ms) {
  records[collection] = {newest_ms, 0};
  job.clear();
}

void planned_backups::failed(std::int64_t now_ms) {
  records[collection].not_before = now_ms + kBackupRetryMs;
  job.clear();
}

}  // namespace mosaic::actors
