#include <fmt/format.h>

#include <chrono>
#include <random>

#include "base/json_writer.hpp"
#include "cli/bench/plot.hpp"
#include "cli/bench/recall.hpp"
#include "cli/bench/report.hpp"
#include "cli/bench/run.hpp"
#include "cli/commands.hpp"
#include "cli/output_file.hpp"
#include "cli/progress_display.hpp"
#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

constexpr int kExitInterrupted = 130;  // As a shell says of a process that SIGINT ended.
constexpr std::size_t kDeletedAtOnce = 1'000;

std::uint64_t random_number() {
  std::random_device device;
  return device();
}

net::LoadTarget target_of(const BenchArguments& arguments) {
  net::LoadTarget target{.url = arguments.server.url,
                         .connections = arguments.connections,
                         .timeout_ms = static_cast<std::uint32_t>(arguments.timeout.count())};
  while (!target.url.empty() && target.url.back() == '/') target.url.pop_back();
  target.headers.emplace_back("Content-Type", "application/json");
  if (!arguments.server.api_key.empty()) {
    target.headers.emplace_back("Authorization", "Bearer " + arguments.server.api_key);
  }
  return target;
}

Progress progress_of(const BenchArguments& arguments, const BenchRun& run, TimePoint start) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const auto live = run.live();
  const auto passed = duration_cast<milliseconds>(std::chrono::steady_clock::now() - start).count();
  return {.label = "loading " + one_line(arguments.collection),
          .start = start,
          .items = live.requests,
          .done = static_cast<std::uint64_t>(passed),
          .total = static_cast<std::uint64_t>((arguments.warmup + arguments.duration).count()),
          .unit = "requests",
          .note = bench_note(live)};
}

void run_load(const BenchArguments& arguments, BenchRun& run, TimePoint start,
              const Console& console) {
  net::LoadLoop loop(target_of(arguments));
  ProgressDisplay display(console.err, console.err_terminal,
                          [&, start] { return progress_of(arguments, run, start); });
  const auto given_up = loop.run(run);
  run.finish(given_up, std::chrono::steady_clock::now());
}

/// Throws Failure when one of them may remain.
std::uint64_t delete_written(ApiClient& client, const BenchArguments& arguments,
                             const BenchWorkload& workload) {
  const auto path = collection_path(arguments.collection, "/documents/delete");
  std::uint64_t deleted = 0;
  for (std::uint64_t first = 0; first < workload.written(); first += kDeletedAtOnce) {
    JsonWriter body;
    body.begin_object().key("ids").begin_array();
    const auto end = std::min<std::uint64_t>(first + kDeletedAtOnce, workload.written());
    for (auto i = first; i < end; ++i) body.string(workload.id(i));
    body.end_array().end_object();
    deleted += client.call("POST", path, body.take()).json().value("deleted", std::uint64_t{0});
  }
  return deleted;
}

void print(const BenchResults& results, const Console& console) {
  console.out << (results.arguments.json ? bench_json(results) + '\n'
                                         : bench_table(results, console.out_terminal))
              << std::flush;
}

void draw(const BenchResults& results) {
  if (results.arguments.plot_file.empty()) return;
  OutputFile file(results.arguments.plot_file);
  file.write(bench_plot(results));
  file.complete();
}

[[noreturn]] void complain_of_all(const BenchRun& run) {
  throw Failure(ErrorCode::kUnavailable,
                fmt::format("none of {} requests succeeded; the first was told: {}",
                            run.tally().all().requests, run.first_error()));
}

/// What the documents that were written came to; the results are shown whatever becomes of them.
struct Cleanup {
  std::uint64_t deleted = 0;
  std::optional<Failure> failure;
};

Cleanup clean_up(ApiClient& client, const BenchArguments& arguments,
                 const BenchWorkload& workload) {
  Cleanup cleanup;
  if (arguments.keep) return cleanup;
  try {
    cleanup.deleted = delete_written(client, arguments, workload);
  } catch (const Failure& failure) {
    cleanup.failure =
        Failure(failure.error().code,
                fmt::format("documents {} to {} may remain: {}", workload.id(0),
                            workload.id(workload.written() - 1), failure.error().detail));
  }
  return cleanup;
}

}  // namespace

int run_bench(const BenchArguments& arguments, const Console& console) {
  if (!arguments.plot_file.empty()) OutputFile::check(arguments.plot_file);
  ApiClient client(arguments.server);
  const auto seed = arguments.seed.value_or(random_number());
  const auto prefix = fmt::format("bench-{:08x}-", random_number());
  BenchWorkload workload(arguments, make_corpus(client, arguments, seed), prefix, seed);
  const Interrupt interrupt;
  const auto start = std::chrono::steady_clock::now();
  BenchRun run(arguments, workload, interrupt, start);
  run_load(arguments, run, start, console);
  const auto cleanup = clean_up(client, arguments, workload);
  BenchResults results{.arguments = arguments,
                       .tally = run.tally(),
                       .seed = seed,
                       .interrupted = run.interrupted(),
                       .given_up = run.given_up(),
                       .unsent = run.unsent(),
                       .documents_written = workload.written(),
                       .documents_deleted = cleanup.deleted};
  const bool succeeded = run.tally().all().ok > 0;
  std::optional<Failure> failure = cleanup.failure;
  if (arguments.recall && succeeded && !run.interrupted()) {
    try {
      results.recall = measure_recall(client, arguments, workload.corpus().vector);
    } catch (const Failure& caught) {
      if (!failure) failure = caught;
    }
  }
  print(results, console);
  draw(results);
  if (failure) throw Failure(*failure);
  if (run.interrupted()) return kExitInterrupted;
  if (!succeeded) complain_of_all(run);
  return 0;
}

}  // namespace mosaic::cli
