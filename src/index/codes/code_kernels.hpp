// Distances between codes, one set per instruction set; the best one of this CPU is chosen once, at
// the first call. Smaller is nearer; the numbers have a meaning only against one another. Pure
// functions for any thread. Codes and queries start on a multiple of 64 bytes.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "index/codes/code_format.hpp"

namespace mosaic::index {

/// `blocks`: of a code, each kCodeBlock bytes.
using CodeDistance = float (*)(const std::byte* a, const std::byte* code, std::size_t blocks);

struct CodeKernels {
  std::string_view name;
  /// From a query, as Quantizer::encode_query writes it, to a code. By CodeKind.
  std::array<CodeDistance, kCodeKinds> query;
  /// Between two codes: for building. By CodeKind.
  std::array<CodeDistance, kCodeKinds> pair;
};

/// The fastest set that this CPU runs.
const CodeKernels& code_kernels();

/// Every set that this CPU runs, the plainest ("scalar") first, the fastest last.
std::span<const CodeKernels> supported_code_kernels();

}  // namespace mosaic::index
