// What the kernel tells of this process in /proc (proc(5)). Parsing is apart from reading, so that
// it can be tested.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mosaic::metrics {

struct ProcessNumbers {
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t threads = 0;
  double cpu_s = 0;  ///< user and system
  double started_after_boot_s = 0;
  std::uint64_t open_files = 0;
  std::uint64_t open_files_max = 0;
};

/// Sizes of the machine that the numbers of /proc are counted in.
struct ProcessUnits {
  std::uint64_t page_bytes = 4'096;
  double ticks_per_s = 100;
};

/// Of the text of /proc/self/stat: all but the files. Nothing when it is not such a text.
std::optional<ProcessNumbers> parse_process_stat(std::string_view text, const ProcessUnits& units);

/// Of the text of /proc/stat: when the machine started, in seconds since 1970; 0 when it is not
/// said.
double parse_boot_time(std::string_view text);

/// Zeros where the kernel does not tell.
ProcessNumbers read_process_numbers();
double read_boot_time();

}  // namespace mosaic::metrics
