#include "http/target.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/failure.hpp"
#include "base/utf8.hpp"

namespace mosaic::http {
namespace {

constexpr std::size_t kShownBytes = 100;

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

char decode_escape(std::string_view text, std::size_t at) {
  const auto high = at + 1 < text.size() ? hex_digit(text[at + 1]) : std::nullopt;
  const auto low = at + 2 < text.size() ? hex_digit(text[at + 2]) : std::nullopt;
  if (!high || !low) {
    throw Failure(invalid(fmt::format("'{}' in the URL holds '{}', which is no percent escape",
                                      text.substr(0, kShownBytes), text.substr(at, 3))));
  }
  return static_cast<char>(*high * 16 + *low);
}

std::string decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += decode_escape(text, i);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  if (!is_utf8(out)) {
    throw Failure(invalid(
        fmt::format("'{}' in the URL is not UTF-8 when decoded", text.substr(0, kShownBytes))));
  }
  return out;
}

/// The part of `rest` up to `mark`; `rest` goes on behind it.
std::string_view cut(std::string_view& rest, char mark) {
  const auto end = rest.find(mark);
  const auto part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    segments.push_back(decode(path.substr(begin, end - begin), false));
    begin = end + 1;
  }
  return segments;
}

NamedValues split_query(std::string_view query) {
  NamedValues values;
  while (!query.empty()) {
    auto value = cut(query, '&');
    if (value.empty()) continue;
    const auto name = decode(cut(value, '='), true);
    const bool twice = std::any_of(values.begin(), values.end(),
                                   [&](const auto& known) { return known.first == name; });
    if (twice) throw Failure(invalid(fmt::format("query parameter '{}' is given twice", name)));
    values.emplace_back(name, decode(value, true));
  }
  return values;
}

/// A proxy sends "http://host/path"; what counts begins at the path.
std::string_view without_origin(std::string_view target) {
  const auto scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return target;
  const auto path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? "/" : target.substr(path);
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
  return to_result([&] {
    auto rest = without_origin(target);
    const auto path = cut(rest, '?');
    return Target{split_path(path), split_query(rest)};
  });
}

}  // namespace mosaic::http
