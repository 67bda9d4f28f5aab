#include "cli/import/fvecs_reader.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "base/json_writer.hpp"

namespace mosaic::cli {
namespace {

static_assert(std::endian::native == std::endian::little, "fvecs files are little-endian");

std::string vector_member(const std::vector<float>& values) {
  JsonWriter writer;
  writer.key("vector").begin_array();
  for (const float value : values) writer.number(value);
  return writer.end_array().take();
}

}  // namespace

BadLine FvecsReader::bad(std::string reason, bool ends_file) const {
  return {fmt::format("{}:{}", file_.name(), number_), std::move(reason), ends_file};
}

ReadResult FvecsReader::next() {
  std::int32_t dimension = 0;
  const auto got = file_.read(reinterpret_cast<char*>(&dimension), sizeof dimension);
  if (got == 0) return EndOfFile{};
  ++number_;
  if (got < sizeof dimension) return bad("the file ends within the vector", true);
  if (dimension < 1 || dimension > static_cast<std::int32_t>(kDimensionMax)) {
    return bad(fmt::format("dimension {} is not one from 1 to {}", dimension, kDimensionMax), true);
  }
  std::vector<float> values(static_cast<std::size_t>(dimension));
  const auto bytes = values.size() * sizeof(float);
  if (file_.read(reinterpret_cast<char*>(values.data()), bytes) < bytes) {
    return bad("the file ends within the vector", true);
  }
  auto id = std::to_string(running_++);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      return bad(fmt::format("vector[{}] is {}, not a finite number", i, values[i]), false);
    }
  }
  return Record{fmt::format("{}:{}", file_.name(), number_),
                std::move(id),
                vector_member(values),
                values.size(),
                {}};
}

}  // namespace mosaic::cli
