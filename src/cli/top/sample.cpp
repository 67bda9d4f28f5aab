#include "cli/top/sample.hpp"

#include "cli/json_fields.hpp"

namespace mosaic::cli::top {
namespace {

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto text = field(object, key);
  return text == "-" ? "" : text;
}

NodeHealth read_health(ApiClient& client) {
  const auto answer = to_result([&] { return client.call("GET", "/health"); });
  return parse_health(answer ? answer->body : "");
}

double unix_now_s() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

}  // namespace

NodeHealth parse_health(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  NodeHealth health{text_of(json, "status"), text_of(json, "version"), text_of(json, "node"), {}};
  if (health.status.empty()) health.status = "unknown";
  if (!json.is_object()) return health;
  for (const auto& shard : items(json, "failing")) {
    health.failing.push_back({text_of(shard, "collection"), text_of(shard, "shard"),
                              text_of(shard, "state"), text_of(shard, "error")});
  }
  return health;
}

Result<Sample> read_sample(ApiClient& client) {
  auto answer = to_result([&] { return client.call("GET", "/metrics"); });
  if (!answer) return answer.error();
  Sample sample;
  sample.at = std::chrono::steady_clock::now();
  sample.unix_time_s = unix_now_s();
  auto series = parse_prometheus_text(answer->body);
  if (!series) return series.error();
  sample.series = std::move(*series);
  sample.health = read_health(client);
  return sample;
}

}  // namespace mosaic::cli::top
