#include "mosaic/job.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace mosaic {
namespace {

constexpr std::array<std::string_view, 4> kStates = {"running", "done", "failed", "cancelled"};

}  // namespace

std::string_view to_string(JobState state) {
  return kStates[static_cast<std::size_t>(state)];
}

Status validate(const PageRankOptions& options) {
  // Written so that a NaN fails, too.
  if (!(options.damping >= 0 && options.damping < 1))
    return invalid(fmt::format("damping is {}, must be at least 0 and below 1", options.damping));
  if (options.iterations < 1 || options.iterations > kPageRankIterationsMax) {
    return invalid(fmt::format("iterations is {}, must be 1 to {}", options.iterations,
                               kPageRankIterationsMax));
  }
  if (!std::isfinite(options.tolerance) || options.tolerance < 0) {
    return invalid(
        fmt::format("tolerance is {}, must be a finite number of at least 0", options.tolerance));
  }
  return {};
}

}  // namespace mosaic
