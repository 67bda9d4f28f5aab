// What `mosaic top` shows, as numbers: drawn by the screen, written as JSON for programs. Made of
// two samples; pure. A number that the node does not export is absent. Times are seconds, sizes
// bytes.
#pragma once

#include <string>
#include <vector>

#include "cli/top/interval.hpp"

namespace mosaic::cli::top {

struct Latency {
  Number p50_s;
  Number p95_s;
  Number p99_s;
};

struct NodeFigures {
  std::string name;
  std::string version;
  std::string status;  ///< of /health; "not ready" when the node says that it is not
  Number uptime_s;
  Number memory_bytes;
  Number cpu;  ///< 1: one core was busy all the time
  Number files;
  Number files_max;
  Number threads;
  Number disk_free_bytes;
  Number disk_bytes;
  Number connections;
  Number connections_max;
  Number refused_connections_per_s;
  Number bodies_bytes;  ///< of requests, being held
  Number bodies_bytes_max;
  Number logged_errors;  ///< lines since the sample before
  Number jobs_running;
  Number collections;
  Number documents;
  Number shards_up;
  Number shards_starting;
  Number shards_down;
  Number shards_parked;
};

struct RouteFigures {
  std::string method;
  std::string route;
  Number requests;  ///< since the node was started
  Number per_s;
  Number refused_per_s;  ///< status 4xx
  Number failed_per_s;   ///< status 5xx
  Latency latency;
  Number share;  ///< of all requests
};

struct ModeFigures {
  std::string mode;
  Number searches;  ///< since the node was started
  Number per_s;
  Number partial_per_s;
  Number failed_per_s;
  Latency latency;
};

struct StageFigures {
  std::string stage;
  Number mean_s;
  Number share;  ///< of the time that all stages took
};

struct SearchFigures {
  std::vector<ModeFigures> modes;
  std::vector<StageFigures> stages;
  Number retries_per_s;
  Number slow_per_s;
};

struct DoorFigures {
  std::string door;  ///< "search" or "write"
  Number in_flight;
  Number limit;
  Number refused_per_s;
  bool overloaded = false;
};

struct IngestFigures {
  Number upserted_per_s;
  Number deleted_per_s;
  Number batches_per_s;
  Number failed_per_s;
  Latency commit;
  Latency apply;
  Number log_seq;
  Number log_entries;
  Number log_bytes;
  Number lag_entries;
  Number queue_bytes;
  Number queue_bytes_max;
  Number waiting_commit;
  Number waiting_apply;
};

struct ShardFigures {
  std::string collection;
  std::string shard;
  std::string state;  ///< "up", or what /health says; "-" when nobody says
  std::string error;
  Number searches_per_s;
  Number search_mean_s;
  Number apply_mean_s;
  Number documents;
  Number bytes;
  Number memory_bytes;
  Number applied_seq;
  Number restarts;

  bool failing() const { return state != "up" && state != "-"; }
};

struct CacheFigures {
  std::string cache;
  Number per_s;
  Number hit_ratio;  ///< none while nothing was asked
  Number failed_per_s;
  Number entries;
  Number bytes;
};

struct PartFigures {
  std::string part;
  Number up;
  Number restarts;      ///< since the node was started
  Number new_restarts;  ///< since the sample before
};

struct LimitFigures {
  std::string limit;
  Number value;
  Number refused_per_s;
  bool reached = false;
};

struct Figures {
  double seconds = 0;  ///< between the two samples
  double unix_time_s = 0;
  NodeFigures node;
  RouteFigures requests;             ///< of all routes
  std::vector<RouteFigures> routes;  ///< the busiest first
  SearchFigures search;
  std::vector<DoorFigures> doors;
  IngestFigures ingest;
  std::vector<ShardFigures> shards;  ///< by collection and number
  std::vector<CacheFigures> caches;  ///< the busiest first
  std::vector<PartFigures> parts;
  std::vector<LimitFigures> limits;
};

Figures figures_of(const Sample& before, const Sample& now);

}  // namespace mosaic::cli::top
