#include "base/failure.hpp"
#include "base/snapshot_json.hpp"
#include "http/answer.hpp"
#include "http/json_requests.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kGroup = "Snapshots and backups";
constexpr std::string_view kSnapshots = "/api/v1/collections/{name}/snapshots";
constexpr std::string_view kBackups = "/api/v1/backups";

constexpr QueryParameter kTarget = {"target", R"({"type":"string"})",
                                    "Where the backups are: `file:///FOLDER` or "
                                    "`s3://BUCKET/PREFIX`. Required."};
constexpr QueryParameter kCollection = {"collection", R"({"type":"string"})",
                                        "Those of this collection alone."};

void write_list(JsonWriter& json, const std::vector<Snapshot>& snapshots) {
  json.key("snapshots").begin_array();
  for (const auto& snapshot : snapshots) write_snapshot(json, snapshot);
  json.end_array();
}

void create_snapshot(Engine& engine, Call call, Respond respond) {
  auto request = read_snapshot(call.path("name"), std::move(call.request.body));
  engine.create_snapshot(std::move(request),
                         answer_with(call, std::move(respond), [](const Job& job) {
                           return json_response(job.result, 201);
                         }));
}

void list_snapshots(Engine& engine, const Call& call, Respond respond) {
  engine.list_snapshots(
      call.path("name"),
      answer_with(call, std::move(respond), [](const std::vector<Snapshot>& snapshots) {
        JsonWriter json;
        json.begin_object();
        write_list(json, snapshots);
        return json_response(json.end_object().take());
      }));
}

Response pruned_response(const PrunedSnapshots& pruned) {
  JsonWriter json;
  json.begin_object().key("deleted").begin_array();
  for (const auto& name : pruned.deleted) json.string(name);
  json.end_array();
  write_list(json, pruned.kept);
  return json_response(json.end_object().take());
}

void drop_snapshot(Engine& engine, const Call& call, Respond respond) {
  engine.drop_snapshot(call.path("name"), call.path("snapshot"),
                       answer_with(call, std::move(respond), pruned_response));
}

void prune_snapshots(Engine& engine, Call call, Respond respond) {
  auto request = read_prune(call.path("name"), std::move(call.request.body));
  engine.prune_snapshots(std::move(request),
                         answer_with(call, std::move(respond), pruned_response));
}

void create_backup(Engine& engine, Call call, Respond respond) {
  auto request = read_backup(std::move(call.request.body));
  engine.create_backup(std::move(request),
                       answer_with(call, std::move(respond),
                                   [](const Job& job) { return json_response(job.result, 201); }));
}

void list_backups(Engine& engine, const Call& call, Respond respond) {
  const auto* target = call.find("target");
  if (target == nullptr || target->empty())
    throw Failure(invalid("target is missing: where the backups are"));
  const auto* collection = call.find("collection");
  engine.list_backups({*target, collection == nullptr ? "" : *collection},
                      answer_with(call, std::move(respond), [](const std::vector<Backup>& backups) {
                        JsonWriter json;
                        json.begin_object().key("backups").begin_array();
                        for (const auto& backup : backups) write_backup(json, backup);
                        return json_response(json.end_array().end_object().take());
                      }));
}

void restore(Engine& engine, Call call, Respond respond) {
  auto request = read_restore(std::move(call.request.body));
  engine.restore(std::move(request), answer_with(call, std::move(respond), [](const Job& job) {
                   return json_response(job.result);
                 }));
}

}  // namespace

std::vector<Route> backup_routes(Engine& engine) {
  const auto with_engine = [&engine](auto handler) {
    return [&engine, handler](Call call, Respond respond) {
      handler(engine, std::move(call), std::move(respond));
    };
  };
  return {
      {.method = "POST",
       .pattern = kSnapshots,
       .group = kGroup,
       .summary = "Make a snapshot, while searches and writes go on; answers once it stands",
       .request_schema = "SnapshotRequest",
       .body_optional = true,
       .answers = {{.status = 201, .schema = "Snapshot", .text = "It stands."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kAlreadyExists,
                    ErrorCode::kOverloaded, ErrorCode::kUnavailable, ErrorCode::kCorruptData},
       .handler = with_engine(create_snapshot)},
      {.method = "GET",
       .pattern = kSnapshots,
       .group = kGroup,
       .summary = "All snapshots of a collection",
       .answers = {{.schema = "SnapshotList", .text = "The newest first."}},
       .problems = {ErrorCode::kNotFound, ErrorCode::kUnavailable},
       .handler = with_engine(list_snapshots)},
      {.method = "DELETE",
       .pattern = "/api/v1/collections/{name}/snapshots/{snapshot}",
       .group = kGroup,
       .summary = "Delete a snapshot and its files",
       .answers = {{.schema = "PruneReply", .text = "It is gone; what stays."}},
       .problems = {ErrorCode::kNotFound, ErrorCode::kUnavailable},
       .handler = with_engine(drop_snapshot)},
      {.method = "POST",
       .pattern = "/api/v1/collections/{name}/snapshots/prune",
       .group = kGroup,
       .summary = "Delete all snapshots but the newest",
       .request_schema = "PruneRequest",
       .answers = {{.schema = "PruneReply", .text = "What went, and what stays."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kUnavailable},
       .handler = with_engine(prune_snapshots)},
      {.method = "POST",
       .pattern = kBackups,
       .group = kGroup,
       .summary = "Back a collection up to an object store; answers once it is complete",
       .request_schema = "BackupRequest",
       .answers = {{.status = 201, .schema = "Backup", .text = "It is complete."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kAlreadyExists,
                    ErrorCode::kOverloaded, ErrorCode::kUnavailable, ErrorCode::kCorruptData},
       .handler = with_engine(create_backup)},
      {.method = "GET",
       .pattern = kBackups,
       .group = kGroup,
       .summary = "The backups at a target",
       .query = {kTarget, kCollection},
       .answers = {{.schema = "BackupList", .text = "Those that are complete."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kOverloaded, ErrorCode::kUnavailable},
       .handler = with_engine(list_backups)},
      {.method = "POST",
       .pattern = "/api/v1/restore",
       .group = kGroup,
       .summary = "Make a collection of a backup; answers once it serves",
       .request_schema = "RestoreRequest",
       .answers = {{.schema = "RestoreReply", .text = "The collection serves."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kAlreadyExists,
                    ErrorCode::kOverloaded, ErrorCode::kUnavailable, ErrorCode::kCorruptData},
       .handler = with_engine(restore)},
  };
}

}  // namespace mosaic::http
