// The vector index against hnswlib over float32, compiled for this CPU, against an exact scan and
// against the other libraries that were there: in one process, on one core, taking turns round by
// round. Recall against CPU time per query, building, opening, memory and filters; as text, and as
// JSON with --json for bench/index_report.py.
#include <fmt/format.h>
#include <sys/utsname.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/failure.hpp"
#include "index/graph/graph_builder.hpp"
#include "index/vector_set.hpp"
#include "index_contest.hpp"
#include "index_filters.hpp"
#include "native_hnsw.hpp"
#include "peer.hpp"
#include "resident.hpp"
#include "support/temporary_folder.hpp"
#include "vector_data.hpp"

namespace mosaic::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kRecalls[] = {0.95, 0.99};
constexpr int kOpenings = 9;

struct Arguments {
  std::uint32_t dimension = 128;
  std::size_t rows = 100'000;
  std::size_t queries = 500;
  Clusters clusters;
  std::string base;  ///< .fvecs files; empty: clusters
  std::string query;
  std::string metric = "cosine";
  std::string quantization = "int8";
  std::uint32_t m = 16;
  std::uint32_t ef_construction = 200;
  std::vector<std::size_t> efs = {10, 12,  16,  20,  24,  32,  48,  64,
                                  96, 128, 192, 256, 384, 512, 768, 1'024};
  int rounds = 5;
  std::size_t filter_ef = 0;  ///< 0: the first one that finds enough without a filter
  std::size_t filter_queries = 50;
  bool peers = true;
  std::string graphs;  ///< folder where graphs stay; empty: none
  std::string json;
  std::string resident;  ///< set in the process that measures memory
  std::string folder;
};

template <class T>
T value_of(Result<T> result) {
  if (!result) throw Failure(result.error());
  return std::move(*result);
}

Quantization quantization_of(const std::string& word) {
  for (const auto each :
       {Quantization::kNone, Quantization::kFloat16, Quantization::kInt8, Quantization::kBinary}) {
    if (to_string(each) == word) return each;
  }
  throw Failure(invalid(fmt::format("--quantization '{}'", word)));
}

double process_cpu_s() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double wall_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  utsname machine;
  return uname(&machine) == 0 ? machine.machine : "unknown";
}

/// Everything that is measured about one set of vectors, in the order of the functions.
class IndexBench {
 public:
  IndexBench(const Arguments& arguments, std::string program, VectorData data)
      : arguments_(arguments),
        program_(std::move(program)),
        data_(std::move(data)),
        folder_(arguments.graphs.empty() ? temporary_.path().string() : arguments.graphs),
        truth_(data_) {
    std::filesystem::create_directories(folder_);
    if (arguments.peers) peers_ = make_peers(data_, {arguments.m, arguments.ef_construction});
  }

  Json run() {
    describe();
    build();
    open();
    find_truth();
    search();
    remember();
    filter();
    return std::move(report_);
  }

 private:
  void describe() {
    report_["name"] = data_.name;
    report_["metric"] = to_string(data_.metric);
    report_["rows"] = data_.size();
    report_["dimension"] = data_.dimension;
    report_["queries"] = data_.query_count();
    report_["quantization"] = arguments_.quantization;
    report_["m"] = arguments_.m;
    report_["ef_construction"] = arguments_.ef_construction;
    report_["rounds"] = arguments_.rounds;
    report_["cpu"] = cpu_model();
    report_["kernels"] = index::code_kernels().name;
    fmt::print("{}, {}, {}; {} codes by {} kernels\n", data_.name, to_string(data_.metric),
               cpu_model(), arguments_.quantization, index::code_kernels().name);
  }

  /// Each graph goes into a file; one that is there already is not built again.
  void build() {
    if (std::ifstream file(folder_ / "rates.json"); file) rates_ = Json::parse(file);
    build_one("mosaic", [this](const auto& file) { write_graph(file); });
    build_one("hnswlib", [this](const auto& file) { write_hnswlib(file); });
    hnswlib_ = std::make_unique<NativeHnsw>(data_.metric, data_.dimension, folder_ / "hnswlib");
    for (const auto& peer : peers_) {
      build_one(peer->name(), [this, &peer](const auto& file) {
        peer->build(data_);
        peer->save(file);
      });
      peer->load(folder_ / peer->name());
    }
    report_["build"] = rates_;
    report_["absent"] = absent_peers();
  }

  template <class Build>
  void build_one(const std::string& name, const Build& write) {
    const auto file = folder_ / name;
    if (!rates_.contains(name) || !std::filesystem::exists(file)) {
      const double begin = process_cpu_s();
      write(file);
      rates_[name] = static_cast<double>(data_.size()) / (process_cpu_s() - begin);
      std::ofstream(folder_ / "rates.json") << rates_.dump(1) << '\n';
    }
    fmt::print("{}: {:.0f} adds per CPU second\n", name, rates_[name].get<double>());
    std::fflush(stdout);
  }

  void write_hnswlib(const std::filesystem::path& file) const {
    NativeHnsw graph(data_.metric, data_.dimension, data_.size(), arguments_.m,
                     arguments_.ef_construction);
    for (std::size_t i = 0; i < data_.size(); ++i) graph.add(data_.row(i), i);
    graph.save(file);
  }

  /// Written and synced within the time that is measured.
  void write_graph(const std::filesystem::path& file) const {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < data_.size(); ++i) ids.push_back(fmt::format("document-{}", i));
    std::vector<index::SourceVector> sources;
    for (std::size_t i = 0; i < data_.size(); ++i) {
      sources.push_back({static_cast<Row>(i + 1), ids[i], data_.row(i), true});
    }
    index::BuildOptions options;
    options.collection = kCollection;
    options.shard = kShard;
    options.metric = data_.metric;
    options.quantization = quantization_of(arguments_.quantization);
    options.dimension = data_.dimension;
    options.m = arguments_.m;
    options.ef_construction = arguments_.ef_construction;
    options.seq = 1;
    options.last_row = static_cast<Row>(data_.size());
    const auto graph =
        index::build_graph(options, std::move(sources), nullptr, stop_, [](std::size_t) {});
    index::write_graph_file(file, *graph);
  }

  /// From a file in the page cache to the first answer.
  void open() {
    std::vector<double> times;
    std::shared_ptr<index::Graph> graph;
    for (int i = 0; i < kOpenings; ++i) {
      const double begin = wall_ms();
      graph = open_graph(folder_ / "mosaic", data_.metric, data_.dimension);
      view_ = index::VectorSet(data_.metric, data_.dimension, graph).view(1);
      (void)value_of(view_->nearest(request(0)));
      times.push_back(wall_ms() - begin);
    }
    const double begin = wall_ms();
    if (const auto loaded = graph->load_hot(stop_); !loaded) throw Failure(loaded.error());
    const double hot_ms = wall_ms() - begin;
    report_["open_ms"] = median(times);
    report_["hot_ms"] = hot_ms;
    fmt::print("open and answer once: {:.1f} ms; hot after another {:.0f} ms\n", median(times),
               hot_ms);
  }

  index::NearestRequest request(std::size_t query) const {
    return {{data_.query(query), data_.dimension}, kNearest, nullptr, kEfDefault, false, {}};
  }

  void find_truth() {
    const double begin = thread_cpu_us();
    for (std::size_t i = 0; i < data_.query_count(); ++i) {
      auto exactly = request(i);
      exactly.exact = true;
      truth_.add(value_of(view_->nearest(exactly)).neighbors.back().distance);
    }
    const double us = (thread_cpu_us() - begin) / static_cast<double>(data_.query_count());
    report_["exact_us"] = us;
    fmt::print("exact scan: {:.0f} us\n", us);
  }

  void search() {
    const Contender ours{"mosaic", [this](const float* query, std::size_t ef, auto& found) {
                           const auto nearest = value_of(view_->nearest(
                               {{query, data_.dimension}, kNearest, nullptr, ef, false, {}}));
                           found.clear();
                           for (const auto& neighbor : nearest.neighbors) {
                             found.push_back(static_cast<std::size_t>(neighbor.row - 1));
                           }
                         }};
    const Contender theirs{"hnswlib", [this](const float* query, std::size_t ef, auto& found) {
                             hnswlib_->search(query, kNearest, ef, found);
                           }};
    std::vector<Contender> contenders{ours, theirs};
    for (const auto& peer : peers_) {
      contenders.push_back({peer->name(), [&peer](const float* query, std::size_t ef, auto& found) {
                              peer->search(query, kNearest, ef, found);
                            }});
    }
    const auto curves = contest(data_, truth_, contenders, arguments_.efs, arguments_.rounds);
    enough_ = enough(curves[0]);
    for (const auto& curve : curves) tell(curve);
    for (std::size_t i = 1; i < curves.size(); ++i) {
      for (const double recall : kRecalls) compare(curves[0], curves[i], recall);
    }
  }

  void tell(const Curve& curve) {
    Json points = Json::array();
    fmt::print("{:>8}    ef  recall  us/query\n", curve.name);
    for (const auto& point : curve.points) {
      points.push_back({{"ef", point.ef}, {"recall", point.recall}, {"us", median(point.us)}});
      fmt::print("{:14}  {:.4f}  {:8.1f}\n", point.ef, point.recall, median(point.us));
    }
    report_["curves"].push_back({{"name", curve.name}, {"points", std::move(points)}});
  }

  void compare(const Curve& our, const Curve& their, double recall) {
    const auto ours = times_at(our, recall), theirs = times_at(their, recall);
    if (ours.empty() || theirs.empty()) {
      fmt::print("recall {}: not reached by both mosaic and {}\n", recall, their.name);
      return;
    }
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(theirs[i] / ours[i]);
    report_["ratios"].push_back({{"recall", recall},
                                 {"peer", their.name},
                                 {"mosaic_us", median(ours)},
                                 {"peer_us", median(theirs)},
                                 {"ratio", median(ratios)}});
    fmt::print("recall {}: mosaic {:.1f} us, {} {:.1f} us: {:.2f} times\n", recall, median(ours),
               their.name, median(theirs), median(ratios));
  }

  /// The graph's own arrays, and what whole processes keep.
  void remember() {
    const auto rows = static_cast<double>(data_.size());
    const auto of = [&](const char* which) {
      return measure_resident(program_, which, data_.metric, data_.dimension, folder_);
    };
    const auto ours = of("mosaic"), theirs = of("hnswlib");
    report_["bytes_per_vector"] = {
        {"file", static_cast<double>(std::filesystem::file_size(folder_ / "mosaic")) / rows},
        {"counted", static_cast<double>(view_->graph()->memory_bytes()) / rows},
        {"mosaic_own", ours.own / rows},
        {"mosaic_mapped", ours.mapped / rows},
        {"hnswlib_own", theirs.own / rows}};
    fmt::print("bytes per vector: {}\n", report_["bytes_per_vector"].dump());
  }

  /// The smallest beam that reaches kRecalls[0] without a filter, or the largest one.
  static std::size_t enough(const Curve& curve) {
    const auto found = std::ranges::find_if(
        curve.points, [](const Point& point) { return point.recall >= kRecalls[0]; });
    return found == curve.points.end() ? curve.points.back().ef : found->ef;
  }

  void filter() {
    if (arguments_.filter_queries == 0) return;
    const auto ef = arguments_.filter_ef != 0 ? arguments_.filter_ef : enough_;
    report_["filter_ef"] = ef;
    fmt::print("filters, ef {}\nfilter  share    recall        us  unfiltered    exact  way\n", ef);
    for (const auto& cost :
         measure_filters(data_, *view_, ef, arguments_.filter_queries, arguments_.rounds)) {
      report_["filters"].push_back({{"kind", cost.kind},
                                    {"share", cost.share},
                                    {"recall", cost.recall},
                                    {"us", cost.us},
                                    {"unfiltered_us", cost.unfiltered_us},
                                    {"exact_us", cost.exact_us},
                                    {"way", cost.way}});
      fmt::print("{:6}  {:6.2f}%  {:.4f}  {:8.1f}  {:10.1f} {:8.1f}  {}\n", cost.kind,
                 cost.share * 100, cost.recall, cost.us, cost.unfiltered_us, cost.exact_us,
                 cost.way);
    }
  }

  const Arguments& arguments_;
  const std::string program_;
  const VectorData data_;
  const test::TemporaryFolder temporary_;
  const std::filesystem::path folder_;
  const std::atomic<bool> stop_ = false;
  Truth truth_;
  Json rates_ = Json::object();
  std::unique_ptr<NativeHnsw> hnswlib_;
  Peers peers_;
  std::optional<index::VectorView> view_;
  std::size_t enough_ = 0;
  Json report_;
};

void add_options(CLI::App& app, Arguments& arguments) {
  app.add_option("--dimension", arguments.dimension, "of generated vectors");
  app.add_option("--rows", arguments.rows, "generated vectors");
  app.add_option("--queries", arguments.queries, "queries, at most");
  app.add_option("--seed", arguments.clusters.seed);
  app.add_option("--clusters", arguments.clusters.count);
  app.add_option("--directions", arguments.clusters.directions);
  app.add_option("--spread", arguments.clusters.spread);
  app.add_option("--noise", arguments.clusters.noise);
  auto* base = app.add_option("--base", arguments.base, "vectors: an .fvecs file, or gzipped");
  app.add_option("--query", arguments.query, "the queries for --base")->needs(base);
  app.add_option("--metric", arguments.metric, "cosine, l2 or dot");
  app.add_option("--quantization", arguments.quantization);
  app.add_option("--m", arguments.m);
  app.add_option("--ef-construction", arguments.ef_construction);
  app.add_option("--ef", arguments.efs, "beams to try, rising");
  app.add_option("--rounds", arguments.rounds)->check(CLI::PositiveNumber);
  app.add_option("--filter-ef", arguments.filter_ef,
                 "beam of filtered searches; 0: reaches .95 unfiltered");
  app.add_option("--filter-queries", arguments.filter_queries, "0: no filters");
  app.add_flag("!--no-peers", arguments.peers, "only hnswlib, no other library");
  app.add_option("--graphs", arguments.graphs, "folder that keeps the graphs for the next time");
  app.add_option("--json", arguments.json, "a file for the numbers");
  app.add_option("--resident", arguments.resident)->group("");
  app.add_option("--folder", arguments.folder)->group("");
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Measures the vector index.");
  add_options(app, arguments);
  CLI11_PARSE(app, argc, argv);
  const auto metric = value_of(parse_metric(arguments.metric));
  if (!arguments.resident.empty()) {
    print_resident(arguments.resident, metric, arguments.dimension, arguments.folder);
    return 0;
  }
  auto data = arguments.base.empty()
                  ? clustered(metric, arguments.dimension, arguments.rows, arguments.queries,
                              arguments.clusters)
                  : from_fvecs(metric, arguments.base, arguments.query, arguments.queries);
  const auto report = IndexBench(arguments, argv[0], std::move(data)).run();
  if (!arguments.json.empty()) std::ofstream(arguments.json) << report.dump(1) << '\n';
  return 0;
}

}  // namespace
}  // namespace mosaic::bench

int main(int argc, char** argv) {
  try {
    return mosaic::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "index_bench: {}\n", error.what());
    return 1;
  }
}
