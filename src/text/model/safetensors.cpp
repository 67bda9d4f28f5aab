#include "text/model/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "base/failure.hpp"
#include "text/model/json_value.hpp"

namespace mosaic::text {
namespace {

constexpr std::string_view kName = "model.safetensors";
constexpr std::size_t kLengthBytes = 8;

struct TypeName {
  std::string_view name;
  NumberType type;
  std::size_t bytes;
};
constexpr TypeName kTypes[] = {{"F64", NumberType::kF64, 8}, {"F32", NumberType::kF32, 4},
                               {"F16", NumberType::kF16, 2}, {"BF16", NumberType::kBf16, 2},
                               {"I64", NumberType::kI64, 8}, {"I32", NumberType::kI32, 4},
                               {"I8", NumberType::kI8, 1}};

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << 8 * i;
  }
  return value;
}

NumberType read_type(const JsonValue& dtype) {
  const auto name = dtype.string();
  const auto* found = std::find_if(std::begin(kTypes), std::end(kTypes),
                                   [&](const TypeName& type) { return type.name == name; });
  if (found == std::end(kTypes)) dtype.refuse(fmt::format("is '{}', which is not supported", name));
  return found->type;
}

std::vector<std::uint64_t> read_shape(const JsonValue& value) {
  std::vector<std::uint64_t> shape;
  for (const auto size : value.array()) {
    if (shape.size() == kTensorRankMax) value.refuse("has too many dimensions");
    shape.push_back(value.item(size, shape.size()).number());
  }
  return shape;
}

/// How many bytes the shape needs, at most `bytes_max`.
std::uint64_t bytes_needed(const Tensor& tensor, std::uint64_t bytes_max, const JsonValue& value) {
  if (std::find(tensor.shape.begin(), tensor.shape.end(), 0U) != tensor.shape.end()) return 0;
  std::uint64_t bytes = bytes_of(tensor.type);
  for (const auto size : tensor.shape) {
    if (size > bytes_max / bytes) value.refuse("is larger than the file");
    bytes *= size;
  }
  return bytes;
}

Tensor read_tensor(const JsonValue& value, std::string_view data) {
  Tensor tensor{read_type(value.at("dtype")), read_shape(value.at("shape")), {}};
  const auto offsets = value.at("data_offsets");
  std::vector<std::uint64_t> bounds;
  for (const auto offset : offsets.array()) {
    bounds.push_back(offsets.item(offset, bounds.size()).number());
  }
  if (bounds.size() != 2 || bounds[0] > bounds[1] || bounds[1] > data.size()) {
    offsets.refuse(fmt::format("is not a range in the {} bytes of data", data.size()));
  }
  tensor.bytes = data.substr(bounds[0], bounds[1] - bounds[0]);
  if (bytes_needed(tensor, data.size(), value) != tensor.bytes.size()) {
    offsets.refuse("has another length than the shape");
  }
  return tensor;
}

}  // namespace

std::size_t bytes_of(NumberType type) {
  return std::find_if(std::begin(kTypes), std::end(kTypes),
                      [&](const TypeName& named) { return named.type == type; })
      ->bytes;
}

std::map<std::string, Tensor, std::less<>> read_safetensors(std::string_view file) {
  if (file.size() < kLengthBytes) throw Failure(invalid(fmt::format("{} is too short", kName)));
  const auto header_bytes = little_endian(file);
  if (header_bytes > std::min(file.size() - kLengthBytes, kTensorHeaderBytesMax)) {
    throw Failure(invalid(fmt::format("{} has a header of {} bytes, which is more than it holds",
                                      kName, header_bytes)));
  }
  simdjson::dom::parser parser;
  const auto header =
      JsonValue::parse(parser, file.substr(kLengthBytes, header_bytes), std::string(kName));
  const auto data = file.substr(kLengthBytes + header_bytes);
  std::map<std::string, Tensor, std::less<>> tensors;
  for (const auto [name, value] : header.object()) {
    if (name == "__metadata__") continue;
    tensors.insert_or_assign(std::string(name), read_tensor(header.member(value, name), data));
  }
  return tensors;
}

}  // namespace mosaic::text
