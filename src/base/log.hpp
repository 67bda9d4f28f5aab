// Log lines by spdlog, on stderr or in files that rotate: stdout belongs to the answer of a
// command. Any thread may log. A line that cannot be written is counted, and the process goes on.
// Never log a key, a vector or a document's text above debug; what others said may be one (see
// quoted.hpp).
#pragma once

#include <functional>
#include <initializer_list>

#include <fmt/format.h>

#include "base/log_line.hpp"
#include "base/node_settings.hpp"
#include "mosaic/result.hpp"

namespace mosaic::log {

/// From now on as `settings` say; before, lines from info on go to stderr as text. To be called
/// while no other thread logs. Error: `log.file` cannot be opened; then nothing changes.
Status configure(const NodeSettings::Log& settings);

/// `counted` hears of each line from warn on, on the thread that logs. To be called while no other
/// thread logs.
void count_lines(std::function<void(Level)> counted);

/// Any thread, any time: lines under `level` are not written from now on.
void set_level(Level level);
Level level();

inline bool enabled(Level wanted) {
  return wanted >= level();
}

/// Whatever the level is: callers ask enabled() before they format anything.
void write(Level level, std::string_view message, std::span<const Field> fields = {});

/// One line of a level: `log::warn("shard {} is late", 3)` in the manner of fmt, or
/// `log::warn("a shard is late", {{"shard", 3}})` with fields.
template <Level kLevel>
struct Line {
  template <class... Values>
  void operator()(fmt::format_string<Values...> message, Values&&... values) const {
    if (enabled(kLevel)) write(kLevel, fmt::format(message, std::forward<Values>(values)...));
  }
  void operator()(std::string_view message, std::initializer_list<Field> fields) const {
    if (enabled(kLevel)) write(kLevel, message, {fields.begin(), fields.size()});
  }
};

inline constexpr Line<Level::kDebug> debug;
inline constexpr Line<Level::kInfo> info;
inline constexpr Line<Level::kWarn> warn;
inline constexpr Line<Level::kError> error;
inline constexpr Line<Level::kCritical> critical;

}  // namespace mosaic::log
