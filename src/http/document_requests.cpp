#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "http/json_reader.hpp"
#include "http/json_requests.hpp"
#include "mosaic/search.hpp"

namespace mosaic::http {
namespace {

Link read_link(JsonValue value) {
  Link link;
  if (value.is_string()) {
    link.to = value.string();
    return link;
  }
  bool has_target = false;
  auto object = value.object();
  object.each_field([&](std::string_view key, JsonValue field) {
    if (key == "to") {
      link.to = field.string();
      has_target = true;
    } else if (key == "kind") {
      link.kind = field.string();
    } else if (key == "weight") {
      link.weight = field.number();
    } else {
      refuse_unknown(field);
    }
  });
  if (!has_target) refuse_missing("to", object.path());
  return link;
}

std::vector<Link> read_links(JsonValue value) {
  std::vector<Link> links;
  value.each_item([&](JsonValue item) {
    if (links.size() == kLinksMax) {
      throw Failure(ErrorCode::kPayloadTooLarge,
                    fmt::format("{} has more than {} items", value.path().text(), kLinksMax));
    }
    links.push_back(read_link(item));
  });
  return links;
}

/// null stands for an absent field, as documents are answered with it.
void read_optional_field(Document& document, std::string_view key, JsonValue value) {
  const bool absent = value.is_null();
  if (key == "title") {
    document.title = absent ? std::nullopt : std::optional(value.string());
  } else if (key == "text") {
    document.text = absent ? std::nullopt : std::optional(value.string());
  } else if (key == "vector") {
    document.vector = absent ? Vector{} : value.vector();
  } else if (key == "metadata") {
    document.metadata = absent ? std::string{} : value.metadata();
  } else if (key == "links") {
    document.links = absent ? std::vector<Link>{} : read_links(value);
  } else {
    refuse_unknown(value);
  }
}

Document read_document(JsonObject object) {
  Document document;
  bool has_id = false;
  object.each_field([&](std::string_view key, JsonValue value) {
    if (key == "id") {
      document.id = value.string();
      has_id = true;
    } else {
      read_optional_field(document, key, value);
    }
  });
  if (!has_id) refuse_missing("id", object.path());
  return document;
}

void check_batch_room(std::size_t size, std::string_view what) {
  if (size < kBatchDocumentsMax) return;
  throw Failure(ErrorCode::kPayloadTooLarge,
                fmt::format("{} has more than {} items", what, kBatchDocumentsMax));
}

std::vector<Document> read_documents(JsonValue value) {
  std::vector<Document> documents;
  value.each_item([&](JsonValue item) {
    check_batch_room(documents.size(), "documents");
    documents.push_back(read_document(item.object()));
  });
  return documents;
}

std::vector<std::string> read_ids(JsonValue value) {
  std::vector<std::string> ids;
  value.each_item([&](JsonValue item) {
    check_batch_room(ids.size(), "ids");
    ids.push_back(item.string());
  });
  if (ids.empty()) throw Failure(invalid("ids is empty"));
  return ids;
}

std::string read_where(JsonValue value) {
  auto where = value.string();
  if (where.empty()) throw Failure(invalid("where is empty"));
  return where;
}

UpsertRequest checked(UpsertRequest request) {
  if (request.documents.empty()) throw Failure(invalid("documents is empty"));
  return request;
}

}  // namespace

std::string read_filter(std::string text) {
  return checked_object(std::move(text), "filter", kFilterBytesMax);
}

AsOf checked_as_of(std::string text) {
  if (!text.empty() && text.size() <= kAsOfBytesMax) return {.text = std::move(text)};
  throw Failure(
      invalid(fmt::format("as_of has {} bytes, must have 1 to {}", text.size(), kAsOfBytesMax)));
}

AsOf read_as_of(const std::string& text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return checked_as_of(text);
  AsOf as_of;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), as_of.seq);
  if (read.ec == std::errc() && as_of.seq <= kSeqMax) return as_of;
  throw Failure(
      invalid(fmt::format("as_of is {}, must be 0 to {}", text.substr(0, kAsOfBytesMax), kSeqMax)));
}

UpsertRequest read_upsert(std::string collection, std::string body) {
  UpsertRequest request{std::move(collection), {}};
  bool given = false;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field([&](std::string_view key, JsonValue value) {
      if (key != "documents") refuse_unknown(value);
      request.documents = read_documents(value);
      given = true;
    });
    if (!given) refuse_missing("documents", object.path());
  });
  return checked(std::move(request));
}

UpsertRequest read_upsert_ndjson(std::string collection, std::string body) {
  UpsertRequest request{std::move(collection), {}};
  LinePlace place;
  JsonText text(std::move(body));
  try {
    text.read_lines(place, [&](JsonObject object) {
      check_batch_room(request.documents.size(), "documents");
      request.documents.push_back(read_document(object));
    });
  } catch (const Failure& failure) {
    throw Failure(failure.error().code, fmt::format("documents[{}] (line {}): {}", place.index,
                                                    place.line, failure.error().detail));
  }
  return checked(std::move(request));
}

DeleteRequest read_delete(std::string collection, std::string body) {
  DeleteRequest request;
  request.collection = std::move(collection);
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field([&](std::string_view key, JsonValue value) {
      if (key == "ids") {
        request.ids = read_ids(value);
      } else if (key == "filter") {
        request.filter = value.object_text(kFilterBytesMax);
      } else if (key == "where") {
        request.where = read_where(value);
      } else {
        refuse_unknown(value);
      }
    });
  });
  const int given = !request.ids.empty() + !request.filter.empty() + !request.where.empty();
  if (given != 1) {
    throw Failure(
        invalid(fmt::format("exactly one of ids, filter and where is needed, found {}", given)));
  }
  return request;
}

}  // namespace mosaic::http
