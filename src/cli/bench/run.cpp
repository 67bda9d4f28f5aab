#include "cli/bench/run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/progress.hpp"

namespace mosaic::cli {
namespace {

constexpr std::chrono::milliseconds kLookEvery{100};
/// When interrupted, answers to requests under way are waited for so long.
constexpr std::chrono::seconds kDrainMax{5};

/// The last "partial" of an answer is its own; one before is a member of somebody's metadata.
bool is_partial(std::string_view body) {
  constexpr std::string_view kKey = "\"partial\":";
  const auto at = body.rfind(kKey);
  return at != std::string_view::npos && body.substr(at + kKey.size(), 4) == "true";
}

bool is_search(Operation operation) {
  return operation != Operation::kWrite && operation != Operation::kGet;
}

double ms(LatencyHistogram::Time time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

std::string bench_note(const BenchLive& live) {
  std::string note = live.warming_up ? "warming up" : "";
  if (live.measured != 0)
    note = fmt::format("p50 {:.1f} ms, p99 {:.1f} ms", ms(live.p50), ms(live.p99));
  if (live.errors == 0) return note;
  return fmt::format("{}{}{} errors", note, note.empty() ? "" : ", ", with_thousands(live.errors));
}

BenchRun::BenchRun(const BenchArguments& arguments, BenchWorkload& workload,
                   const Interrupt& interrupt, TimePoint start)
    : measured_from_(start + arguments.warmup),
      workload_(workload),
      interrupt_(interrupt),
      schedule_(start, measured_from_ + arguments.duration, arguments.rate_per_s),
      tally_(measured_from_, interval_for(arguments.duration)),
      pending_(arguments.connections) {}

bool BenchRun::next(std::uint32_t connection, TimePoint free_since, TimePoint now,
                    net::LoadRequest& request) {
  const auto due = schedule_.take(now);
  if (!due) return false;
  pending_[connection] = {workload_.next(request), *due, free_since, now};
  return true;
}

void BenchRun::answered(std::uint32_t connection, const net::LoadReply& reply, TimePoint now) {
  const auto& pending = pending_[connection];
  BenchAnswer answer{.operation = pending.operation,
                     .due = pending.due,
                     .free_since = pending.free_since,
                     .sent = pending.sent,
                     .answered = now,
                     .status = reply.status,
                     .bytes_sent = reply.bytes_sent,
                     .bytes_received = reply.bytes_received};
  if (!answer.ok()) note_problem(reply, answer);
  answer.partial = answer.ok() && is_search(answer.operation) && is_partial(reply.body);
  if (answer.due >= measured_from_) {
    tally_.add(answer);
  } else {
    ++warmup_requests_;
  }
}

bool BenchRun::goes_on(TimePoint now) {
  if (now >= next_look_) look(now);
  if (interrupt_.raised() && !interrupted_at_) {
    interrupted_at_ = now;
    schedule_.stop(now);
  }
  // Writes that are given up could be stored after what was written has been deleted.
  return !interrupted_at_ || now < *interrupted_at_ + kDrainMax;
}

/// Percentiles cost a walk over the histogram, so not at every turn of the loop.
void BenchRun::look(TimePoint now) {
  next_look_ = now + kLookEvery;
  const auto& all = tally_.all();
  const std::lock_guard lock(live_mutex_);
  live_ = {.requests = warmup_requests_ + all.requests,
           .errors = all.requests - all.ok,
           .warming_up = now < measured_from_,
           .measured = all.ok,
           .p50 = all.latency.percentile(0.5),
           .p99 = all.latency.percentile(0.99)};
}

void BenchRun::finish(std::size_t given_up, TimePoint now) {
  given_up_ = given_up;
  unsent_ = schedule_.overdue(now);
  tally_.finish();
}

BenchLive BenchRun::live() const {
  const std::lock_guard lock(live_mutex_);
  return live_;
}

void BenchRun::note_problem(const net::LoadReply& reply, BenchAnswer& answer) {
  Problem problem;
  if (reply.error) {
    problem = {reply.error->detail, std::string(to_string(reply.error->code))};
  } else {
    problem = parse_problem({reply.status, std::string(reply.body), std::nullopt});
    if (problem.detail.empty()) problem.detail = "HTTP status " + std::to_string(reply.status);
  }
  if (first_error_.empty()) first_error_ = problem.detail;
  answer.code = std::move(problem.code);
}

}  // namespace mosaic::cli
