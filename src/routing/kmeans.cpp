#include "routing/kmeans.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <fmt/format.h>

#include "base/failure.hpp"
#include "index/lane_sum.hpp"

namespace mosaic::routing {
namespace {

/// Numbers that are compared between two looks at `go_on`: some ten milliseconds.
constexpr std::uint64_t kNumbersPerLook = 1 << 24;

/// Sums run in double precision: no finite vectors are so far apart or so near that digits are
/// lost.
constexpr std::size_t kLanes = 8;

struct L2Squared {
  static double term(double a, double b) { return (a - b) * (a - b); }
};

struct L1 {
  static double term(double a, double b) { return std::fabs(a - b); }
};

template <class Step>
double sum(const double* a, const double* b, std::size_t size) {
  return index::lane_sum<Step, kLanes>(a, b, size);
}

using Distance = double (*)(const double* a, const double* b, std::size_t size);

/// What iterations lower. Of two directions the squared distance is twice what cosine calls theirs.
Distance distance_of(Metric metric) {
  return metric == Metric::kL1 ? sum<L1> : sum<L2Squared>;
}

/// 0 to below 1. The distributions of the standard library differ between libraries.
double unit(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}

/// Leaves a vector without a direction as it is.
void make_direction(std::vector<double>& vector) {
  double squares = 0;
  for (const double x : vector) squares += x * x;
  if (squares == 0) return;
  const double norm = std::sqrt(squares);
  for (double& x : vector) x /= norm;
}

/// In an order that does not depend on that of the sample.
std::vector<Vector> prepared(std::vector<Vector> sample, Metric metric) {
  std::vector<double> wide;
  for (auto& vector : sample) {
    wide.assign(vector.begin(), vector.end());
    if (metric == Metric::kCosine) make_direction(wide);
    // Added to 0, a negative zero becomes a positive one: they compare equal, so their order would
    // be left to chance.
    std::transform(wide.begin(), wide.end(), vector.begin(),
                   [](double x) { return static_cast<float>(x) + 0.0F; });
  }
  std::sort(sample.begin(), sample.end());
  return sample;
}

std::size_t count_different(const std::vector<Vector>& sorted) {
  std::size_t count = sorted.empty() ? 0 : 1;
  for (std::size_t i = 1; i < sorted.size(); ++i) count += sorted[i] != sorted[i - 1] ? 1 : 0;
  return count;
}

/// How much is done, and whether to go on.
class Progress {
 public:
  Progress(const GoOn& go_on, std::uint64_t numbers) : go_on_(go_on), all_(numbers) {}

  void add(std::uint64_t numbers) {
    done_ += numbers;
    if (done_ - looked_ >= kNumbersPerLook) look();
  }

  void look() {
    looked_ = done_;
    const double share = static_cast<double>(done_) / static_cast<double>(all_);
    if (go_on_ && !go_on_(std::min(1.0, share))) {
      throw Failure(ErrorCode::kUnavailable, "k-means was ended before it was done");
    }
  }

 private:
  const GoOn& go_on_;
  std::uint64_t all_;
  std::uint64_t done_ = 0;
  std::uint64_t looked_ = 0;
};

/// Vectors and the clusters they are in. After `seed` and after each `assign`, no cluster is empty
/// and no two centroids are equal: of equal ones only the first would have vectors.
class Clustering {
 public:
  Clustering(std::vector<Vector> points, Metric metric, const KmeansOptions& options,
             const GoOn& go_on)
      : points_(std::move(points)),
        metric_(metric),
        distance_(distance_of(metric)),
        dimension_(points_.front().size()),
        clusters_(options.clusters),
        centroids_(clusters_ * dimension_),
        nearest_(points_.size()),
        wide_(dimension_),
        progress_(go_on, points_.size() * dimension_ * clusters_ * (1 + options.iterations)) {}

  /// k-means++: each next centroid is a vector, the likelier the farther it is from all before.
  void seed(std::uint64_t seed) {
    progress_.look();
    std::mt19937_64 random(seed);
    const auto count = static_cast<double>(points_.size());
    const auto first = static_cast<std::size_t>(unit(random) * count);
    put_centroid(0, std::min(first, points_.size() - 1));
    for (std::uint32_t cluster = 1; cluster < clusters_; ++cluster) {
      put_centroid(cluster, pick_far(random));
    }
  }

  /// One iteration; whether any vector changed its cluster.
  bool iterate() {
    progress_.look();
    if (metric_ == Metric::kL1) {
      move_to_medians();
    } else {
      move_to_means();
    }
    return assign();
  }

  std::vector<Vector> centroids() const {
    std::vector<Vector> all;
    for (std::uint32_t cluster = 0; cluster < clusters_; ++cluster) {
      const double* begin = centroid(cluster);
      all.emplace_back(begin, begin + dimension_);
    }
    return all;
  }

  double distortion() const {
    double all = 0;
    for (const auto& nearest : nearest_) all += nearest.distance;
    const double mean = all / static_cast<double>(points_.size());
    return metric_ == Metric::kCosine ? mean / 2 : mean;
  }

 private:
  struct Nearest {
    std::uint32_t cluster = 0;
    double distance = std::numeric_limits<double>::infinity();
  };

  const double* centroid(std::uint32_t cluster) const {
    return centroids_.data() + cluster * dimension_;
  }

  /// Centroids are float32, as they will be used.
  void set_centroid(std::uint32_t cluster, const std::vector<double>& values) {
    std::transform(values.begin(), values.end(), centroids_.begin() + offset(cluster),
                   [](double x) { return static_cast<double>(static_cast<float>(x)); });
  }

  std::ptrdiff_t offset(std::uint32_t cluster) const {
    return static_cast<std::ptrdiff_t>(cluster * dimension_);
  }

  const double* widened(const Vector& point) {
    std::copy(point.begin(), point.end(), wide_.begin());
    return wide_.data();
  }

  /// Makes a vector the centroid of a cluster, and takes whatever is nearer to it there.
  void put_centroid(std::uint32_t cluster, std::size_t point) {
    set_centroid(cluster, {points_[point].begin(), points_[point].end()});
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const double distance = distance_(widened(points_[i]), centroid(cluster), dimension_);
      if (distance < nearest_[i].distance) nearest_[i] = {cluster, distance};
      progress_.add(dimension_);
    }
  }

  std::size_t pick_far(std::mt19937_64& random) const {
    double all = 0;
    for (const auto& nearest : nearest_) all += nearest.distance;
    double left = unit(random) * all;
    std::size_t picked = 0;
    for (std::size_t i = 0; i < points_.size() && left >= 0; ++i) {
      // Of those that are centroids already not even rounding may pick one.
      if (nearest_[i].distance == 0) continue;
      picked = i;
      left -= nearest_[i].distance;
    }
    return picked;
  }

  bool assign() {
    bool changed = false;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const auto nearest = nearest_to(points_[i]);
      changed = changed || nearest.cluster != nearest_[i].cluster;
      nearest_[i] = nearest;
      progress_.add(clusters_ * dimension_);
    }
    return fill_empty_clusters() || changed;
  }

  Nearest nearest_to(const Vector& point) {
    const double* wide = widened(point);
    Nearest nearest;
    for (std::uint32_t cluster = 0; cluster < clusters_; ++cluster) {
      const double distance = distance_(wide, centroid(cluster), dimension_);
      if (distance < nearest.distance) nearest = {cluster, distance};
    }
    return nearest;
  }

  /// Whether there were any. Each one filled lowers the sum of all distances, and its own vector is
  /// at distance 0, so it keeps that: this ends.
  bool fill_empty_clusters() {
    for (bool filled = false;; filled = true) {
      const auto sizes = cluster_sizes();
      const auto empty = std::find(sizes.begin(), sizes.end(), 0U);
      if (empty == sizes.end()) return filled;
      put_centroid(static_cast<std::uint32_t>(empty - sizes.begin()), farthest(sizes));
    }
  }

  std::vector<std::size_t> cluster_sizes() const {
    std::vector<std::size_t> sizes(clusters_);
    for (const auto& nearest : nearest_) ++sizes[nearest.cluster];
    return sizes;
  }

  /// Not of a cluster that it would leave empty. With fewer clusters that have vectors than there
  /// are different vectors, some cluster has two different ones, so the distance is above 0.
  std::size_t farthest(const std::vector<std::size_t>& sizes) const {
    std::size_t found = 0;
    double distance = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      if (sizes[nearest_[i].cluster] < 2 || nearest_[i].distance <= distance) continue;
      found = i;
      distance = nearest_[i].distance;
    }
    return found;
  }

  void move_to_means() {
    std::vector<std::vector<double>> means(clusters_, std::vector<double>(dimension_));
    for (std::size_t i = 0; i < points_.size(); ++i) {
      auto& mean = means[nearest_[i].cluster];
      for (std::size_t j = 0; j < dimension_; ++j) mean[j] += points_[i][j];
    }
    const auto sizes = cluster_sizes();
    for (std::uint32_t cluster = 0; cluster < clusters_; ++cluster) {
      auto& mean = means[cluster];
      if (metric_ == Metric::kCosine) {
        // Directions that cancel each other out have none in their middle.
        if (std::all_of(mean.begin(), mean.end(), [](double x) { return x == 0; })) continue;
        make_direction(mean);
      } else {
        for (double& x : mean) x /= static_cast<double>(sizes[cluster]);
      }
      set_centroid(cluster, mean);
    }
  }

  /// What the mean is to squared distances, the median of each number is to l1.
  void move_to_medians() {
    std::vector<std::vector<float>> numbers(clusters_);
    for (std::size_t j = 0; j < dimension_; ++j) {
      for (auto& of_cluster : numbers) of_cluster.clear();
      for (std::size_t i = 0; i < points_.size(); ++i) {
        numbers[nearest_[i].cluster].push_back(points_[i][j]);
      }
      for (std::uint32_t cluster = 0; cluster < clusters_; ++cluster) {
        auto& of_cluster = numbers[cluster];
        const auto middle =
            of_cluster.begin() + static_cast<std::ptrdiff_t>((of_cluster.size() - 1) / 2);
        std::nth_element(of_cluster.begin(), middle, of_cluster.end());
        centroids_[cluster * dimension_ + j] = *middle;
      }
    }
  }

  const std::vector<Vector> points_;
  const Metric metric_;
  const Distance distance_;
  const std::size_t dimension_;
  const std::uint32_t clusters_;
  std::vector<double> centroids_;  ///< one after the other
  std::vector<Nearest> nearest_;   ///< of each point
  std::vector<double> wide_;       ///< the point at hand
  Progress progress_;
};

Kmeans cluster(std::vector<Vector> sample, Metric metric, const KmeansOptions& options,
               const GoOn& go_on) {
  auto points = prepared(std::move(sample), metric);
  const auto different = count_different(points);
  if (options.clusters == 0 || different < options.clusters) {
    throw Failure(invalid(fmt::format(
        "a sample of {} vectors has {} different {}, which cannot make {} clusters", points.size(),
        different, metric == Metric::kCosine ? "directions" : "ones", options.clusters)));
  }
  Clustering clustering(std::move(points), metric, options, go_on);
  clustering.seed(options.seed);
  Kmeans result;
  while (!result.converged && result.iterations < options.iterations) {
    result.converged = !clustering.iterate();
    ++result.iterations;
  }
  result.centroids = clustering.centroids();
  result.distortion = clustering.distortion();
  return result;
}

}  // namespace

Result<Kmeans> kmeans(std::vector<Vector> sample, Metric metric, const KmeansOptions& options,
                      const GoOn& go_on) {
  return to_result([&] { return cluster(std::move(sample), metric, options, go_on); });
}

}  // namespace mosaic::routing
