// What a node is told at start. config/mosaic.toml explains every key; the names here are the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mosaic {

struct NodeSettings {
  struct Node {
    std::string data_dir = "mosaic-data";
    std::string name;                  ///< empty: the host's name
    std::uint32_t stop_timeout_s = 8;  ///< parts that have not ended by then are left behind
  } node;

  struct Http {
    std::string listen = "127.0.0.1:4040";
    std::uint32_t threads = 0;  ///< 0: one per core
    std::uint64_t body_bytes_max = 16 << 20;
    std::uint32_t header_bytes_max = 16 << 10;
    std::uint32_t connections_max = 16'000;
    std::uint32_t idle_timeout_s = 60;     ///< a connection without a request is closed after it
    std::uint32_t request_timeout_s = 30;  ///< a request must have arrived whole after it
    std::uint32_t drain_notice_ms = 500;   ///< new requests are served for so long after SIGTERM
    std::uint32_t drain_timeout_s = 20;    ///< SIGTERM waits so long for requests under way
    std::uint64_t bodies_bytes_max = 512 << 20;  ///< of all requests that are arriving or worked on
  } http;

  struct Search {
    std::string default_collection = "default";
    bool create_default = false;  ///< makes default_collection at start if it is missing
    std::uint32_t timeout_ms = 1'000;
    std::uint32_t threads = 0;  ///< 0: twice the cores
    std::uint32_t searchers_per_shard = 2;
    std::uint64_t filter_cache_bytes = 64 << 20;  ///< per shard
    std::uint64_t result_cache_bytes = 64 << 20;  ///< of answers, on the whole node; 0: none
    std::uint32_t in_flight_max = 0;  ///< past it searches are refused; 0: 32 a core, at least 64
    std::uint32_t in_flight_overload =
        0;  ///< admitted at a time while overloaded; 0: 3 for 2 cores
  } search;

  struct Write {
    std::uint32_t timeout_ms = 10'000;
    std::uint64_t queue_bytes_max =
        128 << 20;  ///< per collection; past it writes are refused as overloaded
    std::uint32_t in_flight_max = 128;  ///< writing requests; past it they are refused
  } write;

  struct Storage {
    std::uint64_t wal_bytes_max =
        64 << 20;  ///< a shard is checkpointed when its WAL has grown so large
    std::uint32_t checkpoint_interval_s = 60;
  } storage;

  struct Backup {
    std::string schedule;     ///< like 24h, or 03:00 for daily in UTC; empty: none unasked
    std::string target;       ///< of those by schedule: file:///FOLDER or s3://BUCKET/PREFIX
    std::uint32_t keep = 7;   ///< of each collection, of those by schedule; 0: all
    std::string s3_endpoint;  ///< http(s)://HOST[:PORT]; empty: Amazon's
    std::string s3_region;
    std::string s3_credentials_file;  ///< empty: from the environment
  } backup;

  struct History {
    std::uint32_t purge_interval_s = 60;  ///< between looks for what is not to be kept any longer
  } history;

  struct Index {
    std::uint32_t threads = 1;  ///< that build graphs, on the whole node
  } index;

  struct Limits {
    std::uint64_t memory = 0;             ///< resident bytes past which writes are refused; 0: none
    std::uint64_t disk_free = 256 << 20;  ///< bytes that writes leave free; 0: none
    std::uint64_t collection_documents = 0;  ///< most of one collection; 0: none
  } limits;

  struct Embedding {
    std::string api_key;  ///< sent to embedding endpoints as a bearer token; empty: none
    std::uint64_t cache_bytes = 64 << 20;
    std::uint32_t timeout_ms = 10'000;  ///< of one request to an endpoint
    std::uint32_t batch_max = 128;      ///< texts in one request
    std::uint32_t attempts_max = 3;
  } embedding;

  struct Cache {
    std::string redis_url;  ///< where nodes share vectors: redis://HOST:PORT; empty: nowhere
    std::uint32_t redis_ttl_s = 604'800;
    std::uint32_t redis_timeout_ms = 50;
  } cache;

  struct Caf {
    std::string listen;  ///< where CAF clients find the engine; empty: nowhere
  } caf;

  struct Cluster {
    /// Where other nodes find this one, HOST:PORT; empty: the host of http.listen. Port 0: a free
    /// one, chosen once and kept in the data folder.
    std::string listen;
    std::uint32_t log_port = 0;     ///< of the log, at the same host; 0: likewise
    std::string advertise;          ///< host that others are told; empty: that of listen
    std::vector<std::string> join;  ///< HTTP addresses of nodes whose cluster to join
    std::uint32_t voters = 3;       ///< nodes that vote, at most
    std::uint64_t move_bytes_per_s = std::uint64_t{64} << 20;  ///< of one shard that comes here
    bool insecure = false;    ///< others may connect without certificates
    std::string certificate;  ///< PEM files of mutual TLS; all or none
    std::string key;
    std::string ca;
  } cluster;

  struct Debug {
    bool fault_injection = false;
  } debug;

  struct Log {
    std::string level = "info";
    std::string format = "text";                  ///< or json: one object a line
    std::string file;                             ///< empty: stderr
    std::uint64_t file_bytes_max = 100 << 20;     ///< then a new file is begun
    std::uint32_t files_max = 5;                  ///< the one being written and older ones
    std::uint32_t slow_query_ms = 500;            ///< a slower search is logged; 0: none is
    std::uint32_t idempotency_window_s = 86'400;  ///< for which a repeated request is known
    // Of the log of writes:
    std::uint64_t retained_bytes = 64 << 20;  ///< of memory; past it, what is saved is forgotten
    std::uint64_t bytes_max = 1 << 30;  ///< past it, writes are refused until shards have saved
  } log;
};

}  // namespace mosaic
