// A state of the past that a request asks for.
#pragma once

#include <optional>
#include <string>

#include "mosaic/collection.hpp"

namespace mosaic {

constexpr std::size_t kAsOfBytesMax = 256;

/// The state at `seq`; with `text`, that of the snapshot of this name, else, if there is none, the
/// one that stood at this RFC 3339 time.
struct AsOf {
  Seq seq = 0;
  std::string text = {};
  friend bool operator==(const AsOf&, const AsOf&) = default;
};

/// For an `as_of` that is neither a snapshot nor a time.
Error no_such_state(const std::string& as_of);

}  // namespace mosaic
