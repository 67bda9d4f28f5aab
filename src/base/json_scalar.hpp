// A JSON value that filters compare and indexes hold: never null, never a container.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace mosaic {

/// Numbers keep their JSON form: 1 is an int64, 1.5 a double; they compare as numbers all the same.
using JsonScalar = std::variant<bool, std::int64_t, double, std::string>;

/// The comparisons that an index on a metadata path answers. Each holds within one JSON type only.
enum class IndexTest : std::uint8_t {
  kEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kExists
};

/// One end of a range of values.
struct IndexEnd {
  IndexTest test;
  JsonScalar value;
};

}  // namespace mosaic
