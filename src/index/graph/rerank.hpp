// How many of those found by code are measured again? Pure.
#pragma once

#include <span>

#include "index/codes/quantizer.hpp"
#include "index/graph/walk.hpp"

namespace mosaic::index {

/// Of `found`, by rising distance from `query` as encoded: how many of the first may be among the
/// `k` nearest.
std::size_t to_rerank(const Quantizer& quantizer, const std::byte* query,
                      std::span<const Reached> found, std::size_t k);

/// What is farther than this is not among the `k` nearest. There are at least `k` in `found`.
float rerank_bound(const Quantizer& quantizer, const std::byte* query,
                   std::span<const Reached> found, std::size_t k);

}  // namespace mosaic::index
