#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "query/rank.hpp"

namespace mosaic::query {
namespace {

double dot(const Vector& a, const Vector& b) {
  return std::transform_reduce(a.begin(), a.end(), b.begin(), 0.0, std::plus<>(),
                               [](double x, double y) { return x * y; });
}

/// A candidate that may still be chosen.
struct Option {
  Candidate candidate;
  const Vector* vector;
  double norm = 0;
  double likeness = 0;  ///< to the one chosen that it is most like, 0 to 1
};

/// The cosine; 0 for a vector that is missing, has no direction, or points away.
double likeness(const Option& a, const Option& b) {
  if (a.norm == 0 || b.norm == 0 || a.vector->size() != b.vector->size()) return 0;
  return std::clamp(dot(*a.vector, *b.vector) / (a.norm * b.norm), 0.0, 1.0);
}

/// What likeness costs, on the scale of the pool's scores.
class Exchange {
 public:
  /// `pool` comes by falling score and is not empty.
  Exchange(double diversity, const std::vector<Candidate>& pool, std::size_t compared)
      : diversity_(diversity), range_(pool.front().score - pool[compared - 1].score) {
    if (!(range_ > 0) || !std::isfinite(range_)) range_ = 1;
  }

  double value(double score, double likeness) const {
    return (1 - diversity_) * score - penalty(likeness);
  }

  Candidate applied(Candidate candidate, double likeness) const {
    candidate.score = value(candidate.score, likeness);
    for (auto* part : {&candidate.parts.vector, &candidate.parts.text, &candidate.parts.pagerank}) {
      if (*part) **part *= 1 - diversity_;
    }
    candidate.parts.diversity = 0 - penalty(likeness);
    return candidate;
  }

 private:
  double penalty(double likeness) const { return diversity_ * range_ * likeness; }

  double diversity_;
  double range_;
};

std::vector<Option> options_of(std::vector<Candidate>& pool, const std::vector<Vector>& vectors,
                               std::size_t compared) {
  static const Vector kNone;
  std::vector<Option> options;
  for (std::size_t i = 0; i < compared; ++i) {
    const auto& vector = i < vectors.size() ? vectors[i] : kNone;
    options.push_back({std::move(pool[i]), &vector, std::sqrt(dot(vector, vector))});
  }
  return options;
}

Option take_best(std::vector<Option>& options, const Exchange& exchange) {
  const auto worse = [&](const Option& a, const Option& b) {
    const auto value_a = exchange.value(a.candidate.score, a.likeness);
    const auto value_b = exchange.value(b.candidate.score, b.likeness);
    return value_a != value_b ? value_a < value_b : a.candidate.id > b.candidate.id;
  };
  const auto best = std::max_element(options.begin(), options.end(), worse);
  std::swap(*best, options.back());
  auto taken = std::move(options.back());
  options.pop_back();
  return taken;
}

}  // namespace

std::vector<Candidate> diversify(const RankPlan& plan, std::vector<Candidate> pool,
                                 const std::vector<Vector>& vectors) {
  const auto wanted = std::min(plan.k, pool.size());
  if (plan.diversity == 0 || pool.empty()) {
    pool.resize(wanted);
    return pool;
  }
  const auto compared = std::min(pool.size(), kDiversityPoolMax);
  const Exchange exchange(plan.diversity, pool, compared);
  auto options = options_of(pool, vectors, compared);
  std::vector<Candidate> chosen;
  while (chosen.size() < wanted && !options.empty()) {
    auto best = take_best(options, exchange);
    for (auto& option : options)
      option.likeness = std::max(option.likeness, likeness(option, best));
    chosen.push_back(exchange.applied(std::move(best.candidate), best.likeness));
  }
  // Never compared, hence taken for as like as can be: so these still score less than the others.
  for (auto i = compared; chosen.size() < wanted; ++i)
    chosen.push_back(exchange.applied(std::move(pool[i]), 1));
  return chosen;
}

}  // namespace mosaic::query
