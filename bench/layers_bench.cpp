// What each layer costs a search: the same queries through the core alone (plan, embed, search,
// rank, fetch on one thread each) and through a whole node's engine port (actors), over the data
// folder that a node has left. bench/node_bench.py adds the layer of HTTP around it. Rounds take
// turns; JSON with medians over the rounds goes to stdout.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <thread>

#include "actors/node.hpp"
#include "base/failure.hpp"
#include "base/log.hpp"
#include "query/rank.hpp"
#include "search_load.hpp"
#include "shard/search_merge.hpp"
#include "shard/search_plan.hpp"
#include "shard/shard.hpp"
#include "storage/catalog.hpp"
#include "storage/data_folder.hpp"
#include "text/embedder.hpp"

namespace mosaic::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kWarmUp{300};
constexpr std::chrono::seconds kPatience{30};
constexpr std::size_t kInFlight = 16;

struct Arguments {
  std::string data_dir;
  std::string collection;
  std::string queries_file;
  std::size_t k = 10;
  int rounds = 3;
  int round_ms = 1'500;
};

std::vector<std::string> read_queries(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> queries;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) queries.push_back(line);
  if (queries.empty()) throw Failure(invalid(fmt::format("no query in '{}'", path)));
  return queries;
}

/// The shard of a collection of one, without an actor.
class Core {
 public:
  explicit Core(const Arguments& arguments) {
    auto folder = storage::DataFolder::open(arguments.data_dir);
    if (!folder) throw Failure(folder.error());
    folder_ = std::move(*folder);
    const storage::Catalog catalog(folder_->catalog());
    const auto* record = catalog.find(arguments.collection);
    if (record == nullptr || record->settings.shards != 1)
      throw Failure(invalid("the collection must be there and have one shard"));
    settings_ = record->settings;
    embedder_ = *text::open_embedder(settings_.embedder, settings_.dimension);
    shard_ = std::make_unique<shard::Shard>(
        shard::ShardOptions{folder_->shard(record->id, settings_.name, {0}),
                            {record->id, {0}, settings_.shards, settings_.dimension},
                            settings_.metric,
                            settings_.indexed,
                            true,
                            0});
  }

  shard::ShardSearcher searcher() const {
    return {
        {0}, settings_.metric, shard_->views(), std::make_shared<query::FilterCache>(64 << 20), {}};
  }

  Result<SearchReply> search(shard::ShardSearcher& searcher, SearchRequest request) const {
    const auto deadline = Deadline::in(Clock::now(), kPatience);
    auto query = shard::plan_search(request, settings_);
    if (!query) return query.error();
    if (shard::needs_embedding(*query, request) && embedder_)
      query->vector = embedder_->embed_query(*request.query);
    auto found = searcher.search(0, *query, deadline);
    if (!found) return found.error();
    const auto plan = query::rank_plan(request, settings_);
    shard::SearchMerge merge(request, {found->documents});
    merge.add({0}, std::move(*found));
    auto arms = merge.take_arms();
    merge.ranked(query::rank(plan, std::move(arms.vector_arms), std::move(arms.text_arms)));
    for (const auto& [shard, rows] : merge.rows()) {
      auto documents = searcher.fetch(rows, request.include, deadline);
      if (!documents) return documents.error();
      merge.add_documents(shard, std::move(*documents));
    }
    return merge.finish();
  }

 private:
  std::unique_ptr<storage::DataFolder> folder_;
  CollectionSettings settings_;
  std::shared_ptr<const text::Embedder> embedder_;
  std::unique_ptr<shard::Shard> shard_;
};

/// Searches on so many threads for the time, each one after the other.
SearchFigures measure_core(const Core& core, const SearchRequest& request,
                           const std::vector<std::string>& queries, std::size_t threads,
                           std::chrono::milliseconds time) {
  std::vector<std::vector<double>> times(threads);
  std::vector<std::jthread> workers;
  const auto begin = Clock::now();
  for (std::size_t t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      auto searcher = core.searcher();
      auto mine = request;
      for (auto n = t; Clock::now() < begin + time; n += threads) {
        mine.query = queries[n % queries.size()];
        const auto sent = Clock::now();
        if (const auto reply = core.search(searcher, mine); !reply) throw Failure(reply.error());
        times[t].push_back(std::chrono::duration<double, std::milli>(Clock::now() - sent).count());
      }
    });
  }
  workers.clear();
  const auto took = std::chrono::duration<double>(Clock::now() - begin).count();
  std::vector<double> all;
  for (const auto& some : times) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  const auto at = [&](double share) {
    return all.at(static_cast<std::size_t>(share * static_cast<double>(all.size() - 1)));
  };
  return {static_cast<double>(all.size()) / took, at(0.5), at(0.95), at(0.99), 0};
}

SearchFigures measure_engine(Engine& engine, const SearchRequest& request,
                             const std::vector<std::string>& queries, std::size_t in_flight,
                             std::chrono::milliseconds time) {
  std::atomic<std::size_t> next = 0;
  const AsyncSearch search = [&](SearchRequest one, Done<SearchReply> done) {
    one.query = queries[next++ % queries.size()];
    engine.search(std::move(one), std::move(done));
  };
  return measure(search, {request, in_flight, time});
}

SearchRequest request_of(const Arguments& arguments, SearchMode mode) {
  SearchRequest request;
  request.collection = arguments.collection;
  request.k = arguments.k;
  request.mode = mode;
  request.timeout_ms = 10'000;
  return request;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

using Series = std::map<std::string, std::vector<SearchFigures>>;

void print(const Series& series) {
  std::printf("{\n");
  const char* comma = "";
  for (const auto& [name, rounds] : series) {
    const auto of = [&rounds = rounds](double SearchFigures::*field) {
      std::vector<double> values;
      for (const auto& round : rounds) values.push_back(round.*field);
      return median(std::move(values));
    };
    std::printf("%s  \"%s\": {\"per_s\": %.1f, \"p50_ms\": %.4f, \"p99_ms\": %.4f}", comma,
                name.c_str(), of(&SearchFigures::per_s), of(&SearchFigures::p50_ms),
                of(&SearchFigures::p99_ms));
    comma = ",\n";
  }
  std::printf("\n}\n");
}

constexpr SearchMode kModes[] = {SearchMode::kText, SearchMode::kVector, SearchMode::kHybrid};

/// `layer(request, in flight, time)` measures.
template <class Layer>
void measure_modes(const Arguments& arguments, const char* name, Series& series, Layer layer) {
  for (const auto mode : kModes) {
    const auto request = request_of(arguments, mode);
    layer(request, kInFlight, kWarmUp);
    for (const std::size_t in_flight : {std::size_t{1}, kInFlight}) {
      series[fmt::format("{}/{}/{}", name, to_string(mode), in_flight)].push_back(
          layer(request, in_flight, std::chrono::milliseconds(arguments.round_ms)));
    }
  }
}

void run(const Arguments& arguments) {
  const auto queries = read_queries(arguments.queries_file);
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  Series series;
  for (int round = 0; round < arguments.rounds; ++round) {
    {
      const Core core(arguments);
      measure_modes(arguments, "core", series,
                    [&](const auto& request, std::size_t in_flight, auto time) {
                      return measure_core(core, request, queries, std::min(in_flight, cores), time);
                    });
    }
    NodeSettings settings;
    settings.node.data_dir = arguments.data_dir;
    settings.search.result_cache_bytes = 0;
    auto node = actors::Node::start(settings, "bench", [](const Error&) { std::abort(); });
    if (!node) throw Failure(node.error());
    measure_modes(arguments, "engine", series,
                  [&](const auto& request, std::size_t in_flight, auto time) {
                    return measure_engine((*node)->engine(), request, queries, in_flight, time);
                  });
  }
  print(series);
}

}  // namespace
}  // namespace mosaic::bench

int main(int argc, char** argv) {
  mosaic::bench::Arguments arguments;
  CLI::App app{"What each layer costs a search"};
  app.add_option("DATA_DIR", arguments.data_dir, "Folder that a node has left")->required();
  app.add_option("COLLECTION", arguments.collection, "One of one shard")->required();
  app.add_option("QUERIES", arguments.queries_file, "A file with one query a line")->required();
  app.add_option("-k", arguments.k, "Hits");
  app.add_option("--rounds", arguments.rounds, "Rounds; the medians over them are given");
  app.add_option("--round-ms", arguments.round_ms, "Time of one measurement in milliseconds");
  CLI11_PARSE(app, argc, argv);
  mosaic::NodeSettings::Log logging;
  logging.level = "error";
  try {
    if (const auto configured = mosaic::log::configure(logging); !configured)
      throw mosaic::Failure(configured.error());
    mosaic::bench::run(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "layers_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
