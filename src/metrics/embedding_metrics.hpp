// What embedding endpoints were asked for, and how long they took. Pushed by the embedders.
#pragma once

#include "metrics/registry.hpp"
#include "metrics/stopwatch.hpp"

namespace mosaic::metrics {

class EmbeddingMetrics {
 public:
  explicit EmbeddingMetrics(Registry& registry)
      : duration_(
            histogram(registry, "mosaic_embedding_request_duration_seconds",
                      "Time of a batch of texts at an embedding endpoint, retries included")) {
    auto& requests = counters(registry, "mosaic_embedding_requests_total",
                              "Batches of texts that embedding endpoints were asked for");
    ok_ = &requests.Add({{"outcome", "ok"}});
    error_ = &requests.Add({{"outcome", "error"}});
  }

  void asked(bool ok, Seconds took) {
    (ok ? ok_ : error_)->Increment();
    duration_.Observe(took.count());
  }

 private:
  Histogram& duration_;
  Counter* ok_;
  Counter* error_;
};

}  // namespace mosaic::metrics
