#include "replication/numbers_file.hpp"

#include <charconv>

#include <fmt/format.h>

#include "base/checksum.hpp"
#include "base/durable_file.hpp"
#include "base/failure.hpp"

namespace mosaic::replication {
namespace {

constexpr std::string_view kFirstLine = "mosaic log 1";
constexpr std::string_view kChecksum = "checksum ";

std::string checksum_line(std::string_view lines) {
  return fmt::format("{}{:016x}\n", kChecksum, checksum(lines));
}

std::optional<Numbers> parse(std::string_view lines) {
  Numbers numbers;
  lines.remove_prefix(kFirstLine.size() + 1);
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    std::uint64_t number = 0;
    const auto* end = line.data() + line.size();
    const auto read = std::from_chars(line.data() + space + 1, end, number);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    numbers[std::string(line.substr(0, space))] = number;
    lines.remove_prefix(line.size() + 1);
  }
  return numbers;
}

}  // namespace

void write_numbers(const std::filesystem::path& path, const Numbers& numbers) {
  std::string lines = fmt::format("{}\n", kFirstLine);
  for (const auto& [name, number] : numbers) lines += fmt::format("{} {}\n", name, number);
  write_durably(path, lines + checksum_line(lines));
}

Result<std::optional<Numbers>> read_numbers(const std::filesystem::path& path,
                                            const std::vector<std::string>& wanted) {
  const auto damaged = [&](std::string_view why) {
    return Error{ErrorCode::kCorruptData,
                 fmt::format("'{}' of the log is damaged: {}", path.filename().string(), why)};
  };
  const auto read = to_result([&] { return read_whole(path); });
  if (!read) return read.error();
  if (!*read) return std::optional<Numbers>();
  const std::string_view text = **read;
  const auto end = text.rfind(kChecksum);
  if (end == std::string_view::npos || text.substr(end) != checksum_line(text.substr(0, end)))
    return damaged("it fails its checksum");
  if (!text.starts_with(kFirstLine)) return damaged("it is of a later version");
  auto numbers = parse(text.substr(0, end));
  if (!numbers) return damaged("a line holds no number");
  for (const auto& name : wanted) {
    if (!numbers->contains(name)) return damaged("it lacks '" + name + "'");
  }
  return numbers;
}

}  // namespace mosaic::replication
