// Lets CAF carry any type of ours that lists its fields for base/wire.hpp: as one block of bytes,
// so that vectors of float cross the wire packed (CAF would write them one by one, 16 times slower
// at 4 MB).
#pragma once

#include <caf/all.hpp>

#include "base/wire.hpp"

namespace mosaic {

template <class T>
concept Archived = std::is_class_v<T> && requires(ByteWriter& writer, T& value) {
  archive(writer, value);
};

template <class Inspector, Archived T>
typename Inspector::result_type inspect(Inspector& f, T& value) {
  if constexpr (Inspector::reads_state) {
    auto bytes = to_bytes(value);
    return f(bytes);
  } else {
    std::string bytes;
    if (auto error = f(bytes)) return error;
    auto read = from_bytes<T>(bytes);
    if (!read) return caf::sec::end_of_stream;
    value = std::move(*read);
    return caf::none;
  }
}

}  // namespace mosaic
