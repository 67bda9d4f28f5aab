// Which codes for these vectors? Those that were asked for, unless they lose what is nearest: that
// is measured before a graph is built. It costs some hundredths of the build.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "index/graph/graph_contents.hpp"

namespace mosaic::index {

/// Of the 10 nearest of a query, so many must be among what half a beam of the default ef would
/// measure again. The walk itself may lose some more of them.
constexpr double kCodeRecallLeast = 0.97;
/// The same of binary codes, which are chosen for their size.
constexpr double kSignsRecallLeast = 0.9;

double code_recall_least(Quantization quantization);

/// Some of the vectors as queries, and what is nearest to each: all vectors are looked at, because
/// in a sample neighbours would be farther apart and easier to tell from one another.
class CodeCheck {
 public:
  /// Queries are chosen among `sources` from `begin` on, always the same. Once `stop` is true
  /// nothing that is measured means anything. `sources` and `stop` outlive the check.
  CodeCheck(Metric metric, std::uint32_t dimension, std::span<const SourceVector> sources,
            std::size_t begin, const std::atomic<bool>& stop);

  /// How many of the nearest are found by a scan of such codes, where what is as near as the last
  /// of them counts as one: from 0 to 1.
  double recall(const CodeFormat& format) const;

 private:
  struct Query {
    const float* vector;
    std::size_t source;
    double last;  ///< key of the last of the nearest
  };
  struct Search;

  void find_nearest();
  std::size_t count_found(const Search& search, const Query& query) const;

  const Metric metric_;
  const std::uint32_t dimension_;
  const std::span<const SourceVector> sources_;
  const std::atomic<bool>& stop_;
  const std::size_t wanted_;  ///< nearest of each query
  std::vector<Query> queries_;
};

struct CodeChoice {
  CodeFormat format;
  double recall = 1;  ///< of the codes that were asked for, where others were chosen
};

/// The narrowest codes, from those of `wanted` on, that find enough; float32 ones always do.
CodeChoice choose_codes(Metric metric, Quantization wanted, std::uint32_t dimension,
                        std::span<const SourceVector> sources, const std::atomic<bool>& stop);

/// The share of numbers of `sources`, of some of them, that such codes would clip.
double clipped_share(const CodeFormat& format, std::span<const SourceVector> sources);

}  // namespace mosaic::index
