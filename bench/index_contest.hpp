// Search methods that take turns over the same queries: what each finds, and the CPU time it takes.
// One thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "vector_data.hpp"

namespace mosaic::bench {

constexpr std::size_t kNearest = 10;

/// CPU time of this thread, in microseconds.
double thread_cpu_us();

double median(std::vector<double> values);

struct Contender {
  std::string name;
  /// Puts the numbers of the kNearest rows into `found`.
  std::function<void(const float* query, std::size_t ef, std::vector<std::size_t>& found)> search;
};

/// How far the last of the nearest is from each query: what is not farther counts as found.
class Truth {
 public:
  explicit Truth(const VectorData& data) : data_(data) {}

  /// `distance`: of the last of the exact answer to the next query.
  void add(double distance) { bounds_.push_back(distance); }
  std::size_t found(std::size_t query, const std::vector<std::size_t>& rows) const;

 private:
  const VectorData& data_;
  std::vector<double> bounds_;
};

struct Point {
  std::size_t ef = 0;
  double recall = 0;
  std::vector<double> us;  ///< CPU time per query, by round
};

struct Curve {
  std::string name;
  std::vector<Point> points;  ///< by rising ef
};

/// In each round every contender runs all queries with each of `efs`, turn by turn.
std::vector<Curve> contest(const VectorData& data, const Truth& truth,
                           const std::vector<Contender>& contenders,
                           const std::vector<std::size_t>& efs, int rounds);

/// CPU time per query at `recall` in each round, between the two points around it: the logarithm of
/// time over that of what is missed. Empty where the curve does not reach `recall`; that of the
/// first point where it starts above.
std::vector<double> times_at(const Curve& curve, double recall);

}  // namespace mosaic::bench
