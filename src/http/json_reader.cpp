#include "http/json_reader.hpp"

#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "http/number_range.hpp"

namespace mosaic::http {
namespace {

namespace ondemand = simdjson::ondemand;
namespace dom = simdjson::dom;

constexpr std::size_t kShownBytes = 64;
/// Parsers keep what they grew to. Larger bodies get one of their own, so that a thread's parser
/// stays small for good.
constexpr std::size_t kKeptParserBytes = 1 << 20;

std::string_view trimmed(std::string_view text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

/// Levels of nesting; a NUL inside a key or string is refused on the way.
std::size_t depth_without_nul(dom::element element, const JsonPath& path) {
  const auto refuse_nul = [&](std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
      throw Failure(invalid(fmt::format("{} holds a NUL character", path.text())));
    }
  };
  std::size_t deepest = 0;
  if (element.is_object()) {
    for (const auto& [key, value] : dom::object(element)) {
      refuse_nul(key);
      deepest = std::max(deepest, depth_without_nul(value, JsonPath(path, key)));
    }
    return deepest + 1;
  }
  if (element.is_array()) {
    std::size_t index = 0;
    for (const auto item : dom::array(element)) {
      deepest = std::max(deepest, depth_without_nul(item, JsonPath(path, index++)));
    }
    return deepest + 1;
  }
  if (element.is_string()) refuse_nul(std::string_view(element));
  return 0;
}

/// The on-demand parser only skipped over `text`; this one looks at every byte and gives `use` the
/// value, which lives no longer.
template <class Use>
void parse_whole(std::string_view text, const JsonPath& path, Use&& use) {
  thread_local dom::parser kept_parser;
  std::optional<dom::parser> own_parser;
  auto& parser = text.size() > kKeptParserBytes ? own_parser.emplace() : kept_parser;
  dom::element element;
  if (const auto error = parser.parse(text.data(), text.size()).get(element)) {
    refuse_number_out_of_range(text, path);
    // No BrokenJson: the position of the on-demand parser is behind all of this text.
    throw Failure(invalid(
        fmt::format("{} is not valid JSON: {}", path.text(), simdjson::error_message(error))));
  }
  use(element);
}

std::string minified(std::string_view text, const JsonPath& path) {
  // The kernels store whole blocks, past the end of what they keep.
  std::string out(text.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t size = 0;
  if (const auto error = simdjson::minify(text.data(), text.size(), out.data(), size)) {
    refuse_json(error, path);
  }
  out.resize(size);
  out.shrink_to_fit();
  return out;
}

void check_size(std::string_view text, std::size_t bytes_max, const JsonPath& path) {
  if (text.size() <= bytes_max) return;
  throw Failure(ErrorCode::kPayloadTooLarge,
                fmt::format("{} has {} bytes, at most {}", path.text(), text.size(), bytes_max));
}

}  // namespace

std::string JsonPath::text() const {
  std::string out;
  append_to(out);
  return out.empty() ? "the body" : out;
}

void JsonPath::append_to(std::string& out) const {
  if (parent_ == nullptr) return;
  parent_->append_to(out);
  if (index_) {
    out += fmt::format("[{}]", *index_);
  } else {
    if (!out.empty()) out += '.';
    out += key_.substr(0, kShownBytes);
  }
}

void refuse_json(simdjson::error_code code, const JsonPath& path) {
  throw BrokenJson(
      fmt::format("{} is not valid JSON: {}", path.text(), simdjson::error_message(code)));
}

void refuse_unknown(const JsonValue& value) {
  throw Failure(invalid(fmt::format("field '{}' is not known", value.path().text())));
}

void refuse_unserved(const JsonValue& value) {
  throw Failure(
      invalid(fmt::format("field '{}' is not served by this version", value.path().text())));
}

void refuse_repeated(const JsonPath& path) {
  throw Failure(invalid(fmt::format("field '{}' is given twice", path.text())));
}

void refuse_missing(std::string_view field, const JsonPath& parent) {
  throw Failure(invalid(fmt::format("{} is missing", JsonPath(parent, field).text())));
}

bool JsonValue::has_type(ondemand::json_type type) {
  ondemand::json_type found{};
  return value_.type().get(found) == simdjson::SUCCESS && found == type;
}

std::string JsonValue::shown() {
  if (has_type(ondemand::json_type::array)) return "an array";
  if (has_type(ondemand::json_type::object)) return "an object";
  const auto token = trimmed(value_.raw_json_token());
  if (token.size() <= kShownBytes) return std::string(token);
  return fmt::format("{}...", token.substr(0, kShownBytes));
}

void JsonValue::refuse(simdjson::error_code error, std::string_view expected) {
  ondemand::json_type found{};
  if (value_.type().get(found) != simdjson::SUCCESS) {
    throw BrokenJson(fmt::format("{} is {}, not a JSON value", path_.text(), shown()));
  }
  if (error != simdjson::INCORRECT_TYPE) refuse_json(error, path_);
  refuse_value(expected);
}

void JsonValue::refuse_value(std::string_view expected) {
  throw Failure(invalid(fmt::format("{} is {}, expected {}", path_.text(), shown(), expected)));
}

bool JsonValue::is_null() {
  bool null = false;
  return value_.is_null().get(null) == simdjson::SUCCESS && null;
}

std::string JsonValue::string() {
  std::string_view text;
  if (const auto error = value_.get_string().get(text)) refuse(error, "a string");
  return std::string(text);
}

bool JsonValue::boolean() {
  bool flag = false;
  if (const auto error = value_.get_bool().get(flag)) refuse(error, "true or false");
  return flag;
}

std::uint64_t JsonValue::whole_number(std::uint64_t low, std::uint64_t high) {
  std::uint64_t number = 0;
  const auto error = value_.get_uint64().get(number);
  if (!error && number >= low && number <= high) return number;
  const auto expected = fmt::format("a whole number from {} to {}", low, high);
  if (!error || has_type(ondemand::json_type::number)) refuse_value(expected);
  refuse(error, expected);
}

double JsonValue::number() {
  double number = 0;
  const auto error = value_.get_double().get(number);
  if (!error && std::isfinite(number)) return number;
  if (has_type(ondemand::json_type::number)) refuse_value("a finite number");
  refuse(error, "a number");
}

Vector JsonValue::vector() {
  thread_local Vector scratch;
  scratch.clear();
  each_item([&](JsonValue item) {
    double number = 0;
    const auto error = item.value_.get_double().get(number);
    const auto value = static_cast<float>(number);
    if (error || !std::isfinite(value)) {
      if (!item.has_type(ondemand::json_type::number)) item.refuse(error, "a number");
      throw Failure(invalid(
          fmt::format("{} is {}, not a finite 32-bit number", item.path().text(), item.shown())));
    }
    if (scratch.size() == kDimensionMax) {
      throw Failure(
          invalid(fmt::format("{} has more than {} numbers", path_.text(), kDimensionMax)));
    }
    scratch.push_back(value);
  });
  if (scratch.empty()) throw Failure(invalid(fmt::format("{} is empty", path_.text())));
  return Vector(scratch.begin(), scratch.end());
}

JsonObject JsonValue::object() {
  ondemand::object object;
  if (const auto error = value_.get_object().get(object)) refuse(error, "an object");
  return JsonObject(object, path_);
}

std::string JsonValue::object_text(std::size_t bytes_max) {
  ondemand::object object;
  std::string_view text;
  if (const auto error = value_.get_object().get(object)) refuse(error, "an object");
  if (const auto error = object.raw_json().get(text)) refuse_json(error, path_);
  text = trimmed(text);
  check_size(text, bytes_max, path_);
  parse_whole(text, path_, [](dom::element) {});
  return std::string(text);
}

std::string JsonValue::metadata() {
  ondemand::object object;
  std::string_view raw;
  if (const auto error = value_.get_object().get(object)) refuse(error, "an object");
  if (const auto error = object.raw_json().get(raw)) refuse_json(error, path_);
  auto text = minified(raw, path_);
  check_size(text, kMetadataBytesMax, path_);
  std::size_t depth = 0;
  // As sent: without its white space "1. 5" would look like a number.
  parse_whole(raw, path_, [&](dom::element value) { depth = depth_without_nul(value, path_); });
  if (depth <= kMetadataDepthMax) return text;
  throw Failure(invalid(fmt::format("{} is nested {} levels deep, at most {}", path_.text(), depth,
                                    kMetadataDepthMax)));
}

std::string checked_object(std::string text, std::string_view name, std::size_t bytes_max) {
  const JsonPath root;
  const JsonPath path(root, name);
  check_size(text, bytes_max, path);
  bool is_object = false;
  parse_whole(text, path, [&](dom::element value) { is_object = value.is_object(); });
  if (is_object) return text;
  throw Failure(
      invalid(fmt::format("{} is {}, expected a JSON object", name, text.substr(0, kShownBytes))));
}

JsonText::JsonText(std::string text) : text_(std::move(text)) {
  thread_local ondemand::parser kept_parser;
  if (is_blank(0, text_.size())) throw Failure(invalid("the body is empty, JSON is needed"));
  parser_ = text_.size() > kKeptParserBytes ? &own_parser_.emplace() : &kept_parser;
  text_.reserve(text_.size() + simdjson::SIMDJSON_PADDING);
}

bool JsonText::is_blank(std::size_t begin, std::size_t end) const {
  return trimmed(std::string_view(text_).substr(begin, end - begin)).empty();
}

ondemand::document JsonText::open(std::size_t begin, std::size_t end) {
  ondemand::document document;
  const auto error =
      parser_->iterate(text_.data() + begin, end - begin, text_.capacity() - begin).get(document);
  if (error)
    throw Failure(
        invalid(fmt::format("the body is not valid JSON: {}", simdjson::error_message(error))));
  return document;
}

ondemand::object JsonText::root_object(ondemand::document& document) {
  ondemand::object object;
  const auto error = document.get_object().get(object);
  if (error == simdjson::INCORRECT_TYPE) {
    throw Failure(invalid("the body is not a JSON object"));
  }
  if (error) refuse_json(error, JsonPath());
  return object;
}

void JsonText::check_end(ondemand::document& document) {
  const char* rest = nullptr;
  if (document.current_location().get(rest) == simdjson::SUCCESS) {
    throw BrokenJson("the body goes on after its JSON object");
  }
}

void JsonText::refuse_at(const BrokenJson& broken, ondemand::document& document,
                         std::size_t begin) const {
  const char* location = nullptr;
  if (document.current_location().get(location) != simdjson::SUCCESS) throw Failure(broken.error());
  throw Failure(invalid(fmt::format("{} (at byte {})", broken.error().detail,
                                    location - text_.data() - static_cast<std::ptrdiff_t>(begin))));
}

}  // namespace mosaic::http
