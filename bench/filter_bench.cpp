// A JSON filter over a shard of a million documents: with an indexed path on a cold cache and a
// warm one, and without an index. MOSAIC_BENCH_DOCUMENTS changes the number.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>

#include "shard/shard.hpp"
#include "shard/shard_searcher.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::shard {
namespace {

constexpr int kSections = 50;
constexpr int kBatch = 10'000;

int documents_wanted() {
  const char* set = std::getenv("MOSAIC_BENCH_DOCUMENTS");
  return set == nullptr ? 1'000'000 : std::atoi(set);
}

/// `section` is indexed, `label` is not; both hold one of fifty words.
struct FilledShard {
  test::TemporaryFolder folder;
  ShardOptions options{
      folder / "shard-0.db", {{1}, {0}, 1, 2}, Metric::kL2, {"section", "size"}, false, 0};
  Shard shard{options};

  FilledShard() {
    Seq seq = 0;
    for (int made = 0; made < documents_wanted(); made += kBatch) {
      WriteBatch batch;
      for (int i = made; i < made + kBatch; ++i) {
        Document document;
        document.id = fmt::format("doc-{}", i);
        document.metadata = fmt::format(R"({{"section":"s{0}","label":"s{0}","size":{1}}})",
                                        i * 7919 % kSections, i);
        batch.documents.push_back(std::move(document));
      }
      shard.apply(
          {{++seq, EntryKind::kWrite, std::make_shared<const std::string>(encode_write(batch))}});
    }
    shard.checkpoint();
  }

  ShardSearcher searcher() {
    return {{0},
            options.metric,
            shard.views(),
            std::make_shared<query::FilterCache>(64 << 20),
            options.path};
  }
};

FilledShard& filled() {
  static FilledShard shard;
  return shard;
}

void filter_cold(benchmark::State& state, const std::string& filter) {
  ShardQuery query;
  query.filter = filter;
  for (auto _ : state) {
    state.PauseTiming();
    auto searcher = filled().searcher();
    state.ResumeTiming();
    if (!searcher.search(0, query, {})) state.SkipWithError("failed");
  }
}

void filter_warm(benchmark::State& state, const std::string& filter) {
  ShardQuery query;
  query.filter = filter;
  auto searcher = filled().searcher();
  for (auto _ : state) {
    if (!searcher.search(0, query, {})) state.SkipWithError("failed");
  }
}

BENCHMARK_CAPTURE(filter_cold, indexed_equal, R"({"section":"s17"})")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter_cold, indexed_in, R"({"section":{"$in":["s1","s2","s3"]}})")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter_cold, indexed_range, R"({"size":{"$gte":400000,"$lt":500000}})")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter_cold, indexed_and, R"({"section":"s17","size":{"$lt":500000}})")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter_cold, not_indexed, R"({"label":"s17"})")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter_warm, indexed_equal, R"({"section":"s17"})")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter_warm, not_indexed, R"({"label":"s17"})")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace mosaic::shard

BENCHMARK_MAIN();
