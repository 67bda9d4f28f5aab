#include "query/filter_rows.hpp"

#include "base/failure.hpp"
#include "query/index_bound.hpp"

namespace mosaic::query {
namespace {

constexpr std::size_t kRowsPerCheck = 256;      // small rows between two looks at the clock
constexpr std::size_t kBytesPerRow = 64 << 10;  // a test over so many bytes costs like a row
constexpr std::size_t kFetchFraction = 5;       // fetching single rows pays below a fifth of all

/// Throws when the deadline has passed. Looks at the clock rarely, but by the work done: a filter
/// of a thousand substrings over megabytes of text must stop in time, too.
class Watch {
 public:
  Watch(Deadline deadline, const Clock& now) : deadline_(deadline), now_(now) {}

  void check() {
    if (deadline_.passed(now_())) {
      throw Failure(ErrorCode::kDeadlineExceeded, "filter: the deadline passed while it ran");
    }
  }

  void spend(std::size_t rows) {
    work_ += rows;
    if (work_ < kRowsPerCheck) return;
    work_ = 0;
    check();
  }

 private:
  const Deadline deadline_;
  const Clock& now_;
  std::size_t work_ = 0;
};

std::size_t cost(const DocumentFields& document, std::size_t leaves) {
  const auto bytes = document.metadata.size() + document.title.value_or("").size() +
                     document.text.value_or("").size();
  return 1 + bytes * leaves / kBytesPerRow;
}

/// Tests documents one by one and collects those that match.
class Collector {
 public:
  Collector(const Filter& filter, Watch& watch)
      : filter_(filter), leaves_(filter.leaves()), watch_(watch) {}

  void test(Row row, const DocumentFields& document) {
    watch_.spend(cost(document, leaves_));
    if (filter_.matches(document)) rows_.insert(row);
  }

  RowSet take() { return std::move(rows_); }

 private:
  const Filter& filter_;
  const std::size_t leaves_;
  Watch& watch_;
  RowSet rows_;
};

RowSet fetched_rows(const Filter& filter, RowSource& source, const RowSet& candidates,
                    Watch& watch) {
  Collector collector(filter, watch);
  source.visit(candidates, filter.fields_needed(), [&](Row row, const DocumentFields& document) {
    collector.test(row, document);
    return true;
  });
  return collector.take();
}

/// `candidates` of null means every row.
RowSet scanned_rows(const Filter& filter, RowSource& source, Row after, const RowSet* candidates,
                    Watch& watch) {
  Collector collector(filter, watch);
  source.scan(after, filter.fields_needed(), [&](Row row, const DocumentFields& document) {
    if (candidates && !candidates->contains(row)) {
      watch.spend(1);
    } else {
      collector.test(row, document);
    }
    return true;
  });
  return collector.take();
}

}  // namespace

RowSet matching_rows(const Filter& filter, RowSource& source, Row after, Deadline deadline,
                     const Clock& now) {
  Watch watch(deadline, now);
  watch.check();
  if (after >= source.last_row()) return {};
  const auto coverage = index_coverage(filter.root(), source);
  if (coverage == IndexCoverage::kNone) {
    return scanned_rows(filter, source, after, nullptr, watch);
  }
  auto candidates = index_bound(filter.root(), source, after, [&watch] { watch.check(); });
  if (coverage == IndexCoverage::kFull) return candidates;
  const auto rows = static_cast<std::size_t>(source.last_row() - after);
  if (candidates.count() < (rows + kFetchFraction - 1) / kFetchFraction) {
    return fetched_rows(filter, source, candidates, watch);
  }
  return scanned_rows(filter, source, after, &candidates, watch);
}

}  // namespace mosaic::query
