#include "base/rfc3339.hpp"

#include <chrono>

#include <fmt/format.h>

namespace mosaic {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kMsDigits = 3;

/// Takes a text apart from its beginning; fails for good at the first thing that is not there.
class Taker {
 public:
  explicit Taker(std::string_view text) : rest_(text) {}

  /// A number of exactly `digits` digits, `low` to `high`.
  int number(std::size_t digits, int low, int high) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = 10 * value + digit();
    ok_ = ok_ && value >= low && value <= high;
    return value;
  }

  /// One of the characters of `any`.
  char one_of(std::string_view any) {
    ok_ = ok_ && !rest_.empty() && any.find(rest_.front()) != std::string_view::npos;
    if (!ok_) return '\0';
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }

  /// What a fraction gives, if there is one.
  milliseconds fraction() {
    if (rest_.empty() || rest_.front() != '.') return milliseconds(0);
    rest_.remove_prefix(1);
    int ms = digit();
    int digits = 1;
    for (; ok_ && !rest_.empty() && is_digit(rest_.front()); ++digits) {
      const int next = digit();
      if (digits < kMsDigits) ms = 10 * ms + next;
    }
    for (; digits < kMsDigits; ++digits) ms *= 10;
    return milliseconds(ms);
  }

  bool complete() const { return ok_ && rest_.empty(); }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  int digit() {
    ok_ = ok_ && !rest_.empty() && is_digit(rest_.front());
    if (!ok_) return 0;
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

/// East of Greenwich is positive.
minutes take_offset(Taker& taker) {
  const char sign = taker.one_of("Zz+-");
  if (sign != '+' && sign != '-') return minutes(0);
  const hours whole(taker.number(2, 0, 23));
  taker.one_of(":");
  const minutes offset = whole + minutes(taker.number(2, 0, 59));
  return sign == '+' ? offset : -offset;
}

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  Taker taker(text);
  const std::chrono::year year(taker.number(4, 0, 9'999));
  taker.one_of("-");
  const std::chrono::month month(static_cast<unsigned>(taker.number(2, 1, 12)));
  taker.one_of("-");
  const std::chrono::day day(static_cast<unsigned>(taker.number(2, 1, 31)));
  taker.one_of("Tt");
  milliseconds time = hours(taker.number(2, 0, 23));
  taker.one_of(":");
  time += minutes(taker.number(2, 0, 59));
  taker.one_of(":");
  // A leap second: no clock of ours has it, so it is the second after.
  time += seconds(taker.number(2, 0, 60));
  time += taker.fraction();
  time -= take_offset(taker);
  const auto date = year / month / day;
  if (!taker.complete() || !date.ok()) return std::nullopt;
  return (std::chrono::sys_days(date).time_since_epoch() + time).count();
}

std::string to_rfc3339(std::int64_t time_ms) {
  const milliseconds since(time_ms);
  const auto day = std::chrono::floor<days>(since);
  const std::chrono::year_month_day date{std::chrono::sys_days(day)};
  const std::chrono::hh_mm_ss time(since - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

}  // namespace mosaic
