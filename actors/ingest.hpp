// Ingest: checks writes, embeds what has no vector, and appends log entries. Apart from the
// coordinators, so that a large batch delays no search. Several run side by side.
#pragma once

#include "actors/faults.hpp"
#include "actors/pending_requests.hpp"
#include "actors/routes.hpp"
#include "cluster/document_ledger.hpp"
#include "metrics/node_metrics.hpp"

namespace mosaic::actors {

struct ingest_config {
  std::string node;
  std::uint32_t timeout_ms = 10'000;  ///< of a whole write
  metrics::NodeMetricsPtr metrics = std::make_shared<metrics::NodeMetrics>();
  std::shared_ptr<cluster::DocumentLedger> documents =
      std::make_shared<cluster::DocumentLedger>(0);  ///< of all ingest actors of the node
};

struct ingest_state {
  ingest_state() : routes("") {}

  ingest_config config;
  Routes routes;
  node_parts_ptr parts;
  pending_requests requests;
  Faults faults;
  static inline const char* name = "ingest";
};

ingest_actor::behavior_type ingest(ingest_actor::stateful_pointer<ingest_state> self,
                                   const ingest_config& config);

}  // namespace mosaic::actors
