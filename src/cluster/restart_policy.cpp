#include "cluster/restart_policy.hpp"

#include <algorithm>

namespace mosaic::cluster {

RestartDecision RestartPolicy::crashed(TimePoint now) {
  crashes_.push_back(now);
  while (now - crashes_.front() > limits_.window) crashes_.pop_front();
  if (crashes_.size() > limits_.crashes_max) return {limits_.parked_retry, true};
  auto pause = limits_.backoff_first;
  for (std::size_t i = 1; i < crashes_.size(); ++i)
    pause = std::min(pause * 2, limits_.backoff_max);
  return {pause, false};
}

}  // namespace mosaic::cluster
