// An index file: whole by its own checksums, and of the vectors that its shard has. One thread.
#pragma once

#include "check/shard_check.hpp"

namespace mosaic::check {

/// Of the shard at `place`, whose rows it is compared with where they can be read.
void check_index(Scope& scope, const ShardPlace& place, const ShardCheck& shard);

}  // namespace mosaic::check
