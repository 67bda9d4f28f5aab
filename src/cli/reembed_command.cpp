#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/json_writer.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_fields.hpp"
#include "cli/progress_display.hpp"
#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::milliseconds kPoll{200};

std::string body_of(const ReembedArguments& arguments) {
  JsonWriter body;
  body.begin_object().key("embedder").string(arguments.embedder);
  if (arguments.dimension) body.key("dimension").number(*arguments.dimension);
  return body.end_object().take();
}

std::string state_of(const Json& job) {
  return field(job, "state");
}

/// Follows the job to its end. Ctrl-C cancels it, once.
Json follow(ApiClient& client, Json job, std::atomic<double>& progress) {
  const auto path = "/api/v1/jobs/" + field(job, "id");
  const Interrupt interrupt;
  bool cancelled = false;
  while (state_of(job) == "running") {
    std::this_thread::sleep_for(kPoll);
    const bool cancel = interrupt.raised() && !std::exchange(cancelled, true);
    job = client.call(cancel ? "DELETE" : "GET", path).json();
    progress = job.value("progress", 0.0);
  }
  return job;
}

Json follow_shown(ApiClient& client, const ReembedArguments& arguments, Json job,
                  std::uint64_t documents, const Console& console) {
  std::atomic<double> progress = 0;
  constexpr double kWhole = 10'000;
  const auto start = std::chrono::steady_clock::now();
  ProgressDisplay display(console.err, console.err_terminal, [&] {
    const double share = progress;
    return Progress{.label = "embedding " + one_line(arguments.collection),
                    .start = start,
                    .items = static_cast<std::uint64_t>(share * static_cast<double>(documents)),
                    .done = static_cast<std::uint64_t>(share * kWhole),
                    .total = static_cast<std::uint64_t>(kWhole)};
  });
  return follow(client, std::move(job), progress);
}

}  // namespace

int run_reembed(const ReembedArguments& arguments, const Console& console) {
  ApiClient client(arguments.server);
  const auto documents = client.call("GET", collection_path(arguments.collection))
                             .json()
                             .value("documents", std::uint64_t{0});
  const auto started =
      client.call("POST", collection_path(arguments.collection, "/reembed"), body_of(arguments));
  const auto job = follow_shown(client, arguments, started.json(), documents, console);
  if (arguments.json) console.out << job.dump() << '\n';
  if (state_of(job) != "done") {
    throw Failure(ErrorCode::kInternal,
                  fmt::format("the job {}: {}", state_of(job), one_line(field(job, "detail"))));
  }
  if (arguments.json) return 0;
  const auto& result = job.at("result");
  console.out << fmt::format("collection '{}' is embedded by '{}' at {} dimensions: {} documents",
                             one_line(arguments.collection), one_line(field(result, "embedder")),
                             field(result, "dimension"), count_field(result, "embedded"));
  if (result.value("without", 0) != 0)
    console.out << fmt::format(", {} without a vector", count_field(result, "without"));
  console.out << '\n';
  return 0;
}

}  // namespace mosaic::cli
