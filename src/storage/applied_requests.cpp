#include "storage/applied_requests.hpp"

#include <bit>

namespace mosaic::storage {
namespace {

std::int64_t as_int(std::uint64_t bits) {
  return std::bit_cast<std::int64_t>(bits);
}

}  // namespace

std::optional<AppliedRequest> AppliedRequests::find(const RequestId& request,
                                                    std::int64_t time_ms) {
  auto select = database_.cached(
      "SELECT seq, outcome FROM requests WHERE high = ?1 AND low = ?2 AND expires_ms >= ?3");
  select->bind(1, as_int(request.high)).bind(2, as_int(request.low)).bind(3, time_ms);
  if (!select->step()) return std::nullopt;
  return AppliedRequest{static_cast<Seq>(select->column_int(0)),
                        static_cast<std::uint64_t>(select->column_int(1))};
}

void AppliedRequests::note(const RequestId& request, std::int64_t time_ms,
                           const AppliedRequest& applied) {
  // The oldest first: each is looked at once in all, and a longer window of before only keeps those
  // behind it a while longer.
  auto forget = database_.cached(
      "DELETE FROM requests WHERE seq = (SELECT min(seq) FROM requests) AND expires_ms < ?1");
  do {
    forget->bind(1, time_ms).run();
  } while (database_.changes() > 0);
  auto insert = database_.cached("INSERT OR REPLACE INTO requests VALUES(?1, ?2, ?3, ?4, ?5)");
  insert->bind(1, static_cast<std::int64_t>(applied.seq));
  insert->bind(2, as_int(request.high)).bind(3, as_int(request.low));
  insert->bind(4, time_ms + request.window_ms());
  insert->bind(5, static_cast<std::int64_t>(applied.outcome)).run();
}

}  // namespace mosaic::storage
