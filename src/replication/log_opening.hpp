// What is done to the files of a log before libraft opens it: they are looked at, and compared with
// what the node knows.
#pragma once

#include "replication/log_identity.hpp"
#include "replication/raft_files.hpp"
#include "replication/raft_log_options.hpp"

namespace mosaic::replication {

/// What the folder says, or what it says from now on. Throws corrupt_data, unavailable.
LogIdentity identity_for(const RaftLogOptions& options);

/// What the files hold, once nothing is wrong with any. Throws corrupt_data.
LogInspection require_sound(const RaftLogOptions& options);

/// The same, once it reaches from what the node may lack to what it has applied.
LogInspection require_fit(const RaftLogOptions& options, std::int64_t base);

/// Where that fails, libraft says why it does not open the log.
void remove_unbegun(const std::filesystem::path& folder, const LogInspection& found);

}  // namespace mosaic::replication
