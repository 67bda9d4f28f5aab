// A value inside a JSON file of a model, with the way to it for errors. Reads what is there and
// refuses, by a Failure, what has another type than it should. Valid while its parser lives.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mosaic::text {

class JsonValue {
 public:
  /// `name` is the file's, the start of every error.
  static JsonValue parse(simdjson::dom::parser& parser, std::string_view bytes, std::string name);

  const std::string& way() const { return way_; }

  /// The member of an object, or nothing where it is absent or null.
  std::optional<JsonValue> find(std::string_view key) const;
  /// The member of an object that must be there.
  JsonValue at(std::string_view key) const;

  simdjson::dom::object object() const;
  simdjson::dom::array array() const;
  std::string_view string() const;
  bool boolean() const;
  std::uint64_t number() const;  ///< a whole one from 0
  double real() const;           ///< a finite one

  std::string_view string_or(std::string_view key, std::string_view otherwise) const;
  bool boolean_or(std::string_view key, bool otherwise) const;

  JsonValue item(simdjson::dom::element element, std::size_t position) const;
  JsonValue member(simdjson::dom::element element, std::string_view key) const;

  [[noreturn]] void refuse(std::string_view what) const;

 private:
  JsonValue(simdjson::dom::element element, std::string way)
      : element_(element), way_(std::move(way)) {}

  simdjson::dom::element element_;
  std::string way_;
};

}  // namespace mosaic::text
