#include "http/answer.hpp"
#include "http/cluster_replies.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kGroup = "Cluster";

Response cluster_response(const ClusterStatus& status) {
  return json_response(cluster_json(status));
}

void get(Engine& engine, const Call& call, Respond respond) {
  engine.cluster(answer_with(call, std::move(respond), cluster_response));
}

void remove(Engine& engine, const Call& call, Respond respond) {
  engine.remove_node(call.path("name"), answer_with(call, std::move(respond), cluster_response));
}

void promote(Engine& engine, const Call& call, Respond respond) {
  engine.promote_node(call.path("name"), answer_with(call, std::move(respond), cluster_response));
}

const std::vector<ErrorCode> kChangeProblems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound,
                                                ErrorCode::kUnavailable,
                                                ErrorCode::kDeadlineExceeded};

}  // namespace

std::vector<Route> cluster_routes(Engine& engine) {
  const auto with_engine = [&engine](auto handler) {
    return [&engine, handler](const Call& call, Respond respond) {
      handler(engine, call, std::move(respond));
    };
  };
  return {
      {.method = "GET",
       .pattern = "/api/v1/cluster",
       .group = kGroup,
       .summary = "The nodes of the cluster and what each holds",
       .answers = {{.schema = "Cluster",
                    .text = "As this node knows it; it needs no leader to answer."}},
       .handler = with_engine(get)},
      {.method = "DELETE",
       .pattern = "/api/v1/cluster/nodes/{name}",
       .group = kGroup,
       .summary = "Take a node out of the cluster for good",
       .answers =
           {{.schema = "Cluster",
             .text = "It is out; or it is `leaving`, and out when others have what it holds. The "
                     "cluster as it is then. One that is down and alone has some shard is "
                     "not taken out, nor is the only one that votes: 400."}},
       .problems = kChangeProblems,
       .handler = with_engine(remove)},
      {.method = "POST",
       .pattern = "/api/v1/cluster/nodes/{name}/promote",
       .group = kGroup,
       .summary = "Let a follower vote",
       .answers = {{.schema = "Cluster", .text = "It votes; the cluster as it is then."}},
       .problems = kChangeProblems,
       .handler = with_engine(promote)},
  };
}

}  // namespace mosaic::http
