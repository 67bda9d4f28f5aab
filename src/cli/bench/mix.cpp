#include "cli/bench/mix.hpp"

#include <algorithm>

namespace mosaic::cli {

std::string_view to_string(Operation operation) {
  switch (operation) {
    case Operation::kText:
      return "text";
    case Operation::kVector:
      return "vector";
    case Operation::kHybrid:
      return "hybrid";
    case Operation::kWrite:
      return "write";
    case Operation::kGet:
      break;
  }
  return "get";
}

BenchMix::BenchMix(const MixShares& shares, std::uint64_t seed) : random_(seed) {
  for (std::size_t i = 0; i < kCards; ++i) {
    if (i < shares.writes_percent) {
      cards_[i] = Operation::kWrite;
    } else if (i < shares.writes_percent + shares.reads_percent) {
      cards_[i] = Operation::kGet;
    } else {
      cards_[i] = shares.searches[i % shares.searches.size()];
    }
  }
}

Operation BenchMix::next() {
  if (at_ == kCards) {
    std::shuffle(cards_.begin(), cards_.end(), random_);
    at_ = 0;
  }
  return cards_[at_++];
}

}  // namespace mosaic::cli
