#include "http/answer.hpp"
#include "http/json_replies.hpp"
#include "http/json_requests.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kGroup = "Collections";
constexpr std::string_view kOne = "/api/v1/collections/{name}";

Response info_response(const CollectionInfo& info) {
  return json_response(collection_json(info));
}

void put(Engine& engine, Call call, Respond respond) {
  auto settings = read_collection(call.path("name"), std::move(call.request.body));
  engine.put_collection(std::move(settings),
                        answer_with(call, std::move(respond),
                                    [](const CollectionPut& put) {
                                      return json_response(collection_json(put.info),
                                                           put.created ? 201 : 200);
                                    }),
                        call.id);
}

void patch(Engine& engine, Call call, Respond respond) {
  auto changes = read_collection_patch(std::move(call.request.body));
  engine.patch_collection(call.path("name"), std::move(changes),
                          answer_with(call, std::move(respond), info_response), call.id);
}

void get(Engine& engine, const Call& call, Respond respond) {
  engine.get_collection(call.path("name"), answer_with(call, std::move(respond), info_response));
}

void drop(Engine& engine, const Call& call, Respond respond) {
  engine.drop_collection(call.path("name"),
                         answer_with(call, std::move(respond),
                                     [](Seq seq) { return json_response(dropped_json(seq)); }),
                         call.id);
}

void list(Engine& engine, const Call& call, Respond respond) {
  engine.list_collections(
      answer_with(call, std::move(respond), [](const std::vector<CollectionInfo>& infos) {
        return json_response(collections_json(infos));
      }));
}

}  // namespace

std::vector<Route> collection_routes(Engine& engine) {
  const auto with_engine = [&engine](auto handler) {
    return [&engine, handler](Call call, Respond respond) {
      handler(engine, std::move(call), std::move(respond));
    };
  };
  return {
      {.method = "GET",
       .pattern = "/api/v1/collections",
       .group = kGroup,
       .summary = "All collections",
       .answers = {{.schema = "CollectionList", .text = "Every collection."}},
       .problems = {ErrorCode::kUnavailable},
       .handler = with_engine(list)},
      {.method = "PUT",
       .pattern = kOne,
       .group = kGroup,
       .summary = "Make a collection",
       .request_schema = "CollectionSettings",
       .body_optional = true,
       .answers = {{.status = 201, .schema = "Collection", .text = "It was made."},
                   {.schema = "Collection", .text = "It stood already with these settings."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kAlreadyExists, ErrorCode::kOverloaded,
                    ErrorCode::kUnavailable},
       .handler = with_engine(put)},
      {.method = "PATCH",
       .pattern = kOne,
       .group = kGroup,
       .summary = "Change what may change; absent fields stay as they are",
       .request_schema = "CollectionPatch",
       .answers = {{.schema = "Collection", .text = "The collection after the change."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kOverloaded,
                    ErrorCode::kUnavailable},
       .handler = with_engine(patch)},
      {.method = "GET",
       .pattern = kOne,
       .group = kGroup,
       .summary = "One collection with its shards",
       .answers = {{.schema = "Collection", .text = "Settings, counts and shards."}},
       .problems = {ErrorCode::kNotFound, ErrorCode::kUnavailable},
       .handler = with_engine(get)},
      {.method = "DELETE",
       .pattern = kOne,
       .group = kGroup,
       .summary = "Drop a collection with all its documents",
       .answers = {{.schema = "DropReply", .text = "It is gone."}},
       .problems = {ErrorCode::kNotFound, ErrorCode::kOverloaded, ErrorCode::kUnavailable},
       .handler = with_engine(drop)},
  };
}

}  // namespace mosaic::http
