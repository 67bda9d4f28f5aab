#include "shard/slow_query.hpp"

#include <algorithm>

#include "base/explain_json.hpp"

namespace mosaic::shard {
namespace {

std::string failed_json(const std::vector<ShardFailure>& failures) {
  JsonWriter json;
  json.begin_array();
  for (const auto& failure : failures) {
    json.begin_object();
    json.key("shard").number(failure.shard.value);
    json.key("node").string(failure.node);
    json.key("error").string(to_string(failure.error.code));
    json.end_object();
  }
  json.end_array();
  return json.take();
}

std::vector<log::Field> question(const SearchRequest& request, const SearchEnd& end) {
  return {{"collection", request.collection},
          {"took_ms", end.took_ms},
          {"mode", to_string(effective_mode(request))},
          {"k", request.k},
          {"timeout_ms", request.timeout_ms},
          {"query", request.query.has_value()},
          {"vector", !request.vector.empty()},
          {"document", request.document.has_value()},
          {"filter", !request.filter.empty()},
          {"where", !request.where.empty()},
          {"diversity", request.diversity},
          {"ef", effective_ef(request)},
          {"exact", request.exact},
          {"audit", request.audit}};
}

void add_explain(std::vector<log::Field>& line, const SearchRequest& request,
                 const SearchEnd& end) {
  JsonWriter json;
  write_stages(json, end.stages);
  line.push_back(log::Field::of_json("stages", json.take()));
  JsonWriter index;
  write_plans(index, end.plans);
  line.push_back(log::Field::of_json("index", index.take()));
  if (!request.trace_id.empty()) line.emplace_back("trace_id", request.trace_id);
}

}  // namespace

bool ran_out_of_time(const Result<SearchReply>& reply) {
  if (!reply) return reply.error().code == ErrorCode::kDeadlineExceeded;
  return std::any_of(reply->failed.begin(), reply->failed.end(), [](const ShardFailure& failure) {
    return failure.error.code == ErrorCode::kDeadlineExceeded;
  });
}

std::vector<log::Field> slow_query_line(const SearchRequest& request, const SearchReply& reply,
                                        const SearchEnd& end) {
  auto line = question(request, end);
  line.emplace_back("hits", reply.hits.size());
  line.emplace_back("partial", reply.partial);
  line.emplace_back("shards_total", reply.shards_total);
  line.push_back(log::Field::of_json("shards_failed", failed_json(reply.failed)));
  add_explain(line, request, end);
  return line;
}

std::vector<log::Field> slow_query_line(const SearchRequest& request, const Error& error,
                                        const SearchEnd& end) {
  auto line = question(request, end);
  line.emplace_back("error", to_string(error.code));
  add_explain(line, request, end);
  return line;
}

}  // namespace mosaic::shard
