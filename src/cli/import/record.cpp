#include "cli/import/record.hpp"

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/json_writer.hpp"

namespace mosaic::cli {
namespace {

void write_link(JsonWriter& writer, const Link& link) {
  if (link.kind.empty() && link.weight == 1) {
    writer.string(link.to);
    return;
  }
  writer.begin_object().key("to").string(link.to);
  if (!link.kind.empty()) writer.key("kind").string(link.kind);
  if (link.weight != 1) writer.key("weight").number(link.weight);
  writer.end_object();
}

std::unordered_set<std::string_view> typed_targets(const std::vector<Link>& links) {
  std::unordered_set<std::string_view> targets;
  for (const auto& link : links) {
    if (!link.kind.empty()) targets.insert(link.to);
  }
  return targets;
}

}  // namespace

std::string to_json(const Record& record) {
  JsonWriter writer;
  writer.begin_object().key("id").string(record.id);
  if (!record.members.empty()) writer.raw(record.members);
  if (!record.links.empty()) {
    writer.key("links").begin_array();
    for (const auto& link : record.links) write_link(writer, link);
    writer.end_array();
  }
  return writer.end_object().take();
}

void merge_links(std::vector<Link>& links, const std::vector<Link>& edges) {
  const auto own_typed = typed_targets(links);
  const auto edge_typed = typed_targets(edges);
  std::set<std::pair<std::string_view, std::string_view>> seen;
  std::vector<Link> merged;
  for (const auto& link : links) {
    if (link.kind.empty() && edge_typed.count(link.to) != 0) continue;
    if (seen.emplace(link.to, link.kind).second) merged.push_back(link);
  }
  for (const auto& edge : edges) {
    const bool weaker = own_typed.count(edge.to) != 0 || edge_typed.count(edge.to) != 0;
    if (edge.kind.empty() && weaker) continue;
    if (seen.emplace(edge.to, edge.kind).second) merged.push_back(edge);
  }
  links = std::move(merged);
}

}  // namespace mosaic::cli
