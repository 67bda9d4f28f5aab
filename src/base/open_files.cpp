#include "base/open_files.hpp"

#include <sys/resource.h>

#include <limits>

#include <fmt/format.h>

namespace mosaic {

std::uint64_t raise_open_files_limit() {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur != limit.rlim_max) {
    const struct rlimit raised { limit.rlim_max, limit.rlim_max };
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<std::uint64_t>::max()
                                         : limit.rlim_cur;
}

std::optional<std::string> open_files_warning(std::uint64_t open_files_max,
                                              std::uint64_t connections_max) {
  const auto wanted = connections_max + kFilesBesideConnections;
  if (open_files_max >= wanted) return std::nullopt;
  return fmt::format(
      "the process may have {} files open, but http.connections_max = {} and the files of shards "
      "need {}: raise the limit (ulimit -Hn, LimitNOFILE) or lower http.connections_max",
      open_files_max, connections_max, wanted);
}

}  // namespace mosaic
