#include <algorithm>
#include <atomic>
#include <memory>

#include <fmt/format.h>

#include "http/answer.hpp"
#include "http/json_replies.hpp"
#include "http/json_requests.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kGroup = "Search";

void search(Engine& engine, std::string collection, Call call, Respond respond) {
  auto request = read_search(std::move(collection), std::move(call.request.body));
  request.trace_id = call.request.trace.trace_id;
  const auto include = request.include;
  engine.search(std::move(request),
                answer_with(call, std::move(respond), [include](const SearchReply& reply) {
                  return json_response(search_json(reply, include));
                }));
}

/// Searches of one batch that are under way at a time: a large batch must not take every place that
/// the node has for searches.
constexpr std::size_t kBatchInFlightMax = 4;

/// The searches of a batch, a few in flight at once. Replies come on any thread, each to a place of
/// its own, and start the next; the last one answers for all.
class BatchSearch : public std::enable_shared_from_this<BatchSearch> {
 public:
  BatchSearch(Engine& engine, std::vector<SearchRequest> searches, std::string trace_id,
              Respond respond)
      : engine_(engine),
        searches_(std::move(searches)),
        trace_id_(std::move(trace_id)),
        respond_(std::move(respond)),
        replies_(searches_.size()),
        errors_(searches_.size()),
        missing_(searches_.size()) {
    for (auto& search : searches_) {
      search.trace_id = trace_id_;
      includes_.push_back(search.include);
    }
  }

  void start() {
    const auto first = std::min(kBatchInFlightMax, searches_.size());
    for (std::size_t i = 0; i < first; ++i) start_next();
  }

 private:
  void start_next() {
    const auto i = next_.fetch_add(1);
    if (i >= searches_.size()) return;
    engine_.search(std::move(searches_[i]),
                   [self = shared_from_this(), i](Result<SearchReply> reply) {
                     self->take(i, std::move(reply));
                   });
  }

  void take(std::size_t i, Result<SearchReply> reply) {
    if (reply) {
      replies_[i] = std::move(*reply);
    } else {
      errors_[i] = reply.error();
    }
    if (missing_.fetch_sub(1) != 1) return start_next();
    respond_([self = shared_from_this()] { return self->response(); });
  }

  Response response() const {
    for (std::size_t i = 0; i < errors_.size(); ++i) {
      if (!errors_[i]) continue;
      const Error error{errors_[i]->code, fmt::format("searches[{}]: {}", i, errors_[i]->detail)};
      return problem(error, trace_id_);
    }
    return json_response(search_batch_json(replies_, includes_));
  }

  Engine& engine_;
  std::vector<SearchRequest> searches_;
  std::string trace_id_;
  Respond respond_;
  std::vector<Include> includes_;
  std::vector<SearchReply> replies_;
  std::vector<std::optional<Error>> errors_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> missing_;
};

void search_batch(Engine& engine, Call call, Respond respond) {
  auto searches = read_search_batch(call.path("name"), std::move(call.request.body));
  std::make_shared<BatchSearch>(engine, std::move(searches), call.request.trace.trace_id,
                                std::move(respond))
      ->start();
}

const std::vector<ErrorCode> kProblems = {
    ErrorCode::kInvalidArgument, ErrorCode::kNotFound,    ErrorCode::kPayloadTooLarge,
    ErrorCode::kOverloaded,      ErrorCode::kUnavailable, ErrorCode::kDeadlineExceeded};

}  // namespace

std::vector<Route> search_routes(Engine& engine, const std::string& default_collection) {
  return {
      {.method = "POST",
       .pattern = "/api/v1/collections/{name}/search",
       .group = kGroup,
       .summary = "Search by vector, by text or by both",
       .request_schema = "SearchRequest",
       .answers = {{.schema = "SearchReply", .text = "Hits by falling score, ties by id."}},
       .problems = kProblems,
       .lasting = false,
       .handler =
           [&engine](Call call, Respond respond) {
             auto name = call.path("name");
             search(engine, std::move(name), std::move(call), std::move(respond));
           }},
      {.method = "POST",
       .pattern = "/api/v1/collections/{name}/search/batch",
       .group = kGroup,
       .summary = "Several searches at once, answered in their order",
       .request_schema = "BatchSearchRequest",
       .answers = {{.schema = "BatchSearchReply", .text = "One result for each search."}},
       .problems = kProblems,
       .lasting = false,
       .handler =
           [&engine](Call call, Respond respond) {
             search_batch(engine, std::move(call), std::move(respond));
           }},
      {.method = "POST",
       .pattern = "/api/search",
       .group = kGroup,
       .summary = "Search the node's default collection",
       .request_schema = "SearchRequest",
       .answers = {{.schema = "SearchReply", .text = "Hits by falling score, ties by id."}},
       .problems = kProblems,
       .lasting = false,
       .handler =
           [&engine, default_collection](Call call, Respond respond) {
             search(engine, default_collection, std::move(call), std::move(respond));
           }},
  };
}

}  // namespace mosaic::http
