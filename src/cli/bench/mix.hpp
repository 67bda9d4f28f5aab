// Which kind of request comes next. Of any hundred in a row that begin together, each kind has
// exactly its percentage, in an order that the seed decides: a short run is as fair as a long one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

namespace mosaic::cli {

enum class Operation : std::uint8_t { kText, kVector, kHybrid, kWrite, kGet };
constexpr std::size_t kOperations = 5;

/// "text", "vector", "hybrid", "write", "get"; the first three are modes of the search API, too.
std::string_view to_string(Operation operation);

struct MixShares {
  std::vector<Operation> searches;  ///< share what is left evenly; at least one
  unsigned writes_percent = 0;
  unsigned reads_percent = 0;  ///< both together at most 100
};

class BenchMix {
 public:
  BenchMix(const MixShares& shares, std::uint64_t seed);

  Operation next();

 private:
  static constexpr std::size_t kCards = 100;

  std::array<Operation, kCards> cards_;
  std::size_t at_ = kCards;
  std::mt19937_64 random_;
};

}  // namespace mosaic::cli
