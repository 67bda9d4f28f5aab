#include "text/openai_embedder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "base/json_writer.hpp"
#include "base/quoted.hpp"
#include "net/url.hpp"
#include "text/embedding_reply.hpp"

namespace mosaic::text {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPauseFirst{200};
constexpr milliseconds kConnectTimeout{5'000};
constexpr std::uint32_t kRetryAfterMaxS = 3'600;  // no deadline is so far off

std::string body_of(const std::string& model, const std::vector<std::string>& texts) {
  JsonWriter json;
  json.begin_object().key("model").string(model).key("input").begin_array();
  for (const auto& text : texts) json.string(text);
  json.end_array().end_object();
  return json.take();
}

/// Seconds as RFC 9110 has them. A date is not read: the pauses that double will do.
milliseconds retry_after(const net::HttpReply& reply) {
  const auto header = reply.header("retry-after").value_or("");
  std::uint32_t seconds = 0;
  const auto* const end = header.data() + header.size();
  const auto [read, error] = std::from_chars(header.data(), end, seconds);
  if (read != end) return {};
  if (error == std::errc::result_out_of_range) seconds = kRetryAfterMaxS;
  return std::chrono::seconds(std::min(seconds, kRetryAfterMaxS));
}

Error named(const Endpoint& endpoint, const Error& error) {
  // That the URL is no address, or the answer too large, is nothing that the request can help.
  const bool slow = error.code == ErrorCode::kDeadlineExceeded;
  return {slow ? error.code : ErrorCode::kUnavailable,
          fmt::format("embedding endpoint {}: {}", net::without_query(endpoint.url), error.detail)};
}

}  // namespace

WaitingClock WaitingClock::real() {
  return {&std::chrono::steady_clock::now,
          [](milliseconds time) { std::this_thread::sleep_for(time); }};
}

struct OpenAiEmbedder::Attempt {
  Result<std::vector<Vector>> vectors;
  bool try_again = false;
  milliseconds pause_min{0};
};

OpenAiEmbedder::OpenAiEmbedder(Options options, WaitingClock clock)
    : options_(std::move(options)), clock_(std::move(clock)) {}

OpenAiEmbedder::Attempt OpenAiEmbedder::judge(net::HttpReply reply, std::size_t count,
                                              std::uint32_t dimension) const {
  if (reply.status >= 200 && reply.status < 300) {
    auto vectors = read_embeddings(std::move(reply.body), count, dimension);
    if (vectors) return {std::move(vectors)};
    return {Error{vectors.error().code, "the answer is wrong: " + vectors.error().detail}};
  }
  Error refused{ErrorCode::kUnavailable,
                fmt::format("answered {}{}{}", reply.status, kItSaid,
                            read_complaint(std::move(reply.body), options_.api_key))};
  return {std::move(refused), reply.status == 429 || reply.status >= 500, retry_after(reply)};
}

OpenAiEmbedder::Attempt OpenAiEmbedder::attempt(const Endpoint& endpoint, std::uint32_t dimension,
                                                const std::vector<std::string>& texts,
                                                milliseconds timeout) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = endpoint.url;
  request.headers = {{"Content-Type", "application/json"}};
  if (!options_.api_key.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + options_.api_key);
  }
  request.body = body_of(endpoint.model, texts);
  request.timeout_ms = static_cast<std::uint32_t>(timeout.count());
  request.connect_timeout_ms =
      static_cast<std::uint32_t>(std::min(timeout, kConnectTimeout).count());
  auto reply = client_.send(request);
  if (reply) return judge(std::move(*reply), texts.size(), dimension);
  return {reply.error(), reply.error().code == ErrorCode::kUnavailable};
}

Result<std::vector<Vector>> OpenAiEmbedder::embed(const Endpoint& endpoint, std::uint32_t dimension,
                                                  const std::vector<std::string>& texts,
                                                  Deadline deadline) {
  auto pause = kPauseFirst;
  for (std::uint32_t tries = 1;; ++tries, pause *= 2) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline.left(clock_.now()));
    const auto timeout = std::min(left, milliseconds(options_.timeout_ms));
    if (timeout.count() == 0) {
      return named(endpoint, {ErrorCode::kDeadlineExceeded, "no time was left to ask it"});
    }
    auto done = attempt(endpoint, dimension, texts, timeout);
    if (done.vectors) return std::move(done.vectors);
    const auto wait = std::max(pause, done.pause_min);
    // What cannot be tried in time is answered at once.
    const bool in_time = wait < deadline.left(clock_.now());
    if (!done.try_again || tries >= options_.attempts_max || !in_time) {
      return named(endpoint, done.vectors.error());
    }
    clock_.pause(wait);
  }
}

}  // namespace mosaic::text
