#include "mosaic/as_of.hpp"

#include <fmt/format.h>

#include "base/rfc3339.hpp"

namespace mosaic {

Error no_such_state(const std::string& as_of) {
  return invalid(
      fmt::format("as_of is '{}', which is neither a snapshot of the collection nor an RFC 3339 "
                  "time like {}",
                  as_of, to_rfc3339(0)));
}

}  // namespace mosaic
