#include "cli/top/json.hpp"

#include "base/json_writer.hpp"
#include "cli/text_width.hpp"

namespace mosaic::cli::top {
namespace {

/// An object with one member for each call of put().
class Object {
 public:
  explicit Object(JsonWriter& json) : json_(json) { json_.begin_object(); }
  ~Object() { json_.end_object(); }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  Object& put(std::string_view key, const Number& value) {
    json_.key(key);
    value ? json_.number(*value) : json_.null();
    return *this;
  }
  Object& put(std::string_view key, const std::string& value) {
    json_.key(key).string(value);
    return *this;
  }
  Object& flag(std::string_view key, bool value) {
    json_.key(key).boolean(value);
    return *this;
  }
  Object& put(const std::string& prefix, const Latency& latency) {
    return put(prefix + "p50_s", latency.p50_s)
        .put(prefix + "p95_s", latency.p95_s)
        .put(prefix + "p99_s", latency.p99_s);
  }

 private:
  JsonWriter& json_;
};

template <class Each, class Write>
void put_list(JsonWriter& json, std::string_view key, const std::vector<Each>& list, Write write) {
  json.key(key).begin_array();
  for (const auto& each : list) {
    Object object(json);
    write(object, each);
  }
  json.end_array();
}

void put_node(JsonWriter& json, const NodeFigures& node) {
  json.key("node");
  Object(json)
      .put("name", node.name)
      .put("version", node.version)
      .put("status", node.status)
      .put("uptime_s", node.uptime_s)
      .put("memory_bytes", node.memory_bytes)
      .put("cpu", node.cpu)
      .put("files", node.files)
      .put("files_max", node.files_max)
      .put("threads", node.threads)
      .put("disk_free_bytes", node.disk_free_bytes)
      .put("disk_bytes", node.disk_bytes)
      .put("connections", node.connections)
      .put("connections_max", node.connections_max)
      .put("refused_connections_per_s", node.refused_connections_per_s)
      .put("bodies_bytes", node.bodies_bytes)
      .put("bodies_bytes_max", node.bodies_bytes_max)
      .put("logged_errors", node.logged_errors)
      .put("jobs_running", node.jobs_running)
      .put("collections", node.collections)
      .put("documents", node.documents)
      .put("shards_up", node.shards_up)
      .put("shards_starting", node.shards_starting)
      .put("shards_down", node.shards_down)
      .put("shards_parked", node.shards_parked);
}

Object& put_rates(Object& object, const RouteFigures& route) {
  return object.put("requests", route.requests)
      .put("per_s", route.per_s)
      .put("refused_per_s", route.refused_per_s)
      .put("failed_per_s", route.failed_per_s)
      .put("", route.latency);
}

void put_requests(JsonWriter& json, const Figures& figures) {
  json.key("requests");
  {
    Object object(json);
    put_rates(object, figures.requests);
  }
  put_list(json, "routes", figures.routes, [](Object& object, const RouteFigures& route) {
    object.put("method", route.method).put("route", route.route);
    put_rates(object, route).put("share", route.share);
  });
}

void put_search(JsonWriter& json, const SearchFigures& search) {
  put_list(json, "searches", search.modes, [](Object& object, const ModeFigures& mode) {
    object.put("mode", mode.mode)
        .put("searches", mode.searches)
        .put("per_s", mode.per_s)
        .put("partial_per_s", mode.partial_per_s)
        .put("failed_per_s", mode.failed_per_s)
        .put("", mode.latency);
  });
  put_list(json, "search_stages", search.stages, [](Object& object, const StageFigures& stage) {
    object.put("stage", stage.stage).put("mean_s", stage.mean_s).put("share", stage.share);
  });
  json.key("search_retries_per_s");
  search.retries_per_s ? json.number(*search.retries_per_s) : json.null();
  json.key("slow_searches_per_s");
  search.slow_per_s ? json.number(*search.slow_per_s) : json.null();
}

void put_ingest(JsonWriter& json, const IngestFigures& ingest) {
  json.key("ingest");
  Object(json)
      .put("upserted_per_s", ingest.upserted_per_s)
      .put("deleted_per_s", ingest.deleted_per_s)
      .put("batches_per_s", ingest.batches_per_s)
      .put("failed_per_s", ingest.failed_per_s)
      .put("commit_", ingest.commit)
      .put("apply_", ingest.apply)
      .put("log_seq", ingest.log_seq)
      .put("log_entries", ingest.log_entries)
      .put("log_bytes", ingest.log_bytes)
      .put("lag_entries", ingest.lag_entries)
      .put("queue_bytes", ingest.queue_bytes)
      .put("queue_bytes_max", ingest.queue_bytes_max)
      .put("waiting_commit", ingest.waiting_commit)
      .put("waiting_apply", ingest.waiting_apply);
}

void put_shards(JsonWriter& json, const std::vector<ShardFigures>& shards) {
  put_list(json, "shards", shards, [](Object& object, const ShardFigures& shard) {
    object.put("collection", shard.collection)
        .put("shard", shard.shard)
        .put("state", shard.state)
        .put("error", shard.error)
        .put("searches_per_s", shard.searches_per_s)
        .put("search_mean_s", shard.search_mean_s)
        .put("apply_mean_s", shard.apply_mean_s)
        .put("documents", shard.documents)
        .put("bytes", shard.bytes)
        .put("memory_bytes", shard.memory_bytes)
        .put("applied_seq", shard.applied_seq)
        .put("restarts", shard.restarts);
  });
}

void put_rest(JsonWriter& json, const Figures& figures) {
  put_list(json, "doors", figures.doors, [](Object& object, const DoorFigures& door) {
    object.put("door", door.door)
        .put("in_flight", door.in_flight)
        .put("limit", door.limit)
        .put("refused_per_s", door.refused_per_s)
        .flag("overloaded", door.overloaded);
  });
  put_list(json, "caches", figures.caches, [](Object& object, const CacheFigures& cache) {
    object.put("cache", cache.cache)
        .put("per_s", cache.per_s)
        .put("hit_ratio", cache.hit_ratio)
        .put("failed_per_s", cache.failed_per_s)
        .put("entries", cache.entries)
        .put("bytes", cache.bytes);
  });
  put_list(json, "parts", figures.parts, [](Object& object, const PartFigures& part) {
    object.put("part", part.part)
        .put("up", part.up)
        .put("restarts", part.restarts)
        .put("new_restarts", part.new_restarts);
  });
  put_list(json, "limits", figures.limits, [](Object& object, const LimitFigures& limit) {
    object.put("limit", limit.limit)
        .put("value", limit.value)
        .flag("reached", limit.reached)
        .put("refused_per_s", limit.refused_per_s);
  });
}

}  // namespace

std::string figures_json(const Figures& figures, std::string_view url) {
  JsonWriter json;
  json.begin_object();
  json.key("url").string(url);
  json.key("unix_time_s").number(figures.unix_time_s);
  json.key("interval_s").number(figures.seconds);
  put_node(json, figures.node);
  put_requests(json, figures);
  put_search(json, figures.search);
  put_ingest(json, figures.ingest);
  put_shards(json, figures.shards);
  put_rest(json, figures);
  return json.end_object().take();
}

std::string trouble_json(std::string_view trouble, std::string_view url) {
  JsonWriter json;
  json.begin_object();
  json.key("url").string(url);
  json.key("error").string(one_line(trouble));
  return json.end_object().take();
}

}  // namespace mosaic::cli::top
