#include "cli/import/document_line.hpp"

#include <fmt/format.h>

#include <charconv>
#include <unordered_set>

#include "base/failure.hpp"
#include "base/json_writer.hpp"
#include "cli/json_members.hpp"

namespace mosaic::cli {
namespace {

constexpr std::size_t kShownBytes = 60;

[[noreturn]] void refuse(std::string_view field, std::string_view expected,
                         std::string_view value) {
  const auto shown = value.substr(0, kShownBytes);
  throw Failure(invalid(fmt::format("{} must be {}, not {}{}", field, expected, shown,
                                    shown.size() < value.size() ? "..." : "")));
}

std::string text_of(std::string_view field, std::string_view value) {
  if (value.front() != '"') refuse(field, "a text", value);
  return decode_string(value);
}

double number_of(std::string_view field, std::string_view value) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size()) refuse(field, "a number", value);
  return number;
}

Link parse_link(const std::string& field, std::string_view value) {
  if (value.front() == '"') return {decode_string(value), "", 1};
  if (value.front() != '{') refuse(field, "an id or an object", value);
  Link link;
  bool has_target = false;
  for (const auto& [key, member] : members_of_object(value)) {
    if (key == "to") {
      link.to = text_of(field + ".to", member);
      has_target = true;
    } else if (key == "kind") {
      link.kind = text_of(field + ".kind", member);
    } else if (key == "weight") {
      link.weight = number_of(field + ".weight", member);
    } else {
      throw Failure(invalid(fmt::format("{} has an unknown field '{}'", field, key)));
    }
  }
  if (!has_target) refuse(field, "an object with \"to\"", value);
  return link;
}

std::vector<Link> parse_links(std::string_view value) {
  if (value.front() != '[') refuse("links", "an array", value);
  std::vector<Link> links;
  for (const auto item : items_of_array(value)) {
    links.push_back(parse_link(fmt::format("links[{}]", links.size()), item));
  }
  return links;
}

/// Collects the parts of one line while its members are looked at.
struct Parts {
  Record record;
  bool has_id = false;
  JsonWriter members;
  std::string_view metadata;  ///< text of the object; empty: none
  std::vector<JsonMember> extra;

  void take(JsonMember& member);
  void take_metadata(std::string_view value);
  void write_metadata();
};

void Parts::take_metadata(std::string_view value) {
  if (value.front() != '{') refuse("metadata", "an object", value);
  metadata = value;
}

void Parts::take(JsonMember& member) {
  const auto& [key, value] = member;
  const bool absent = value == "null";
  if (key == "id") {
    record.id = text_of("id", value);
    has_id = true;
  } else if (key == "title" || key == "text" || key == "vector") {
    if (absent) return;
    if (key == "vector" && value.front() == '[') record.dimension = items_of_array(value).size();
    members.key(key).raw(value);
  } else if (key == "metadata") {
    if (!absent) take_metadata(value);
  } else if (key == "links") {
    if (!absent) record.links = parse_links(value);
  } else {
    extra.push_back(std::move(member));
  }
}

void Parts::write_metadata() {
  if (extra.empty()) {
    // As it was written: keys that come twice, too.
    if (!metadata.empty()) members.key("metadata").raw(metadata);
    return;
  }
  const auto given = metadata.empty() ? std::vector<JsonMember>() : members_of_object(metadata);
  std::unordered_set<std::string_view> explicit_keys;
  members.key("metadata").begin_object();
  for (const auto& [key, value] : given) {
    explicit_keys.insert(key);
    members.key(key).raw(value);
  }
  for (const auto& [key, value] : extra) {
    if (explicit_keys.count(key) == 0) members.key(key).raw(value);
  }
  members.end_object();
}

}  // namespace

Result<Record> parse_document_line(std::string_view line) {
  auto members = members_of_line(line);
  if (!members) return members.error();
  return to_result([&] {
    Parts parts;
    for (auto& member : *members) parts.take(member);
    if (!parts.has_id) throw Failure(invalid("id is missing"));
    parts.write_metadata();
    parts.record.members = parts.members.take();
    return std::move(parts.record);
  });
}

}  // namespace mosaic::cli
