// A vector as the file keeps it: little-endian float32.
#pragma once

#include <string_view>

#include "mosaic/document.hpp"

namespace mosaic::storage {

/// Never of a null pointer, which SQLite would take for NULL.
inline std::string_view as_bytes(const Vector& vector) {
  if (vector.empty()) return "";
  return {reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)};
}

}  // namespace mosaic::storage
