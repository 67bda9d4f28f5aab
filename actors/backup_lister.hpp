// Asks an object store which backups it has, on a thread that may wait for it. One for each
// question.
#pragma once

#include "actors/job_worker.hpp"

namespace mosaic::actors {

using backup_lister_actor =
    caf::typed_actor<replies_to<list_atom, BackupListRequest>::with<backups_reply>>;

/// Ends with its answer.
backup_lister_actor::behavior_type backup_lister(backup_lister_actor::pointer self,
                                                 job_files files);

}  // namespace mosaic::actors
