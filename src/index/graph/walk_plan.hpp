// Walk or scan? Both are counted in comparisons of a query with a code, which is what their time
// goes by. Pure. docs/decisions/0027-filtered-search.md has the reasons and the measurements.
#pragma once

#include <cstddef>

namespace mosaic::index {

/// What a filter asks of a graph.
struct Selection {
  std::size_t nodes = 0;    ///< of the graph
  std::size_t matches = 0;  ///< of them, that pass the filter; all of them without one
  std::size_t degree = 32;  ///< links per node
  std::size_t k = 10;
  std::size_t ef = 100;
};

/// Nodes the beam of a walk has to hold so that enough matches are among them if matches are
/// anywhere: at least ef.
std::size_t beam_for(const Selection& selection);

/// Of a walk with such a beam.
double walk_cost(const Selection& selection, std::size_t beam);

/// Of comparing all matches.
double scan_cost(const Selection& selection);

}  // namespace mosaic::index
