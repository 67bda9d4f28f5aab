#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "base/failure.hpp"
#include "http/answer.hpp"
#include "http/json_replies.hpp"
#include "http/json_requests.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kGroup = "Documents";
constexpr std::string_view kAll = "/api/v1/collections/{name}/documents";
constexpr std::string_view kOne = "/api/v1/collections/{name}/documents/{id}";

constexpr QueryParameter kLimit = {
    "limit", R"({"type":"integer","minimum":1,"maximum":10000,"default":100})",
    "At most so many on this page."};
constexpr QueryParameter kAsOf = {"as_of", R"({"type":"string"})", kAsOfText};
constexpr QueryParameter kCursor = {"cursor", R"({"type":"string"})",
                                    "The `next_cursor` of the page before."};
constexpr QueryParameter kFilter = {"filter", R"({"type":"string"})",
                                    "A filter (see Filter) as JSON text."};
constexpr QueryParameter kInclude = {
    "include", R"({"type":"string"})",
    "What to add to the answer: `vector`, `links` or both, separated by a comma."};

std::size_t limit_of(const Call& call) {
  const auto* text = call.find("limit");
  if (text == nullptr) return ListRequest{}.limit;
  std::size_t limit = 0;
  const auto* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, limit);
  if (parsed.ec == std::errc{} && parsed.ptr == end && limit >= 1 && limit <= kListLimitMax) {
    return limit;
  }
  throw Failure(invalid(
      fmt::format("limit is '{}', expected a whole number from 1 to {}", *text, kListLimitMax)));
}

/// `include` adds to what the route answers anyway.
Include include_of(const Call& call, Include include) {
  const auto* text = call.find("include");
  if (text == nullptr) return include;
  for (std::size_t begin = 0; begin <= text->size();) {
    const auto end = std::min(text->find(',', begin), text->size());
    const auto word = std::string_view(*text).substr(begin, end - begin);
    if (!add_include(include, word)) {
      throw Failure(invalid(fmt::format(
          "include names '{}', which is not one of title, text, metadata, vector, links", word)));
    }
    begin = end + 1;
  }
  return include;
}

std::optional<AsOf> as_of_of(const Call& call) {
  const auto* as_of = call.find("as_of");
  if (as_of == nullptr) return std::nullopt;
  return read_as_of(*as_of);
}

ListRequest page_of(const Call& call) {
  ListRequest request;
  request.collection = call.path("name");
  request.limit = limit_of(call);
  if (const auto* cursor = call.find("cursor")) request.cursor = *cursor;
  if (const auto* filter = call.find("filter")) {
    request.filter = read_filter(*filter);
  }
  request.as_of = as_of_of(call);
  return request;
}

/// The type alone counts, in any case; parameters, as "; charset=utf-8", say nothing new.
bool is_ndjson(std::string_view content_type) {
  const auto same = [](char wanted, char given) {
    return std::tolower(static_cast<unsigned char>(given)) == wanted;
  };
  return content_type.size() >= kNdjson.size() &&
         std::equal(kNdjson.begin(), kNdjson.end(), content_type.begin(), same);
}

void upsert(Engine& engine, Call call, Respond respond) {
  const auto read = is_ndjson(call.request.content_type) ? read_upsert_ndjson : read_upsert;
  auto request = read(call.path("name"), std::move(call.request.body));
  engine.upsert(
      std::move(request),
      answer_with(call, std::move(respond),
                  [](const UpsertReply& reply) { return json_response(upsert_json(reply)); }),
      call.id);
}

void remove(Engine& engine, DeleteRequest request, const Call& call, Respond respond) {
  engine.remove(
      std::move(request),
      answer_with(call, std::move(respond),
                  [](const DeleteReply& reply) { return json_response(delete_json(reply)); }),
      call.id);
}

void remove_one(Engine& engine, const Call& call, Respond respond) {
  DeleteRequest request;
  request.collection = call.path("name");
  request.ids = {call.path("id")};
  remove(engine, std::move(request), call, std::move(respond));
}

void remove_many(Engine& engine, Call call, Respond respond) {
  auto request = read_delete(call.path("name"), std::move(call.request.body));
  remove(engine, std::move(request), call, std::move(respond));
}

void get(Engine& engine, const Call& call, Respond respond) {
  const auto include = include_of(call, {.links = true});
  engine.get_document({call.path("name"), call.path("id"), include, as_of_of(call)},
                      answer_with(call, std::move(respond), [include](const StoredDocument& found) {
                        return json_response(document_json(found, include));
                      }));
}

void list(Engine& engine, const Call& call, Respond respond) {
  auto request = page_of(call);
  const auto include = include_of(call, {});
  request.include = include;
  engine.list_documents(std::move(request),
                        answer_with(call, std::move(respond), [include](const ListReply& page) {
                          return json_response(documents_json(page, include));
                        }));
}

void list_ids(Engine& engine, const Call& call, Respond respond) {
  auto request = page_of(call);
  request.ids_only = true;
  request.include = {.title = false, .text = false, .metadata = false};
  engine.list_documents(std::move(request),
                        answer_with(call, std::move(respond), [](const ListReply& page) {
                          return json_response(ids_json(page));
                        }));
}

}  // namespace

std::vector<Route> document_routes(Engine& engine) {
  const auto with_engine = [&engine](auto handler) {
    return [&engine, handler](Call call, Respond respond) {
      handler(engine, std::move(call), std::move(respond));
    };
  };
  return {
      {.method = "POST",
       .pattern = kAll,
       .group = kGroup,
       .summary = "Insert or replace documents; all of them or none",
       .request_schema = "UpsertRequest",
       .ndjson_schema = "Document",
       .answers = {{.schema = "UpsertReply", .text = "They are on disk."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kPayloadTooLarge,
                    ErrorCode::kPermissionDenied, ErrorCode::kOverloaded, ErrorCode::kUnavailable},
       .handler = with_engine(upsert)},
      {.method = "GET",
       .pattern = kAll,
       .group = kGroup,
       .summary = "Every document, page by page, by rising id",
       .query = {kLimit, kCursor, kFilter, kInclude, kAsOf},
       .answers = {{.schema = "DocumentPage", .text = "One page."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kUnavailable},
       .handler = with_engine(list)},
      {.method = "POST",
       .pattern = "/api/v1/collections/{name}/documents/delete",
       .group = kGroup,
       .summary = "Delete documents by ids, by filter or by SQL",
       .request_schema = "DeleteRequest",
       .answers = {{.schema = "DeleteReply", .text = "How many there were."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kPayloadTooLarge,
                    ErrorCode::kOverloaded, ErrorCode::kUnavailable},
       .handler = with_engine(remove_many)},
      {.method = "GET",
       .pattern = kOne,
       .group = kGroup,
       .summary = "One document",
       .query = {kInclude, kAsOf},
       .answers = {{.schema = "StoredDocument", .text = "The document as it stands."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kCorruptData},
       .handler = with_engine(get)},
      {.method = "DELETE",
       .pattern = kOne,
       .group = kGroup,
       .summary = "Delete one document",
       .answers = {{.schema = "DeleteReply", .text = "`deleted` is 0 when there was none."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kOverloaded,
                    ErrorCode::kUnavailable},
       .handler = with_engine(remove_one)},
      {.method = "GET",
       .pattern = "/api/v1/collections/{name}/ids",
       .group = kGroup,
       .summary = "Every id, page by page, rising",
       .query = {kLimit, kCursor, kAsOf},
       .answers = {{.schema = "IdPage", .text = "One page."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kUnavailable},
       .handler = with_engine(list_ids)},
  };
}

}  // namespace mosaic::http
