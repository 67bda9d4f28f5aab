#include "cli/long_call.hpp"

#include <atomic>
#include <chrono>
#include <future>

#include "cli/interrupt.hpp"
#include "cli/json_fields.hpp"
#include "cli/progress_display.hpp"
#include "net/url.hpp"

namespace mosaic::cli {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::milliseconds kPoll{200};
constexpr std::uint32_t kLongTimeoutMs = 48 * 3'600 * 1'000;
constexpr double kWhole = 10'000;

/// The job as the node knows it now, or null. Where nobody can be asked there is no progress to
/// show.
Json find_job(ApiClient& client, const LongCall& call) {
  const auto answer = client.send("GET", "/api/v1/jobs");
  if (!answer.ok()) return {};
  const auto jobs = answer.json();
  for (const auto& job : items(jobs, "jobs")) {
    const bool named = call.collection.empty() ||
                       field(job, "detail").find("'" + call.collection + "'") != std::string::npos;
    if (field(job, "kind") == call.job_kind && field(job, "state") == "running" && named)
      return job;
  }
  return {};
}

/// Until the answer is there.
void watch(const std::future<ApiAnswer>& answer, ApiClient& client, const LongCall& call,
           std::atomic<double>& progress) {
  const Interrupt interrupt;
  bool cancelled = false;
  while (answer.wait_for(kPoll) != std::future_status::ready) {
    const auto job = find_job(client, call);
    if (job.is_null()) continue;
    progress = job.value("progress", 0.0);
    if (interrupt.raised() && !std::exchange(cancelled, true))
      client.send("DELETE", "/api/v1/jobs/" + net::escape(field(job, "id")));
  }
}

}  // namespace

ApiAnswer send_long_call(const Server& server, const LongCall& call, const Console& console) {
  auto answer = std::async(std::launch::async, [&] {
    return ApiClient(server, kLongTimeoutMs).call("POST", call.path, call.body);
  });
  // Quick ones show nothing.
  if (answer.wait_for(kPoll) == std::future_status::ready) return answer.get();
  ApiClient client(server);
  std::atomic<double> progress = 0;
  const auto start = std::chrono::steady_clock::now();
  {
    ProgressDisplay display(console.err, console.err_terminal, [&] {
      const auto done = static_cast<std::uint64_t>(progress * kWhole);
      return Progress{.label = call.label,
                      .start = start,
                      .items = done / 100,
                      .done = done,
                      .total = static_cast<std::uint64_t>(kWhole),
                      .unit = "%"};
    });
    watch(answer, client, call, progress);
  }
  return answer.get();
}

}  // namespace mosaic::cli
