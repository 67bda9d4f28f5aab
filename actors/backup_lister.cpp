#include "actors/backup_lister.hpp"

#include "actors/backup_job.hpp"

namespace mosaic::actors {

backup_lister_actor::behavior_type backup_lister(backup_lister_actor::pointer self,
                                                 job_files files) {
  die_with_reason(self);
  return {[=](list_atom, const BackupListRequest& request) -> caf::result<backups_reply> {
    self->quit();
    const auto store = files.open_store(request.target);
    if (!store) return to_caf(store.error());
    const auto found = backup::list_backups(
        **store, request.collection.empty() ? std::nullopt : std::optional(request.collection));
    if (!found) return to_caf(found.error());
    backups_reply reply;
    for (const auto& info : *found) reply.backups.push_back(as_told(info));
    return reply;
  }};
}

}  // namespace mosaic::actors
