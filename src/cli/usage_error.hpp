// The command was given wrongly: `mosaic` ends with 2 and says why in one line. Failures of the
// operation itself are mosaic::Failure and end with 1.
#pragma once

#include <stdexcept>
#include <string>

namespace mosaic::cli {

class UsageError : public std::runtime_error {
 public:
  explicit UsageError(const std::string& message) : std::runtime_error(message) {}
};

}  // namespace mosaic::cli
