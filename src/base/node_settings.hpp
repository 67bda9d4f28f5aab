// What a node is told at start. config/mosaic.toml explains every key; the names here are the same.
#pragma once

#include <cstdint>
#include <string>

namespace mosaic {

struct NodeSettings {
  struct Node {
    std::string data_dir = "mosaic-data";
    std::string name;  ///< empty: the host's name
  } node;

  struct Http {
    std::string listen = "127.0.0.1:4040";
    std::uint32_t threads = 0;  ///< 0: one per core
    std::uint64_t body_bytes_max = 16 << 20;
    std::uint32_t header_bytes_max = 16 << 10;
    std::uint32_t connections_max = 10'000;
    std::uint32_t idle_timeout_s = 60;     ///< a connection without a request is closed after it
    std::uint32_t request_timeout_s = 30;  ///< a request must have arrived whole after it
    std::uint32_t drain_timeout_s = 20;    ///< SIGTERM waits so long for requests under way
  } http;

  struct Search {
    std::string default_collection = "default";
    std::uint32_t timeout_ms = 1'000;
    std::uint32_t threads = 0;  ///< 0: twice the cores
    std::uint32_t searchers_per_shard = 2;
    std::uint64_t filter_cache_bytes = 64 << 20;  ///< per shard
  } search;

  struct Write {
    std::uint32_t timeout_ms = 10'000;
    std::uint64_t queue_bytes_max =
        128 << 20;  ///< per collection; past it writes are refused as overloaded
  } write;

  struct Storage {
    std::uint64_t wal_bytes_max =
        64 << 20;  ///< a shard is checkpointed when its WAL has grown so large
    std::uint32_t checkpoint_interval_s = 60;
  } storage;

  struct Log {
    std::string level = "info";
  } log;
};

}  // namespace mosaic
