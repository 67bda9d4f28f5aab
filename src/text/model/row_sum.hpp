// Adds rows of a table, each times a weight, to float32 sums. A product is rounded before it is
// added, in the plain loop as in the one for AVX2, so that all machines give the same bits. Pure
// functions for any thread.
#pragma once

#include <cstddef>

#include "text/model/safetensors.hpp"

namespace mosaic::text {

/// `row` holds `size` numbers of the loop's type, at any address.
using AddRow = void (*)(const char* row, float weight, float* sums, std::size_t size);

/// The fastest loop that this CPU runs, or the plain one; null for a type that no table has.
AddRow add_row_of(NumberType type);
AddRow plain_add_row_of(NumberType type);

/// The number at `position` of the row.
float number_at(const char* row, NumberType type, std::size_t position);

}  // namespace mosaic::text
