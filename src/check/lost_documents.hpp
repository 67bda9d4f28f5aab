// What of a shard file with damaged pages can still be read, and what not. The database is frozen
// and the caller's. One thread.
#pragma once

#include <string>
#include <vector>

#include "storage/database.hpp"

namespace mosaic::check {

struct ShardLosses {
  std::vector<std::string> tables;     ///< of the truth, that cannot be read to their end
  std::vector<std::string> documents;  ///< ids of live documents that cannot be read whole
  std::string unnamed;                 ///< what is lost without a name, in words; empty: nothing

  bool none() const { return tables.empty() && documents.empty() && unnamed.empty(); }
};

ShardLosses find_losses(storage::Database& database);

/// "table versions: documents 'a', 'b'; ...": one line for a finding.
std::string describe(const ShardLosses& losses);

}  // namespace mosaic::check
