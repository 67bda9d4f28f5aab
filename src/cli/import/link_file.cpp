#include "cli/import/link_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/utf8.hpp"
#include "cli/import/input_file.hpp"

namespace mosaic::cli {
namespace {

constexpr std::size_t kColumnsMax = 4;

std::vector<std::string_view> split_tabs(std::string_view line) {
  std::vector<std::string_view> columns;
  for (;;) {
    const auto tab = line.find('\t');
    columns.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return columns;
    line.remove_prefix(tab + 1);
  }
}

bool parse_weight(std::string_view text, double& weight) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
  return error == std::errc{} && end == text.data() + text.size() && std::isfinite(weight);
}

}  // namespace

Result<std::pair<std::string, Link>> parse_edge(std::string_view line) {
  const auto columns = split_tabs(line);
  if (columns.size() < 2 || columns.size() > kColumnsMax) {
    return invalid(
        fmt::format("the line has {} columns; an edge is source<TAB>target[<TAB>kind[<TAB>weight]]",
                    columns.size()));
  }
  if (!is_utf8(line)) return invalid("the line is not valid UTF-8");
  if (columns[0].empty()) return invalid("the source is empty");
  if (columns[1].empty()) return invalid("the target is empty");
  Link link{std::string(columns[1]), std::string(columns.size() > 2 ? columns[2] : ""), 1};
  if (columns.size() > 3 && !parse_weight(columns[3], link.weight)) {
    return invalid(fmt::format("weight '{}' is not a number", columns[3]));
  }
  return std::pair{std::string(columns[0]), std::move(link)};
}

void LinkFile::read(const std::string& path, const std::function<void(BadLine)>& bad) {
  InputFile file(path);
  file.skip_byte_order_mark();
  std::string line;
  for (std::uint64_t number = 1; file.next_line(line); ++number) {
    if (line.empty()) continue;
    auto edge = parse_edge(line);
    if (!edge) {
      bad({fmt::format("{}:{}", file.name(), number), edge.error().detail});
      continue;
    }
    by_source_[std::move(edge->first)].links.push_back(std::move(edge->second));
    ++unmatched_;
  }
}

void LinkFile::add_to(Record& record) {
  const auto found = by_source_.find(record.id);
  if (found == by_source_.end()) return;
  auto& edges = found->second;
  // The edges stay: a later document of the same id replaces this one whole.
  if (!edges.matched) unmatched_ -= edges.links.size();
  edges.matched = true;
  merge_links(record.links, edges.links);
}

}  // namespace mosaic::cli
