#include "metrics/process_numbers.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace mosaic::metrics {
namespace {

// Places among the fields of proc(5), /proc/[pid]/stat, counted from 1 there. The name of the
// program, field 2, may hold anything, also spaces and brackets; fields are counted behind it.
constexpr std::size_t kFirstField = 3;
constexpr std::size_t kUserTicks = 14;
constexpr std::size_t kSystemTicks = 15;
constexpr std::size_t kThreads = 20;
constexpr std::size_t kStartTicks = 22;
constexpr std::size_t kVirtualBytes = 23;
constexpr std::size_t kResidentPages = 24;

std::vector<std::string> fields_behind_name(std::string_view text) {
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return {};
  std::istringstream rest{std::string(text.substr(name_end + 1))};
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string text_of(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::uint64_t count_open_files() {
  std::error_code failed;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", failed), end;
       !failed && entry != end; entry.increment(failed))
    ++count;
  // One of them is the folder that is being read.
  return count == 0 ? 0 : count - 1;
}

std::uint64_t open_files_max() {
  struct rlimit limit {};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

}  // namespace

std::optional<ProcessNumbers> parse_process_stat(std::string_view text, const ProcessUnits& units) {
  const auto fields = fields_behind_name(text);
  if (fields.size() <= kResidentPages - kFirstField) return std::nullopt;
  const auto field = [&](std::size_t place) { return number(fields[place - kFirstField]); };
  const auto user = field(kUserTicks);
  const auto system = field(kSystemTicks);
  const auto threads = field(kThreads);
  const auto start = field(kStartTicks);
  const auto bytes = field(kVirtualBytes);
  const auto pages = field(kResidentPages);
  if (!user || !system || !threads || !start || !bytes || !pages) return std::nullopt;
  ProcessNumbers numbers;
  numbers.cpu_s = static_cast<double>(*user + *system) / units.ticks_per_s;
  numbers.threads = *threads;
  numbers.started_after_boot_s = static_cast<double>(*start) / units.ticks_per_s;
  numbers.virtual_bytes = *bytes;
  numbers.resident_bytes = *pages * units.page_bytes;
  return numbers;
}

double parse_boot_time(std::string_view text) {
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("btime "))
      return static_cast<double>(number(std::string_view(line).substr(6)).value_or(0));
  }
  return 0;
}

ProcessNumbers read_process_numbers() {
  const ProcessUnits units{static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)),
                           static_cast<double>(::sysconf(_SC_CLK_TCK))};
  auto numbers = parse_process_stat(text_of("/proc/self/stat"), units).value_or(ProcessNumbers{});
  numbers.open_files = count_open_files();
  numbers.open_files_max = open_files_max();
  return numbers;
}

double read_boot_time() {
  return parse_boot_time(text_of("/proc/stat"));
}

}  // namespace mosaic::metrics
