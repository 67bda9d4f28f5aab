// A sum of doubles whose rounding error does not grow with the number of terms (Kahan, "Further
// remarks on reducing truncation errors", 1965). For terms of one sign.
#pragma once

namespace mosaic::graph {

class CompensatedSum {
 public:
  CompensatedSum& operator+=(double term) {
    const double corrected = term - lost_;
    const double sum = sum_ + corrected;
    lost_ = (sum - sum_) - corrected;
    sum_ = sum;
    return *this;
  }

  double value() const { return sum_; }

 private:
  double sum_ = 0;
  double lost_ = 0;  ///< what rounding added to sum_ too much
};

}  // namespace mosaic::graph
