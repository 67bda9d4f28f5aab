#include "cli/api_client.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/text_width.hpp"
#include "net/url.hpp"

namespace mosaic::cli {
namespace {

constexpr std::uint32_t kStallTimeoutS = 120;
constexpr std::size_t kShownColumns = 200;

std::string text_member(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

nlohmann::json ApiAnswer::json() const {
  auto tree = nlohmann::json::parse(body, nullptr, false);
  if (!tree.is_discarded()) return tree;
  throw Failure(ErrorCode::kInternal,
                fmt::format("the answer is not JSON; is this a MosaicDB node? It begins: {}",
                            fit(one_line(body.substr(0, kShownColumns)), kShownColumns)));
}

ApiClient::ApiClient(Server server, std::uint32_t timeout_ms)
    : server_(std::move(server)), timeout_ms_(timeout_ms) {
  while (!server_.url.empty() && server_.url.back() == '/') server_.url.pop_back();
}

net::HttpRequest ApiClient::request(const std::string& method, const std::string& path) const {
  net::HttpRequest request{.method = method, .url = server_.url + path, .timeout_ms = timeout_ms_};
  request.headers.emplace_back("Accept", "application/json");
  if (!server_.api_key.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + server_.api_key);
  }
  return request;
}

net::HttpReply ApiClient::reply_to(const net::HttpRequest& request) {
  auto reply = http_.send(request);
  if (reply) return std::move(*reply);
  auto error = reply.error();
  if (error.detail.compare(0, 12, "cannot reach") == 0) {
    error.detail += "; is `mosaic serve` running?";
  }
  throw Failure(std::move(error));
}

ApiAnswer ApiClient::send(const std::string& method, const std::string& path, std::string body,
                          const std::string& idempotency_key) {
  auto message = request(method, path);
  if (!idempotency_key.empty()) message.headers.emplace_back("Idempotency-Key", idempotency_key);
  if (!body.empty()) message.headers.emplace_back("Content-Type", "application/json");
  message.body = std::move(body);
  auto reply = reply_to(message);
  auto retry_after = reply.header("retry-after");
  return {reply.status, std::move(reply.body), std::move(retry_after)};
}

ApiAnswer ApiClient::call(const std::string& method, const std::string& path, std::string body) {
  auto answer = send(method, path, std::move(body));
  if (!answer.ok()) throw problem(answer);
  return answer;
}

void ApiClient::download(const std::string& path, std::function<bool(std::string_view)> on_body) {
  auto message = request("GET", path);
  message.headers[0].second = "application/x-ndjson, application/problem+json";
  // A large collection takes as long as it takes, but something must move.
  message.timeout_ms = 0;
  message.stall_timeout_s = kStallTimeoutS;
  message.on_body = std::move(on_body);
  const auto reply = reply_to(message);
  const ApiAnswer answer{reply.status, reply.body, std::nullopt};
  if (!answer.ok()) throw problem(answer);
}

std::string collection_path(std::string_view collection, std::string_view rest) {
  return fmt::format("/api/v1/collections/{}{}", net::escape(collection), rest);
}

Problem parse_problem(const ApiAnswer& answer) {
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  if (!json.is_object()) return {};
  return {text_member(json, "detail"), text_member(json, "code")};
}

Failure problem(const ApiAnswer& answer) {
  auto [detail, code] = parse_problem(answer);
  if (detail.empty())
    detail = fmt::format("the server answered with HTTP status {}", answer.status);
  if (!code.empty()) detail += " (" + code + ")";
  return Failure(ErrorCode::kInternal, std::move(detail));
}

}  // namespace mosaic::cli
