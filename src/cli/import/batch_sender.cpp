#include "cli/import/batch_sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>

namespace mosaic::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFirstDelay{50};
constexpr milliseconds kDelayMax{10'000};
constexpr milliseconds kGiveUpAfter{60'000};
constexpr int kDoublingsMax = 8;

/// The seconds of a Retry-After header; a date is taken as one second.
std::optional<seconds> wanted_pause(const ApiAnswer& answer) {
  if ((answer.status != 503 && answer.status != 429) || !answer.retry_after) return std::nullopt;
  unsigned count = 1;
  const auto& text = *answer.retry_after;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) count = 1;
  return seconds(count);
}

/// A name for one request and its repeats, which nobody else has.
std::string new_key() {
  std::random_device random;
  return fmt::format("mosaic-import-{:08x}{:08x}{:08x}{:08x}", random(), random(), random(),
                     random());
}

}  // namespace

std::optional<milliseconds> retry_delay(int attempt, seconds retry_after, milliseconds waited) {
  const auto doubled = kFirstDelay * (1 << std::clamp(attempt - 1, 0, kDoublingsMax));
  const auto delay = std::min(std::max<milliseconds>(doubled, retry_after), kDelayMax);
  if (waited + delay > kGiveUpAfter) return std::nullopt;
  return delay;
}

std::optional<RefusedDocument> parse_refused(const std::string& detail) {
  constexpr std::string_view kMark = "documents[";
  const auto mark = detail.find(kMark);
  if (mark == std::string::npos) return std::nullopt;
  const char* begin = detail.data() + mark + kMark.size();
  const char* end = detail.data() + detail.size();
  RefusedDocument refused;
  const auto parsed = std::from_chars(begin, end, refused.position);
  if (parsed.ec != std::errc{} || parsed.ptr == end || *parsed.ptr != ']') return std::nullopt;
  refused.reason = detail;
  // "documents[3].id is empty" and "documents[3]: ..." read better without the position.
  const auto after = static_cast<std::size_t>(parsed.ptr + 1 - detail.data());
  const auto word = detail.find_first_not_of(".: ", after);
  if (mark == 0 && word != std::string::npos && word > after) refused.reason = detail.substr(word);
  return refused;
}

BatchSender::BatchSender(Server server, std::string_view collection, ImportTally& tally)
    : client_(std::move(server)), path_(collection_path(collection, "/documents")), tally_(tally) {}

/// Without an answer it is not known whether the batch is stored.
Result<ApiAnswer> BatchSender::try_post(const Batch& batch, const std::string& key) {
  try {
    return client_.send("POST", path_, batch.body(), key);
  } catch (const Failure& failure) {
    if (failure.error().code != ErrorCode::kUnavailable) throw;
    return failure.error();
  }
}

ApiAnswer BatchSender::post(const Batch& batch, const Pause& pause) {
  milliseconds waited{0};
  const auto key = new_key();
  for (int attempt = 1;; ++attempt) {
    auto answer = try_post(batch, key);
    if (!answer && attempt == kUnansweredMax) throw Failure(answer.error());
    const auto wanted = answer ? wanted_pause(*answer) : seconds(0);
    if (!wanted) return *answer;
    const auto delay = retry_delay(attempt, *wanted, waited);
    if (!delay || !pause(*delay)) return or_throw(std::move(answer));
    waited += *delay;
  }
}

void BatchSender::refuse(Batch& batch, const RefusedDocument& refused, const std::string& code) {
  const auto reason = code.empty() ? refused.reason : fmt::format("{} ({})", refused.reason, code);
  tally_.bad_lines.add({batch.at(refused.position).place, reason});
  batch.erase(refused.position);
}

void BatchSender::halve(const Batch& batch, const ApiAnswer& answer, const Pause& pause) {
  if (batch.size() == 1) {
    tally_.bad_lines.add({batch.at(0).place, problem(answer).error().detail});
    return;
  }
  auto [first, second] = batch.halves();
  send(std::move(first), pause);
  send(std::move(second), pause);
}

void BatchSender::send(Batch batch, const Pause& pause) {
  for (int refusals = 0; !batch.empty(); ++refusals) {
    const auto answer = post(batch, pause);
    if (answer.ok()) {
      tally_.documents += batch.size();
      tally_.links += batch.links();
      return;
    }
    const auto [detail, code] = parse_problem(answer);
    const auto refused = parse_refused(detail);
    const bool is_documents_fault = answer.status >= 400 && answer.status < 500;
    if (is_documents_fault && refused && refused->position < batch.size()) {
      if (refusals == kRefusedPerBatchMax) {
        throw Failure(
            invalid(fmt::format("the server refused {} documents of one batch; the last: {}",
                                refusals, problem(answer).error().detail)));
      }
      refuse(batch, *refused, code);
    } else if (answer.status == 413) {
      return halve(batch, answer, pause);
    } else {
      throw problem(answer);
    }
  }
}

}  // namespace mosaic::cli
