// The answer to a writing request, counted by what came of it when it is given.
#pragma once

#include <memory>

#include "actors/promise.hpp"
#include "metrics/node_metrics.hpp"

namespace mosaic::actors {

/// Copies share the one promise. When its last holder lets go of it unanswered the write counts as
/// failed.
template <class Reply>
class write_promise {
 public:
  /// Takes over the request that `self` handles now.
  template <class Self>
  write_promise(Self* self, metrics::NodeMetricsPtr metrics)
      : promise_(self), count_(std::make_shared<counting>(std::move(metrics))) {}

  /// Only the first answer counts.
  void deliver(Reply reply) const {
    count_->count(reply.applied ? metrics::WriteOutcome::kApplied
                                : metrics::WriteOutcome::kDurable);
    promise_.deliver(std::move(reply));
  }
  void deliver(caf::error error) const {
    count_->count(metrics::WriteOutcome::kError);
    promise_.deliver(std::move(error));
  }

  operator caf::result<Reply>() const { return promise_; }

 private:
  struct counting {
    explicit counting(metrics::NodeMetricsPtr to) : metrics(std::move(to)) {}
    counting(const counting&) = delete;
    counting& operator=(const counting&) = delete;
    ~counting() { count(metrics::WriteOutcome::kError); }

    void count(metrics::WriteOutcome outcome) {
      if (auto to = std::exchange(metrics, nullptr)) to->writes.ended(outcome);
    }
    metrics::NodeMetricsPtr metrics;
  };

  sure_promise<Reply> promise_;
  std::shared_ptr<counting> count_;
};

}  // namespace mosaic::actors
