// One load on a node: the port of a net::LoadLoop that knows the schedule, makes the requests and
// keeps the tally. The loop's thread drives it; live() alone may be asked from another.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cli/bench/schedule.hpp"
#include "cli/bench/tally.hpp"
#include "cli/bench/workload.hpp"
#include "cli/interrupt.hpp"
#include "net/load_loop.hpp"

namespace mosaic::cli {

/// How it goes, for people who wait.
struct BenchLive {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  bool warming_up = false;
  std::uint64_t measured = 0;  ///< requests that the percentiles are of
  LatencyHistogram::Time p50{0};
  LatencyHistogram::Time p99{0};
};

/// What of it is more than a count of requests; may be empty.
std::string bench_note(const BenchLive& live);

class BenchRun : public net::LoadPort {
 public:
  /// `workload` and `interrupt` outlive it; the warm-up begins at `start`.
  BenchRun(const BenchArguments& arguments, BenchWorkload& workload, const Interrupt& interrupt,
           TimePoint start);

  TimePoint next_due() const override { return schedule_.next_due(); }
  bool next(std::uint32_t connection, TimePoint free_since, TimePoint now,
            net::LoadRequest& request) override;
  void answered(std::uint32_t connection, const net::LoadReply& reply, TimePoint now) override;
  bool goes_on(TimePoint now) override;

  /// When the loop has ended, at `now`.
  void finish(std::size_t given_up, TimePoint now);

  BenchLive live() const;
  const BenchTally& tally() const { return tally_; }
  bool interrupted() const { return interrupted_at_.has_value(); }
  /// Requests still without an answer some seconds after the load was interrupted; they are in no
  /// other figure.
  std::uint64_t given_up() const { return given_up_; }
  /// Requests that were due before the end and found no free connection.
  std::uint64_t unsent() const { return unsent_; }
  /// What the first request that failed was told; empty: none failed.
  const std::string& first_error() const { return first_error_; }

 private:
  struct Pending {
    Operation operation = Operation::kText;
    TimePoint due;
    TimePoint free_since;
    TimePoint sent;
  };

  void look(TimePoint now);
  void note_problem(const net::LoadReply& reply, BenchAnswer& answer);

  const TimePoint measured_from_;
  BenchWorkload& workload_;
  const Interrupt& interrupt_;
  BenchSchedule schedule_;
  BenchTally tally_;
  std::vector<Pending> pending_;  ///< by connection
  TimePoint next_look_;
  std::uint64_t warmup_requests_ = 0;
  std::uint64_t given_up_ = 0;
  std::uint64_t unsent_ = 0;
  std::optional<TimePoint> interrupted_at_;
  std::string first_error_;
  mutable std::mutex live_mutex_;
  BenchLive live_;
};

}  // namespace mosaic::cli
