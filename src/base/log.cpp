#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>

namespace mosaic::log {

void configure(const std::string& level) {
  auto logger =
      std::make_shared<spdlog::logger>("mosaic", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  spdlog::set_default_logger(std::move(logger));
  spdlog::set_level(spdlog::level::from_str(level));
}

}  // namespace mosaic::log
