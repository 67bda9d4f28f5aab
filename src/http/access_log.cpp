#include "http/access_log.hpp"

#include "base/line_budget.hpp"
#include "base/log.hpp"

namespace mosaic::http {
namespace {

constexpr std::uint32_t kFailuresPerSecond = 20;
constexpr int kServerFailed = 500;

void log_failure(const RequestRecord& request, TimePoint now) {
  static log::LineBudget budget(kFailuresPerSecond);
  const auto left_out = budget.take(now);
  if (!left_out) return;
  log::warn("a request failed", {{"route", request.route},
                                 {"method", request.method},
                                 {"status", request.status},
                                 {"detail", request.failure},
                                 {"trace_id", request.trace.trace_id},
                                 {"left_out", *left_out}});
}

}  // namespace

void count_request(metrics::HttpMetrics& metrics, const RequestRecord& request,
                   TimePoint answered) {
  metrics.answered(request.route, request.method, request.status, answered - request.began);
  metrics.sent(request.bytes);
}

void log_request(const RequestRecord& request, TimePoint answered) {
  if (log::enabled(log::Level::kDebug)) {
    const std::chrono::duration<double, std::milli> took = answered - request.began;
    log::debug("request", {{"method", request.method},
                           {"route", request.route},
                           {"status", request.status},
                           {"ms", took.count()},
                           {"bytes", request.bytes},
                           {"trace_id", request.trace.trace_id}});
  }
  if (request.status >= kServerFailed && log::enabled(log::Level::kWarn))
    log_failure(request, answered);
}

}  // namespace mosaic::http
