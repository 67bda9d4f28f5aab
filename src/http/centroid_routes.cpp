#include "http/answer.hpp"
#include "http/centroid_replies.hpp"
#include "http/job_replies.hpp"
#include "http/json_requests.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kGroup = "Routing by centroid";
constexpr std::string_view kAll = "/api/v1/collections/{name}/centroids";

Response centroids_response(const Centroids& centroids) {
  return json_response(centroids_json(centroids));
}

void get(Engine& engine, const Call& call, Respond respond) {
  engine.get_centroids(call.path("name"),
                       answer_with(call, std::move(respond), centroids_response));
}

void put(Engine& engine, Call call, Respond respond) {
  auto request = read_centroids(call.path("name"), std::move(call.request.body));
  engine.put_centroids(std::move(request),
                       answer_with(call, std::move(respond), centroids_response), call.id);
}

void train(Engine& engine, Call call, Respond respond) {
  auto request = read_train(call.path("name"), std::move(call.request.body));
  engine.train_centroids(std::move(request), answer_with(call, std::move(respond), job_started));
}

}  // namespace

std::vector<Route> centroid_routes(Engine& engine) {
  const auto with_engine = [&engine](auto handler) {
    return [&engine, handler](Call call, Respond respond) {
      handler(engine, std::move(call), std::move(respond));
    };
  };
  return {
      {.method = "GET",
       .pattern = kAll,
       .group = kGroup,
       .summary = "The centroids that documents live at",
       .answers = {{.schema = "Centroids",
                    .text = "As they stand; none before the first training."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kUnavailable},
       .handler = with_engine(get)},
      {.method = "PUT",
       .pattern = kAll,
       .group = kGroup,
       .summary = "Set centroids by hand; documents move to them afterwards, while searches go on",
       .request_schema = "CentroidsRequest",
       .answers = {{.schema = "Centroids", .text = "They are in force."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kDimensionMismatch,
                    ErrorCode::kNotFound, ErrorCode::kOverloaded, ErrorCode::kUnavailable},
       .handler = with_engine(put)},
      {.method = "POST",
       .pattern = "/api/v1/collections/{name}/centroids/train",
       .group = kGroup,
       .summary = "Find centroids by k-means, then move documents to them while searches go on",
       .request_schema = "TrainRequest",
       .body_optional = true,
       .answers = {{.status = 202,
                    .schema = "Job",
                    .text = "It has started; `Location` is where the job is found."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kAlreadyExists,
                    ErrorCode::kOverloaded, ErrorCode::kUnavailable},
       .handler = with_engine(train)},
  };
}

}  // namespace mosaic::http
