// The log in files: FILE, and with FILE.1 the one before, up to a number of them. One that could
// not be written is opened anew as soon as that works again.
#pragma once

#include <spdlog/sinks/sink.h>

#include "base/node_settings.hpp"
#include "mosaic/result.hpp"

namespace mosaic::log {

/// Appends to `settings.file`, whose folder is made. Each line is handed to the system at once; one
/// that cannot be is a spdlog_ex to the logger. Error: the file cannot be opened.
Result<std::shared_ptr<spdlog::sinks::sink>> open_log_file(const NodeSettings::Log& settings);

}  // namespace mosaic::log
