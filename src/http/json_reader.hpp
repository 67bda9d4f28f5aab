// Reads JSON bodies strictly: one pass of simdjson's on-demand parser, straight into the domain
// types. Whatever does not fit throws a Failure that names the place ("documents[3].title"), the
// value found and what was expected. A JsonText lives on one thread; the readers it hands out are
// valid only inside the visit that gets them.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <simdjson.h>
#include <boost/container/small_vector.hpp>

#include "base/failure.hpp"
#include "mosaic/document.hpp"

namespace mosaic::http {

/// Where a value stands in the body. Lives on the stack of the visit; text is made only on failure.
class JsonPath {
 public:
  JsonPath() = default;
  JsonPath(const JsonPath& parent, std::string_view key) : parent_(&parent), key_(key) {}
  JsonPath(const JsonPath& parent, std::size_t index) : parent_(&parent), index_(index) {}

  /// As "links[2].to", or "the body" for the root.
  std::string text() const;

 private:
  void append_to(std::string& out) const;

  const JsonPath* parent_ = nullptr;
  std::string_view key_;
  std::optional<std::size_t> index_;
};

/// What simdjson could not parse; JsonText adds where in the body that is.
class BrokenJson : public Failure {
 public:
  explicit BrokenJson(std::string reason) : Failure(invalid(std::move(reason))) {}
};

[[noreturn]] void refuse_json(simdjson::error_code code, const JsonPath& path);

/// Refuses a key that its object has already had: readers would differ in which one holds.
[[noreturn]] void refuse_repeated(const JsonPath& path);

class JsonObject;

class JsonValue {
 public:
  JsonValue(simdjson::ondemand::value value, const JsonPath& path) : value_(value), path_(path) {}

  bool is_null();
  bool is_string() { return has_type(simdjson::ondemand::json_type::string); }
  std::string string();
  bool boolean();
  std::uint64_t whole_number(std::uint64_t low, std::uint64_t high);
  double number();
  /// At least one number, each finite as a 32-bit float.
  Vector vector();
  JsonObject object();
  /// The text of an object as sent, at most `bytes_max` long, checked to be valid JSON.
  std::string object_text(std::size_t bytes_max);
  /// Minified text of an object within the limits of the contract for metadata.
  std::string metadata();

  template <class Visit>
  void each_item(Visit&& visit) {
    simdjson::ondemand::array array;
    if (const auto error = value_.get_array().get(array)) refuse(error, "an array");
    std::size_t index = 0;
    for (auto item : array) {
      const JsonPath at(path_, index++);
      simdjson::ondemand::value value;
      if (const auto error = std::move(item).get(value)) refuse_json(error, at);
      visit(JsonValue(value, at));
    }
  }

  const JsonPath& path() const { return path_; }
  /// Refuses a value of the right type that is not one of the allowed ones.
  [[noreturn]] void refuse_value(std::string_view expected);

 private:
  bool has_type(simdjson::ondemand::json_type type);
  std::string shown();
  [[noreturn]] void refuse(simdjson::error_code error, std::string_view expected);

  simdjson::ondemand::value value_;
  const JsonPath& path_;
};

class JsonObject {
 public:
  JsonObject(simdjson::ondemand::object object, const JsonPath& path)
      : object_(object), path_(path) {}

  /// `visit(key, value)` for each field; it must refuse the keys that it does not know.
  template <class Visit>
  void each_field(Visit&& visit) {
    boost::container::small_vector<std::string_view, 8> seen;  // Known keys only: few.
    for (auto item : object_) {
      simdjson::ondemand::field field;
      std::string_view key;
      if (const auto error = std::move(item).get(field)) refuse_json(error, path_);
      if (const auto error = field.unescaped_key().get(key)) refuse_json(error, path_);
      const JsonPath at(path_, key);
      if (std::find(seen.begin(), seen.end(), key) != seen.end()) refuse_repeated(at);
      seen.push_back(key);
      visit(key, JsonValue(field.value(), at));
    }
  }

  const JsonPath& path() const { return path_; }

 private:
  simdjson::ondemand::object object_;
  const JsonPath& path_;
};

/// Refuses a field that no object of this kind has.
[[noreturn]] void refuse_unknown(const JsonValue& value);

/// Refuses a field of the contract that belongs to a later version.
[[noreturn]] void refuse_unserved(const JsonValue& value);

/// Refuses an object that lacks a required field.
[[noreturn]] void refuse_missing(std::string_view field, const JsonPath& parent);

/// The JSON object in `text`, which is not part of a body; errors call it `name`.
std::string checked_object(std::string text, std::string_view name, std::size_t bytes_max);

struct LinePlace {
  std::size_t line = 0;   ///< from 1, blank ones count
  std::size_t index = 0;  ///< from 0, blank ones do not count
};

/// A body, with the padding that simdjson wants.
class JsonText {
 public:
  explicit JsonText(std::string text);

  /// Reads the body as one object.
  template <class Read>
  void read(Read&& read_object) {
    read_span(0, text_.size(), read_object);
  }

  /// Reads the lines that are not blank, each as one object. `place` is always that of the line at
  /// hand.
  template <class Read>
  void read_lines(LinePlace& place, Read&& read_object) {
    place = {};
    for (std::size_t begin = 0; begin < text_.size();) {
      const auto end = std::min(text_.find('\n', begin), text_.size());
      ++place.line;
      if (!is_blank(begin, end)) {
        read_span(begin, end, read_object);
        ++place.index;
      }
      begin = end + 1;
    }
  }

 private:
  template <class Read>
  void read_span(std::size_t begin, std::size_t end, Read&& read_object) {
    const JsonPath root;
    auto document = open(begin, end);
    try {
      read_object(JsonObject(root_object(document), root));
      check_end(document);
    } catch (const BrokenJson& broken) {
      refuse_at(broken, document, begin);
    }
  }

  bool is_blank(std::size_t begin, std::size_t end) const;
  simdjson::ondemand::document open(std::size_t begin, std::size_t end);
  static simdjson::ondemand::object root_object(simdjson::ondemand::document& document);
  static void check_end(simdjson::ondemand::document& document);
  [[noreturn]] void refuse_at(const BrokenJson& broken, simdjson::ondemand::document& document,
                              std::size_t begin) const;

  std::string text_;
  std::optional<simdjson::ondemand::parser> own_parser_;
  simdjson::ondemand::parser* parser_;
};

}  // namespace mosaic::http
