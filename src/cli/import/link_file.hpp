// The edges of a links file (`source<TAB>target[<TAB>kind[<TAB>weight]]`, plain or .gz), held in
// memory by their source. Filled by one thread and then only read by it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cli/import/record.hpp"

namespace mosaic::cli {

class LinkFile {
 public:
  /// Adds the edges of a file. `bad` hears of each line that is no edge and may throw.
  void read(const std::string& path, const std::function<void(BadLine)>& bad);

  /// Merges the edges that begin at the record's document into its links.
  void add_to(Record& record);

  /// Edges whose source was asked for by no record.
  std::uint64_t unmatched() const { return unmatched_; }

 private:
  struct Edges {
    std::vector<Link> links;
    bool matched = false;
  };

  std::unordered_map<std::string, Edges> by_source_;
  std::uint64_t unmatched_ = 0;
};

/// One line of such a file: the source and its link.
Result<std::pair<std::string, Link>> parse_edge(std::string_view line);

}  // namespace mosaic::cli
