// The tensors of a safetensors file (huggingface/safetensors, README "Format"): eight bytes with
// the length of a JSON header, the header, the data. Nothing in it is trusted. The bytes belong to
// the caller and outlive what is read from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mosaic::text {

/// A longer header is none of ours; the reference implementation has the same limit.
constexpr std::size_t kTensorHeaderBytesMax = 100'000'000;
constexpr std::size_t kTensorRankMax = 8;

enum class NumberType : std::uint8_t { kF64, kF32, kF16, kBf16, kI64, kI32, kI8 };

std::size_t bytes_of(NumberType type);

/// Numbers in the order of rows, little-endian; they may start at any address.
struct Tensor {
  NumberType type = NumberType::kF32;
  std::vector<std::uint64_t> shape;
  std::string_view bytes;
};

/// All tensors by name. Throws a Failure that names the tensor and the bound that is broken; one of
/// another number type than those above is refused as well.
std::map<std::string, Tensor, std::less<>> read_safetensors(std::string_view file);

}  // namespace mosaic::text
