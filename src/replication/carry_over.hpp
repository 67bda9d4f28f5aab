// Takes the entries of log.db, which earlier versions kept, into the log of this one; they keep
// their seqs. Whatever crash comes in between, the next start does it again or finds it done.
#pragma once

#include <filesystem>

namespace mosaic::replication {

/// Of no effect where there is no `log_db`. Throws corrupt_data when it is damaged; then nothing
/// has changed.
void carry_over(const std::filesystem::path& log_db, const std::filesystem::path& folder);

}  // namespace mosaic::replication
