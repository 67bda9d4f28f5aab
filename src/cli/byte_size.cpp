#include "cli/byte_size.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace mosaic::cli {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::uint64_t kOne = 1;
constexpr std::array kUnits = {
    Unit{"", 1},
    Unit{"KiB", kOne << 10},
    Unit{"MiB", kOne << 20},
    Unit{"GiB", kOne << 30},
    Unit{"TiB", kOne << 40},
    Unit{"KB", 1'000},
    Unit{"MB", 1'000'000},
    Unit{"GB", 1'000'000'000},
    Unit{"TB", 1'000'000'000'000},
};

}  // namespace

std::optional<std::uint64_t> parse_byte_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view name(end, static_cast<std::size_t>(last - end));
  const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                 [&](const Unit& each) { return each.name == name; });
  if (unit == kUnits.end()) return std::nullopt;
  if (number > std::numeric_limits<std::uint64_t>::max() / unit->bytes) return std::nullopt;
  return number * unit->bytes;
}

}  // namespace mosaic::cli
