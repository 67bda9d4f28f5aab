// How long something took: real time, whatever clock a test gives the actors.
#pragma once

#include <chrono>

namespace mosaic::metrics {

using Seconds = std::chrono::duration<double>;

class Stopwatch {
 public:
  Seconds passed() const { return std::chrono::steady_clock::now() - began_; }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace mosaic::metrics
