// What the actors cost a search by themselves: a real coordinator and real rankers over searchers
// that answer at once with a fixed list of candidates, so that no time goes into searching. Every
// arrangement of threads is measured in turn, round by round, so that a slow moment of the machine
// hits all alike; the table shows medians over the rounds. MOSAIC_BENCH_ROUNDS changes their
// number.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "actors/coordinator.hpp"
#include "actors/ranker.hpp"

namespace mosaic::actors {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kHits = 10;
constexpr std::size_t kInFlight = 64;
constexpr std::size_t kWarmUp = 200;
constexpr milliseconds kMeasureTime{400};
constexpr seconds kPatience{30};
constexpr Seq kCut = 1;

/// Who has a thread of its own.
struct Arrangement {
  const char* name;
  bool searchers_detached;
  bool coordinator_detached;
  bool rankers_detached;
};

constexpr Arrangement kArrangements[] = {
    {"C+R detached, S scheduled", false, true, true},
    {"C+R+S detached", true, true, true},
    {"C detached, R+S scheduled", false, true, false},
    {"C+S detached, R scheduled", true, true, false},
    {"all scheduled", false, false, false},
    {"S detached, C+R scheduled", true, false, false},
};

struct bench_config : caf::actor_system_config {
  bench_config() {
    add_protocol(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads",
        std::size_t{2} * std::max(1U, std::thread::hardware_concurrency()));
  }
};

std::string id_of(ShardId shard, std::size_t number) {
  return fmt::format("document-{}-{}", shard.value, number);
}

shard::ShardCandidates candidates_of(ShardId shard) {
  shard::ShardCandidates found;
  found.seq = kCut;
  found.documents = 1'000;
  for (std::size_t i = 0; i < kHits; ++i) {
    query::Candidate candidate;
    candidate.shard = shard;
    candidate.row = i + 1;
    candidate.id = id_of(shard, i);
    candidate.score = 1.0 / static_cast<double>(1 + i * 16 + shard.value);
    candidate.distance = 1 - candidate.score;
    candidate.vector_score = candidate.score;
    found.vector_arm.push_back(std::move(candidate));
  }
  return found;
}

shard::FoundDocuments documents_of(ShardId shard, const std::vector<Row>& rows) {
  shard::FoundDocuments reply;
  for (const auto row : rows) {
    StoredDocument stored;
    stored.document.id = id_of(shard, row - 1);
    stored.shard = shard;
    stored.seq = kCut;
    reply.documents.push_back(std::move(stored));
  }
  return reply;
}

caf::error not_part_of_this() {
  return to_caf(Error{ErrorCode::kInternal, "not part of this measurement"});
}

searcher_actor::behavior_type ready_searcher(searcher_actor::pointer, ShardId shard) {
  const auto candidates = candidates_of(shard);
  return {
      [](text_stats_atom, const text_stats_request&) -> caf::result<storage::TextStats> {
        return not_part_of_this();
      },
      [=](search_atom, const shard_search_request&) { return candidates; },
      [=](fetch_atom, const fetch_request& r) { return documents_of(shard, r.rows); },
      [](read_atom, const shard_get_request&) -> caf::result<shard::FoundDocuments> {
        return not_part_of_this();
      },
      [](list_atom, const shard_list_request&) -> caf::result<shard::Page> {
        return not_part_of_this();
      },
      [](match_atom, const matches_request&) -> caf::result<matches_reply> {
        return not_part_of_this();
      },
      [](graph_atom, const graph_request&) -> caf::result<shard::GraphPage> {
        return not_part_of_this();
      },
      [](count_atom, const count_request&) -> caf::result<shard::DocumentCount> {
        return not_part_of_this();
      },
      [](sample_atom, const sample_request&) -> caf::result<shard::SamplePage> {
        return not_part_of_this();
      },
      [](move_atom, const misplaced_request&) -> caf::result<shard::MovePage> {
        return not_part_of_this();
      },
      [](stage_atom, const unstaged_request&) -> caf::result<shard::UnstagedPage> {
        return not_part_of_this();
      },
      [](info_atom, Seq) -> caf::result<ShardInfo> { return not_part_of_this(); },
      [](snapshot_atom, const std::string&, Seq) -> caf::result<kept_reader_ptr> {
        return not_part_of_this();
      },
      [](fault_atom, const FaultRequest&) {},
  };
}

template <class... Arguments>
auto spawn(caf::actor_system& system, bool detached, Arguments&&... arguments) {
  return detached ? system.spawn<caf::detached>(std::forward<Arguments>(arguments)...)
                  : system.spawn(std::forward<Arguments>(arguments)...);
}

/// The actors of one arrangement; they end with it.
class Stage {
 public:
  Stage(const Arrangement& arrangement, std::uint32_t shards) : self_(system_) {
    auto parts = std::make_shared<node_parts>();
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < cores; ++i)
      parts->rankers.push_back(keep(spawn(system_, arrangement.rankers_detached, ranker)));
    coordinator_ = keep(spawn(system_, arrangement.coordinator_detached, coordinator,
                              coordinator_config{"bench", 10'000, 0}));
    parts->coordinators = {coordinator_};
    CollectionSettings settings;
    settings.name = "docs";
    settings.dimension = 2;
    settings.embedder = "none";
    settings.shards = shards;
    self_->send(coordinator_, parts_atom_v, node_parts_ptr(parts));
    self_->send(coordinator_, opened_atom_v, collection_opened{{1}, settings});
    for (std::uint32_t i = 0; i < shards; ++i) {
      const std::vector<searcher_actor> searchers = {
          keep(spawn(system_, arrangement.searchers_detached, ready_searcher, ShardId{i})),
          keep(spawn(system_, arrangement.searchers_detached, ready_searcher, ShardId{i}))};
      self_->send(coordinator_, up_atom_v, shard_key{{1}, {i}}, searchers);
    }
    self_->send(coordinator_, cut_atom_v, cut_moved{{1}, kCut});
  }

  ~Stage() {
    for (const auto& actor : actors_) self_->send_exit(actor, caf::exit_reason::user_shutdown);
    coordinator_ = nullptr;
    actors_.clear();
  }
  Stage(const Stage&) = delete;

  /// Microseconds of each request, one at a time.
  std::vector<double> latencies() {
    std::vector<double> times;
    for (std::size_t i = 0; i < kWarmUp; ++i) ask(1);
    for (const auto end = Clock::now() + kMeasureTime; Clock::now() < end;) {
      const auto begin = Clock::now();
      ask(1);
      times.push_back(duration<double, std::micro>(Clock::now() - begin).count());
    }
    return times;
  }

  /// Requests per second, with kInFlight under way. The client waits for all before it sends anew.
  double rate() {
    std::size_t answered = 0;
    const auto begin = Clock::now();
    while (Clock::now() - begin < kMeasureTime) {
      ask(kInFlight);
      answered += kInFlight;
    }
    return static_cast<double>(answered) / duration<double>(Clock::now() - begin).count();
  }

 private:
  template <class Actor>
  Actor keep(Actor actor) {
    actors_.push_back(caf::actor_cast<caf::actor>(actor));
    return actor;
  }

  void ask(std::size_t count) {
    SearchRequest request;
    request.collection = "docs";
    request.vector = {1, 0};
    using pending_reply = decltype(self_->request(coordinator_, kPatience, search_atom_v, request));
    std::vector<pending_reply> pending;
    for (std::size_t i = 0; i < count; ++i)
      pending.push_back(self_->request(coordinator_, kPatience, search_atom_v, request));
    for (auto& reply : pending) {
      reply.receive(
          [](const SearchReply& found) {
            if (found.partial || found.hits.size() != kHits) fail("a wrong answer");
          },
          [](const caf::error& error) { fail(from_caf(error).detail); });
    }
  }

  [[noreturn]] static void fail(const std::string& why) {
    fmt::print(stderr, "{}\n", why);
    std::_Exit(1);
  }

  bench_config config_;
  caf::actor_system system_{config_};
  caf::scoped_actor self_;
  coordinator_actor coordinator_;
  std::vector<caf::actor> actors_;
};

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

struct Figures {
  std::vector<double> p50_us;
  std::vector<double> p99_us;
  std::vector<double> rates;
};

void measure(const Arrangement& arrangement, std::uint32_t shards, Figures& figures) {
  Stage stage(arrangement, shards);
  const auto times = stage.latencies();
  figures.p50_us.push_back(quantile(times, 0.5));
  figures.p99_us.push_back(quantile(times, 0.99));
  figures.rates.push_back(stage.rate());
}

void run(int rounds) {
  fmt::print("{:26} {:>7} {:>9} {:>9} {:>10}\n", "C coordinator, R, S", "shards", "p50 us",
             "p99 us", "req/s @64");
  for (const std::uint32_t shards : {1U, 4U, 16U}) {
    std::vector<Figures> figures(std::size(kArrangements));
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < figures.size(); ++i)
        measure(kArrangements[i], shards, figures[i]);
    }
    for (std::size_t i = 0; i < figures.size(); ++i) {
      fmt::print("{:26} {:>7} {:>9.1f} {:>9.1f} {:>10.0f}\n", kArrangements[i].name, shards,
                 quantile(figures[i].p50_us, 0.5), quantile(figures[i].p99_us, 0.5),
                 quantile(figures[i].rates, 0.5));
    }
  }
}

}  // namespace
}  // namespace mosaic::actors

int main() {
  const char* rounds = std::getenv("MOSAIC_BENCH_ROUNDS");
  mosaic::actors::run(rounds == nullptr ? 5 : std::max(1, std::atoi(rounds)));
}
