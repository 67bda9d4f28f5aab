#include "text/embedding_reply.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>

#include "base/failure.hpp"
#include "base/utf8.hpp"

namespace mosaic::text {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kBlackened = "***";

template <class... Values>
[[noreturn]] void refuse(fmt::format_string<Values...> format, Values&&... values) {
  throw Failure(ErrorCode::kUnavailable, fmt::format(format, std::forward<Values>(values)...));
}

Vector read_vector(dom::element item, std::size_t position) {
  dom::array numbers;
  if (item["embedding"].get(numbers)) refuse("data[{}].embedding is not an array", position);
  if (numbers.size() == 0 || numbers.size() > kDimensionMax) {
    refuse("data[{}].embedding has {} numbers, must be 1 to {}", position, numbers.size(),
           kDimensionMax);
  }
  Vector vector;
  vector.reserve(numbers.size());
  for (const auto element : numbers) {
    double number = 0;
    const bool is_number = !element.get(number);
    vector.push_back(static_cast<float>(number));
    if (!is_number || !std::isfinite(vector.back())) {
      refuse("data[{}].embedding[{}] is not a finite 32-bit number", position, vector.size() - 1);
    }
  }
  if (std::all_of(vector.begin(), vector.end(), [](float x) { return x == 0; })) {
    refuse("data[{}].embedding is zero", position);
  }
  return vector;
}

std::vector<Vector> read_data(dom::array data, std::size_t count, std::uint32_t dimension) {
  if (data.size() != count) refuse("it has {} vectors for {} texts", data.size(), count);
  std::vector<Vector> vectors(count);
  std::size_t position = 0;
  for (const auto item : data) {
    std::uint64_t index = 0;
    if (item["index"].get(index) || index >= count || !vectors[index].empty()) {
      refuse("data[{}].index is missing, past the end or there twice", position);
    }
    vectors[index] = read_vector(item, position);
    const auto expected =
        dimension == 0 ? static_cast<std::uint32_t>(vectors[index].size()) : dimension;
    if (position == 0) dimension = expected;
    if (vectors[index].size() != dimension) {
      refuse("data[{}].embedding has {} dimensions, expected {}", position, vectors[index].size(),
             dimension);
    }
    ++position;
  }
  return vectors;
}

/// The usual places of an error's text: {"error": {"message": ...}}, {"error": ...} and other words
/// for it.
std::string message_in(std::string body) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(body).get(root)) return body;
  std::string_view text;
  if (!root["error"]["message"].get(text)) return std::string(text);
  for (const auto* key : {"error", "message", "detail"}) {
    if (!root[key].get(text)) return std::string(text);
  }
  return body;
}

void replace_all(std::string& text, const std::string& old, std::string_view by) {
  for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + by.size())) {
    text.replace(at, old.size(), by);
  }
}

/// At most `bytes_max` bytes, without the piece of a character at the end.
void shorten(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xc0) == 0x80) --bytes_max;
  text.resize(bytes_max);
}

}  // namespace

Result<std::vector<Vector>> read_embeddings(std::string body, std::size_t count,
                                            std::uint32_t dimension) {
  return to_result([&] {
    dom::parser parser;
    dom::element root;
    if (const auto error = parser.parse(body).get(root)) {
      refuse("it is not valid JSON: {}", simdjson::error_message(error));
    }
    dom::array data;
    if (root["data"].get(data)) refuse("it has no array 'data'");
    return read_data(data, count, dimension);
  });
}

std::string read_complaint(std::string body, const std::string& secret) {
  auto text = message_in(std::move(body));
  if (!secret.empty()) replace_all(text, secret, kBlackened);
  if (!is_utf8(text)) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c >= 0x80; }, '?');
  }
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  shorten(text, kQuotedBytesMax);
  return text;
}

}  // namespace mosaic::text
