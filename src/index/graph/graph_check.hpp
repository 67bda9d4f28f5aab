// What must hold of an index file beside its checksums, so that whoever has a right checksum but
// wrong numbers can do no harm. Each function throws corrupt_data with what is wrong; for a header
// of another format not_found. Pure.
#pragma once

#include <span>

#include "index/graph/graph_file.hpp"
#include "index/graph/graph_layout.hpp"

namespace mosaic::index {

/// It is a header of this format, whole, of the file that is expected.
void check_header(const GraphHeader& header, const GraphFile::Expected& expected);

/// Only places that follow from the header's own counts, in a file of `file_bytes`.
void check_layout(const GraphHeader& header, const GraphLayout& layout, std::size_t file_bytes);

/// Rising, none below 0 or above `last_row`.
void check_rows(std::span<const Row> rows, Row last_row);

/// No bit is set that belongs to no node.
void check_live(std::span<const std::uint64_t> live, Node nodes);

/// Every number is finite.
void check_center(std::span<const float> center);

/// Every number is one of a node of its level, the nodes rise, and each stands for the same node
/// below.
void check_levels(std::span<const GraphFile::Level> levels, const GraphParameters& parameters);

}  // namespace mosaic::index
