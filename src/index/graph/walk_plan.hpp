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
  std::size_t ef = 100;  ///< at least k
};

/// Nodes that the beam of the first walk holds: so many that ef matches and some more are among
/// them if matches are anywhere, or ef where it is cheap to see first whether matches are nearer.
std::size_t first_beam(const Selection& selection);

/// Matches that a beam has to hold for the k nearest of them to be as right as without a filter.
std::size_t enough_matches(const Selection& selection);

/// After a beam that held too few: one that holds enough if it goes on like that. Wider; of all
/// nodes when there was no match.
std::size_t wider_beam(const Selection& selection, std::size_t beam, std::size_t matches);

/// Whether to walk with such a beam rather than to scan.
bool walk_pays(const Selection& selection, std::size_t beam);

/// Of a walk with such a beam.
double walk_cost(const Selection& selection, std::size_t beam);

/// Of comparing all matches.
double scan_cost(const Selection& selection);

}  // namespace mosaic::index
