// The rows that a filter lets through: by indexes where they answer, by looking at documents where
// they do not. Ended versions are included; whoever asks takes the live ones.
#pragma once

#include <chrono>
#include <functional>

#include "base/deadline.hpp"
#include "query/filter.hpp"
#include "query/row_source.hpp"

namespace mosaic::query {

using Clock = std::function<TimePoint()>;

/// The matching rows of (after, source.last_row()]. Throws Failure(kDeadlineExceeded) once
/// `deadline` has passed by `now`, and Failure(kCorruptData) as Filter::matches() does.
RowSet matching_rows(const Filter& filter, RowSource& source, Row after, Deadline deadline,
                     const Clock& now = std::chrono::steady_clock::now);

}  // namespace mosaic::query
