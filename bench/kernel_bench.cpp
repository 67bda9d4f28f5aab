// What a distance costs, per instruction set, metric and dimension, and what a whole scan costs
// under filters that let more or fewer rows through.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <string>

#include "index/aligned_floats.hpp"
#include "index/kernels.hpp"
#include "index/vector_set.hpp"
#include "mosaic/document.hpp"

namespace mosaic::index {
namespace {

constexpr std::size_t kDimensions[] = {25, 128, 256, 784, 1'536};
// Rows that stay in the second-level cache: the kernel is measured, not the memory.
constexpr std::size_t kKernelFloats = 64 << 10;
constexpr std::size_t kScanRows = 50'000;
constexpr std::uint32_t kScanDimension = 256;
constexpr std::size_t kScanHits = 10;
constexpr double kShares[] = {0.001, 0.01, 0.1, 0.5, 1};

Vector random_vector(std::size_t size) {
  static std::mt19937 random(1);
  std::normal_distribution<float> value;
  Vector vector(size);
  for (float& x : vector) x = value(random);
  return vector;
}

AlignedFloats aligned(const Vector& vector) {
  auto copy = aligned_floats(vector.size());
  std::copy(vector.begin(), vector.end(), copy.get());
  return copy;
}

void measure_kernel(benchmark::State& state, Kernel kernel, std::size_t dimension) {
  const auto query = aligned(random_vector(dimension));
  const auto rows = aligned(random_vector(kKernelFloats));
  const auto count = kKernelFloats / dimension;
  std::size_t row = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(kernel(query.get(), rows.get() + row * dimension, dimension));
    if (++row == count) row = 0;
  }
  state.SetBytesProcessed(
      static_cast<std::int64_t>(state.iterations() * dimension * sizeof(float)));
}

void register_kernels() {
  for (const auto& set : supported_kernels()) {
    const std::pair<const char*, Kernel> metrics[] = {
        {"dot", set.dot}, {"l2_squared", set.l2_squared}, {"l1", set.l1}};
    for (const auto& [metric, kernel] : metrics) {
      for (const auto dimension : kDimensions) {
        const auto name =
            "kernel/" + std::string(set.name) + "/" + metric + "/" + std::to_string(dimension);
        benchmark::RegisterBenchmark(name.c_str(), measure_kernel, kernel, dimension);
      }
    }
  }
}

VectorSet filled(Metric metric) {
  VectorSet set(metric, kScanDimension);
  for (std::size_t i = 1; i <= kScanRows; ++i) {
    set.append(static_cast<Row>(i), "document-" + std::to_string(i), random_vector(kScanDimension));
  }
  return set;
}

RowSet share_of_rows(double share) {
  std::mt19937 random(2);
  std::bernoulli_distribution wanted(share);
  RowSet rows;
  for (std::size_t i = 1; i <= kScanRows; ++i) {
    if (wanted(random)) rows.insert(static_cast<Row>(i));
  }
  return rows;
}

void measure_scan(benchmark::State& state, const VectorView& view, const RowSet* filter) {
  const auto query = random_vector(kScanDimension);
  for (auto _ : state) {
    NearestRequest request;
    request.query = query;
    request.k = kScanHits;
    request.filter = filter;
    benchmark::DoNotOptimize(view.nearest(request));
  }
  const auto rows = filter != nullptr ? filter->count() : view.live();
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * rows));
}

void register_scans() {
  for (const Metric metric : {Metric::kCosine, Metric::kL2, Metric::kDot, Metric::kL1}) {
    static std::vector<VectorView> views;
    const auto view = views.emplace_back(filled(metric).view(1));
    const auto name = "nearest/50000x256/" + std::string(to_string(metric));
    benchmark::RegisterBenchmark((name + "/all").c_str(), [view](benchmark::State& state) {
      measure_scan(state, view, nullptr);
    })->Unit(benchmark::kMicrosecond);
    for (const double share : kShares) {
      const auto filtered = name + "/share:" + std::to_string(share);
      benchmark::RegisterBenchmark(filtered.c_str(), [view, rows = share_of_rows(share)](
                                                         benchmark::State& state) {
        measure_scan(state, view, &rows);
      })->Unit(benchmark::kMicrosecond);
    }
  }
}

}  // namespace
}  // namespace mosaic::index

int main(int argc, char** argv) {
  mosaic::index::register_kernels();
  mosaic::index::register_scans();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
