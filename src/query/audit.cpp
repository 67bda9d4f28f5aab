#include "query/audit.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace mosaic::query {
namespace {

using Ids = std::unordered_set<std::string_view>;

Ids ids_of(const std::vector<Candidate>& candidates) {
  Ids ids;
  for (const auto& candidate : candidates) ids.insert(candidate.id);
  return ids;
}

/// Candidates that are not among the exact ones and yet as near as the last of them.
std::size_t ties(const std::vector<Candidate>& found, const Ids& exact,
                 std::optional<double> last_distance) {
  return static_cast<std::size_t>(
      std::count_if(found.begin(), found.end(), [&](const Candidate& candidate) {
        return candidate.distance && last_distance && *candidate.distance <= *last_distance &&
               !exact.contains(candidate.id);
      }));
}

}  // namespace

Audit audit(const std::vector<Candidate>& found, const std::vector<Candidate>& exact) {
  Audit audit;
  audit.expected = exact.size();
  if (exact.empty()) return audit;
  const auto ids = ids_of(found);
  for (const auto& candidate : exact) {
    if (!ids.contains(candidate.id)) audit.missed.push_back(candidate.id);
  }
  // The exact answer breaks a tie by id; what it took instead is the last that was not found.
  const auto tied = ties(found, ids_of(exact), exact.back().distance);
  audit.missed.resize(audit.missed.size() - std::min(tied, audit.missed.size()));
  audit.found = audit.expected - audit.missed.size();
  audit.recall = static_cast<double>(audit.found) / static_cast<double>(audit.expected);
  return audit;
}

}  // namespace mosaic::query
