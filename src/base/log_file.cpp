#include "base/log_file.hpp"

#include <chrono>
#include <mutex>

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>

namespace mosaic::log {
namespace {

using Clock = std::chrono::steady_clock;

/// Between attempts to open a file anew: spdlog itself waits 50 ms for each that fails.
constexpr std::chrono::seconds kReopenPause{1};

/// spdlog's file stays closed for good once it could not be opened after a rotation.
class LogFile final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LogFile(const NodeSettings::Log& settings) : settings_(settings) { open(); }

 private:
  using RotatingFile = spdlog::sinks::rotating_file_sink_st;

  void open() {
    // spdlog counts the older files only.
    file_ = std::make_unique<RotatingFile>(settings_.file, settings_.file_bytes_max,
                                           settings_.files_max - 1);
    file_->set_formatter(formatter_->clone());
  }

  void reopen_if_due() {
    if (!failing_ || Clock::now() < reopen_at_) return;
    reopen_at_ = Clock::now() + kReopenPause;
    open();
  }

  void sink_it_(const spdlog::details::log_msg& message) override {
    try {
      reopen_if_due();
      file_->log(message);
      file_->flush();
      failing_ = false;
    } catch (...) {
      failing_ = true;
      throw;
    }
  }

  void flush_() override { file_->flush(); }

  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    file_->set_formatter(formatter->clone());
    base_sink::set_formatter_(std::move(formatter));
  }

  const NodeSettings::Log settings_;
  std::unique_ptr<RotatingFile> file_;
  bool failing_ = false;
  Clock::time_point reopen_at_{};
};

}  // namespace

Result<std::shared_ptr<spdlog::sinks::sink>> open_log_file(const NodeSettings::Log& settings) {
  try {
    return std::shared_ptr<spdlog::sinks::sink>(std::make_shared<LogFile>(settings));
  } catch (const spdlog::spdlog_ex& error) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("log.file '{}' cannot be opened: {}", settings.file, error.what())};
  }
}

}  // namespace mosaic::log
