// A graph over vectors in clusters, and brute force in double precision to compare searches with.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/failure.hpp"
#include "index/graph/graph_builder.hpp"
#include "index/vector_set.hpp"
#include "support/temporary_folder.hpp"
#include "unit/index/vectors.hpp"

namespace mosaic::index::test {

constexpr std::size_t kNodes = 6'000;
constexpr std::uint32_t kDimension = 24;
constexpr std::size_t kClusters = 60;
constexpr std::size_t kK = 10;
constexpr Seq kSeq = 10;

struct Clusters {
  std::size_t nodes = kNodes;
  std::size_t count = kClusters;
  float spread = 0.6F;  ///< of a cluster, against that of the centres
};

/// A graph over vectors in clusters, and what is true of them.
struct Clustered {
  Clustered(Random& random, Metric the_metric, Quantization quantization, Clusters clusters = {})
      : metric(the_metric), set(metric, kDimension) {
    std::vector<Vector> centers;
    for (std::size_t i = 0; i < clusters.count; ++i)
      centers.push_back(random_vector(random, kDimension));
    const auto near_center = [&] {
      auto vector = random_vector(random, kDimension);
      const auto& center = centers[random() % clusters.count];
      for (std::size_t i = 0; i < kDimension; ++i)
        vector[i] = center[i] + clusters.spread * vector[i];
      return vector;
    };
    Row row = 0;
    for (std::size_t i = 0; i < clusters.nodes; ++i) {
      row += static_cast<Row>(1 + random() % 2);
      vectors[row] = near_center();
      set.append(row, id_of(i), vectors[row]);
    }
    for (int i = 0; i < 20; ++i) queries.push_back(near_center());
    BuildOptions options;
    options.metric = metric;
    options.quantization = quantization;
    options.dimension = kDimension;
    options.seq = 1;
    options.last_row = row;
    const auto view = set.view(1);
    const std::atomic<bool> stop{false};
    const auto built =
        build_graph(options, view.sources(false).value(), nullptr, stop, [](std::size_t) {});
    const auto path = folder.path() / "test.index";
    write_graph_file(path, *built);
    const GraphFile::Expected expected{{}, {}, metric, kDimension, kSeq};
    graph = std::make_shared<Graph>(GraphFile::open(path, expected).value());
    set.adopt(graph);
  }

  Nearest search(const Vector& query, const RowSet* filter, std::size_t k = kK, bool exact = false,
                 std::size_t ef = kEfDefault) const {
    NearestRequest request;
    request.query = query;
    request.k = k;
    request.ef = ef;
    request.filter = filter;
    request.exact = exact;
    auto found = set.view(kSeq).nearest(request);
    if (!found) throw Failure(found.error());
    return std::move(*found);
  }

  /// Rows by rising distance that pass and are live.
  std::vector<Row> truth(const Vector& query, const RowSet* filter, std::size_t k) const {
    std::vector<std::pair<double, Row>> all;
    for (const auto& [row, vector] : vectors) {
      if (ended.contains(row) || (filter != nullptr && !filter->contains(row))) continue;
      all.emplace_back(distance_of(metric, query, vector), row);
    }
    std::sort(all.begin(), all.end());
    std::vector<Row> rows;
    for (std::size_t i = 0; i < std::min(k, all.size()); ++i) rows.push_back(all[i].second);
    return rows;
  }

  void end(Row row) {
    set.end(row, 5);
    ended.insert(row);
  }

  double recall(const RowSet* filter, std::map<std::string, int>* ways = nullptr) const {
    std::size_t right = 0;
    std::size_t wanted = 0;
    for (const auto& query : queries) {
      const auto found = search(query, filter);
      const auto rows = truth(query, filter, kK);
      EXPECT_EQ(found.neighbors.size(), rows.size());
      const std::set<Row> expected(rows.begin(), rows.end());
      for (const auto& neighbor : found.neighbors) {
        right += expected.contains(neighbor.row) ? 1 : 0;
        EXPECT_FALSE(ended.contains(neighbor.row));
        EXPECT_TRUE(filter == nullptr || filter->contains(neighbor.row));
      }
      wanted += rows.size();
      if (ways != nullptr) ++(*ways)[found.plan.way];
    }
    return wanted == 0 ? 1 : static_cast<double>(right) / static_cast<double>(wanted);
  }

  mosaic::test::TemporaryFolder folder;
  Metric metric;
  VectorSet set;
  std::map<Row, Vector> vectors;
  std::set<Row> ended;
  std::vector<Vector> queries;
  std::shared_ptr<Graph> graph;
};

}  // namespace mosaic::index::test
