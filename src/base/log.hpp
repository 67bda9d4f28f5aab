// Log lines by spdlog, on stderr: stdout belongs to the answer of a command. Never log a key, a
// vector or a document's text above debug.
#pragma once

#include <spdlog/spdlog.h>

namespace mosaic::log {

using spdlog::critical;
using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

/// `level` is a word of spdlog: trace, debug, info, warn, error, critical, off.
void configure(const std::string& level);

}  // namespace mosaic::log
