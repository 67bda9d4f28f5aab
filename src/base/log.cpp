#include "base/log.hpp"

#include <atomic>
#include <cstdio>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/log_file.hpp"

namespace mosaic::log {
namespace {

constexpr auto kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %v";
constexpr auto kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})";

std::shared_ptr<spdlog::logger> logger_of(spdlog::sink_ptr sink, const char* pattern) {
  auto logger = std::make_shared<spdlog::logger>("mosaic", std::move(sink));
  logger->set_pattern(pattern, spdlog::pattern_time_type::utc);
  // Lines that must not be written do not come so far.
  logger->set_level(spdlog::level::trace);
  return logger;
}

struct Setup {
  std::atomic<Level> level = Level::kInfo;
  std::atomic<std::uint64_t> lost = 0;  ///< lines, since one was written
  bool json = false;
  std::function<void(Level)> counted;
  std::shared_ptr<spdlog::logger> logger =
      logger_of(std::make_shared<spdlog::sinks::stderr_sink_mt>(), kTextPattern);
};

/// Never destroyed: a thread that is left behind at the end may still log.
Setup& setup() {
  static auto& only = *new Setup;
  return only;
}

void count_lost(const std::string& why) {
  if (setup().lost.fetch_add(1) == 0)
    std::fprintf(stderr, "mosaic: the log cannot be written: %s\n", why.c_str());
}

spdlog::level::level_enum spdlog_level(Level level) {
  return static_cast<spdlog::level::level_enum>(level);
}

void write_line(Level level, std::string_view message, std::span<const Field> fields) {
  const auto line =
      setup().json ? json_line(level, message, fields) : text_line(level, message, fields);
  setup().logger->log(spdlog::source_loc{}, spdlog_level(level), line);
}

Result<spdlog::sink_ptr> open_sink(const NodeSettings::Log& settings) {
  if (settings.file.empty())
    return spdlog::sink_ptr(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  return open_log_file(settings);
}

}  // namespace

Status configure(const NodeSettings::Log& settings) {
  auto sink = open_sink(settings);
  if (!sink) return sink.error();
  setup().json = settings.format == "json";
  setup().logger = logger_of(std::move(*sink), setup().json ? kJsonPattern : kTextPattern);
  setup().logger->set_error_handler(count_lost);
  setup().lost = 0;
  set_level(level_of(settings.level).value_or(Level::kInfo));
  return {};
}

void count_lines(std::function<void(Level)> counted) {
  setup().counted = std::move(counted);
}

void set_level(Level level) {
  setup().level = level;
}

Level level() {
  return setup().level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view message, std::span<const Field> fields) {
  if (setup().counted && level >= Level::kWarn) setup().counted(level);
  const auto lost_before = setup().lost.load();
  write_line(level, message, fields);
  if (lost_before == 0 || setup().lost.load() != lost_before) return;
  // This one went through again.
  if (const auto count = setup().lost.exchange(0); count != 0)
    write_line(Level::kWarn, fmt::format("{} log lines could not be written", count), {});
}

}  // namespace mosaic::log
