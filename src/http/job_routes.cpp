#include "http/answer.hpp"
#include "http/job_replies.hpp"
#include "http/json_requests.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kGroup = "Jobs";
constexpr std::string_view kOne = "/api/v1/jobs/{id}";

Response job_response(const Job& job) {
  return json_response(job_json(job));
}

void start_pagerank(Engine& engine, Call call, Respond respond) {
  auto request = read_pagerank(call.path("name"), std::move(call.request.body));
  engine.start_pagerank(std::move(request), answer_with(call, std::move(respond), job_started));
}

void reembed(Engine& engine, Call call, Respond respond) {
  auto request = read_reembed(call.path("name"), std::move(call.request.body));
  engine.reembed(std::move(request), answer_with(call, std::move(respond), job_started));
}

void list(Engine& engine, const Call& call, Respond respond) {
  engine.list_jobs(answer_with(call, std::move(respond), [](const std::vector<Job>& jobs) {
    return json_response(jobs_json(jobs));
  }));
}

void get(Engine& engine, const Call& call, Respond respond) {
  engine.get_job(call.path("id"), answer_with(call, std::move(respond), job_response));
}

void cancel(Engine& engine, const Call& call, Respond respond) {
  engine.cancel_job(call.path("id"), answer_with(call, std::move(respond), job_response));
}

}  // namespace

std::vector<Route> job_routes(Engine& engine) {
  const auto with_engine = [&engine](auto handler) {
    return [&engine, handler](Call call, Respond respond) {
      handler(engine, std::move(call), std::move(respond));
    };
  };
  return {
      {.method = "POST",
       .pattern = "/api/v1/collections/{name}/pagerank",
       .group = kGroup,
       .summary = "Compute PageRank over the links of a collection",
       .request_schema = "PageRankRequest",
       .body_optional = true,
       .answers = {{.status = 202,
                    .schema = "Job",
                    .text = "It has started; `Location` is where the job is found."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kOverloaded,
                    ErrorCode::kUnavailable},
       .handler = with_engine(start_pagerank)},
      {.method = "POST",
       .pattern = "/api/v1/collections/{name}/reembed",
       .group = kGroup,
       .summary =
           "Embed all documents anew, by another embedder or a changed model, while searches "
           "go on",
       .request_schema = "ReembedRequest",
       .answers = {{.status = 202,
                    .schema = "Job",
                    .text = "It has started; `Location` is where the job is found."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kDimensionMismatch,
                    ErrorCode::kNotFound, ErrorCode::kAlreadyExists, ErrorCode::kOverloaded,
                    ErrorCode::kUnavailable, ErrorCode::kDeadlineExceeded},
       .handler = with_engine(reembed)},
      {.method = "GET",
       .pattern = kJobs,
       .group = kGroup,
       .summary = "All jobs",
       .answers = {{.schema = "JobList", .text = "Jobs that run or have ended lately."}},
       .problems = {ErrorCode::kUnavailable},
       .handler = with_engine(list)},
      {.method = "GET",
       .pattern = kOne,
       .group = kGroup,
       .summary = "One job",
       .answers = {{.schema = "Job", .text = "How far it is."}},
       .problems = {ErrorCode::kNotFound, ErrorCode::kUnavailable},
       .handler = with_engine(get)},
      {.method = "DELETE",
       .pattern = kOne,
       .group = kGroup,
       .summary = "Cancel a job; one that has ended stays as it is",
       .answers = {{.schema = "Job", .text = "The job, which ends soon."}},
       .problems = {ErrorCode::kNotFound, ErrorCode::kUnavailable},
       .handler = with_engine(cancel)},
  };
}

}  // namespace mosaic::http
