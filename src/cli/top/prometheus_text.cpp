#include "cli/top/prometheus_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/failure.hpp"
#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

constexpr std::size_t kShownColumns = 60;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/// One line that is not empty and no comment: name [{labels}] value [timestamp].
class SeriesLine {
 public:
  explicit SeriesLine(std::string_view line) : rest_(line) {}

  std::string name() {
    const auto end = std::find_if_not(
        rest_.begin(), rest_.end(), [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
    const auto length = static_cast<std::size_t>(end - rest_.begin());
    if (length == 0 || !is_letter(rest_.front())) fail("a name is expected");
    return std::string(take(length));
  }

  Labels labels() {
    Labels labels;
    skip_blanks();
    if (!accept('{')) return labels;
    for (skip_blanks(); !accept('}'); skip_blanks()) {
      auto key = name();
      skip_blanks();
      if (!accept('=')) fail("'=' is expected behind a label's name");
      skip_blanks();
      labels.insert_or_assign(std::move(key), quoted());
      skip_blanks();
      if (!accept(',') && !rest_.starts_with('}')) fail("',' or '}' is expected behind a label");
    }
    return labels;
  }

  double value() {
    auto text = word();
    // from_chars knows "Inf" and "NaN", but no leading plus.
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
      fail("the value is no number");
    }
    return value;
  }

  void end() {
    const auto text = word();
    std::int64_t timestamp_ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), timestamp_ms);
    if (!text.empty() && (error != std::errc() || end != text.data() + text.size())) {
      fail("the timestamp is no integer");
    }
    skip_blanks();
    if (!rest_.empty()) fail("something stands behind the timestamp");
  }

 private:
  [[noreturn]] static void fail(const char* what) {
    throw Failure(ErrorCode::kInvalidArgument, what);
  }

  std::string_view take(std::size_t length) {
    const auto taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  bool accept(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }

  std::string_view word() {
    skip_blanks();
    const auto end = std::find_if(rest_.begin(), rest_.end(), is_blank);
    return take(static_cast<std::size_t>(end - rest_.begin()));
  }

  /// A label's value; \\, \" and \n are its only escapes.
  std::string quoted() {
    if (!accept('"')) fail("a label's value begins with '\"'");
    std::string value;
    while (!accept('"')) {
      if (rest_.empty()) fail("a label's value does not end");
      const bool escaped = accept('\\');
      if (rest_.empty()) fail("a label's value does not end");
      const char c = take(1).front();
      if (escaped && c != '\\' && c != '"' && c != 'n')
        fail("an escape is none of \\\\, \\\", \\n");
      value += escaped && c == 'n' ? '\n' : c;
    }
    return value;
  }

  std::string_view rest_;
};

void add_line(std::string_view line, Families& families) {
  SeriesLine reader(line);
  auto name = reader.name();
  auto labels = reader.labels();
  const auto value = reader.value();
  reader.end();
  families[std::move(name)].insert_or_assign(std::move(labels), value);
}

}  // namespace

Result<Families> parse_prometheus_text(std::string_view text) {
  Families families;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    if (line.empty() || line.front() == '#') continue;
    try {
      add_line(line, families);
    } catch (const Failure& failure) {
      return invalid(fmt::format("metrics, line {}: {}: {}", number, failure.what(),
                                 fit(one_line(line), kShownColumns)));
    }
  }
  return families;
}

bool has_labels(const Labels& labels, const Labels& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& pair) {
    const auto found = labels.find(pair.first);
    return found != labels.end() && found->second == pair.second;
  });
}

}  // namespace mosaic::cli
