#include "text/model/token_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/failure.hpp"
#include "mosaic/collection.hpp"
#include "text/model/safetensors.hpp"

namespace mosaic::text {
namespace {

using Tensors = std::map<std::string, Tensor, std::less<>>;

template <class... Values>
[[noreturn]] void refuse(fmt::format_string<Values...> format, Values&&... values) {
  throw Failure(
      invalid("model.safetensors: " + fmt::format(format, std::forward<Values>(values)...)));
}

const Tensor& table_in(const Tensors& tensors) {
  auto found = tensors.find("embeddings");
  if (found == tensors.end()) found = tensors.find("embedding.weight");
  if (found == tensors.end()) refuse("there is neither 'embeddings' nor 'embedding.weight'");
  const auto& table = found->second;
  if (table.shape.size() != 2) refuse("'{}' is not a table", found->first);
  if (table.shape[1] == 0 || table.shape[1] > kDimensionMax) {
    refuse("'{}' has {} dimensions, must be 1 to {}", found->first, table.shape[1], kDimensionMax);
  }
  if (plain_add_row_of(table.type) == nullptr) refuse("'{}' is neither float nor I8", found->first);
  return table;
}

/// The list `name` with a number for every id below `ids_end`, or null where there is none.
const Tensor* list_in(const Tensors& tensors, std::string_view name, std::size_t ids_end) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) return nullptr;
  const auto& shape = found->second.shape;
  if (shape.size() != 1 || shape[0] < ids_end) {
    refuse("'{}' is not a list of {} numbers", name, ids_end);
  }
  return &found->second;
}

/// Of rows and of weights: sums of their products stay far below float32's greatest number.
constexpr float kNumberMax = 1e15F;

std::vector<float> read_weights(const Tensor& list) {
  const bool whole = list.type == NumberType::kI8 || list.type == NumberType::kI32 ||
                     list.type == NumberType::kI64;
  if (whole) refuse("'weights' are not floats");
  std::vector<float> weights;
  weights.reserve(list.shape[0]);
  for (std::size_t i = 0; i < list.shape[0]; ++i) {
    weights.push_back(number_at(list.bytes.data(), list.type, i));
    if (!(std::abs(weights.back()) <= kNumberMax))
      refuse("weights[{}] is not finite or beyond 1e15", i);
  }
  return weights;
}

template <class Number>
std::vector<std::uint32_t> read_rows(const Tensor& list, std::uint64_t rows) {
  std::vector<std::uint32_t> mapping;
  mapping.reserve(list.shape[0]);
  for (std::size_t i = 0; i < list.shape[0]; ++i) {
    Number row;
    std::memcpy(&row, list.bytes.data() + i * sizeof row, sizeof row);
    if (row < 0 || static_cast<std::uint64_t>(row) >= rows) {
      refuse("mapping[{}] is {}, and there are {} rows", i, row, rows);
    }
    mapping.push_back(static_cast<std::uint32_t>(row));
  }
  return mapping;
}

std::vector<std::uint32_t> read_mapping(const Tensor& list, std::uint64_t rows) {
  if (list.type == NumberType::kI32) return read_rows<std::int32_t>(list, rows);
  if (list.type == NumberType::kI64) return read_rows<std::int64_t>(list, rows);
  refuse("'mapping' is neither I32 nor I64");
}

}  // namespace

TokenRows::TokenRows(std::string_view file, std::size_t tokens, std::size_t ids_end) {
  const auto tensors = read_safetensors(file);
  const auto& table = table_in(tensors);
  const auto rows = table.shape[0];
  bytes_ = table.bytes;
  dimension_ = static_cast<std::uint32_t>(table.shape[1]);
  row_bytes_ = bytes_of(table.type) * dimension_;
  add_row_ = add_row_of(table.type);
  if (const auto* list = list_in(tensors, "weights", ids_end)) weights_ = read_weights(*list);
  if (const auto* list = list_in(tensors, "mapping", ids_end)) {
    mapping_ = read_mapping(*list, rows);
  } else if (rows != tokens || rows < ids_end) {
    refuse("there are {} rows, and {} tokens with ids below {}", rows, tokens, ids_end);
  }
  check_numbers(table);
}

void TokenRows::check_numbers(const Tensor& table) const {
  if (table.type == NumberType::kI8) return;
  for (std::uint64_t row = 0; row < table.shape[0]; ++row) {
    const char* const begin = bytes_.data() + row * row_bytes_;
    bool usable = true;
    for (std::size_t i = 0; i < dimension_; ++i) {
      usable = usable && std::abs(number_at(begin, table.type, i)) <= kNumberMax;
    }
    if (!usable)
      refuse("row {} of the table holds a number that is not finite or beyond 1e15", row);
  }
}

Vector TokenRows::mean(std::span<const std::uint32_t> ids) const {
  Vector sums(dimension_);
  for (const auto id : ids) {
    const std::size_t row = mapping_.empty() ? id : mapping_[id];
    add_row_(bytes_.data() + row * row_bytes_, weights_.empty() ? 1 : weights_[id], sums.data(),
             dimension_);
  }
  const auto count = static_cast<float>(ids.size());
  for (float& sum : sums) sum /= count;
  return sums;
}

}  // namespace mosaic::text
