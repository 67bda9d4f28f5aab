#include "net/s3_client.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace mosaic::net {

Result<S3Reply> S3Client::send(const S3Request& request) {
  auto reply = exchange_.send(request);
  if (reply && (reply->http.status < 200 || reply->http.status >= 300)) {
    return exchange_.error_of(request, *reply);
  }
  return reply;
}

Status S3Client::put(const std::string& key, std::string_view bytes) {
  if (bytes.size() > exchange_.target().part_bytes) {
    auto status = put_in_parts(key, bytes);
    // The upload is gone: it was completed, and what said so was lost on the way (libcurl, too,
    // sends again when a kept connection breaks), or somebody has cleaned up. Once more is right
    // for both.
    const bool gone = !status && status.error().code == ErrorCode::kNotFound;
    return gone ? put_in_parts(key, bytes) : status;
  }
  const auto reply = send({.method = "PUT", .key = key, .body = bytes});
  if (!reply) return reply.error();
  return {};
}

Status S3Client::put_in_parts(const std::string& key, std::string_view bytes) {
  const auto part_bytes = exchange_.target().part_bytes;
  if ((bytes.size() - 1) / part_bytes >= kS3PartsMax) {
    return invalid(fmt::format("s3://{}/{}: {} bytes are more than {} parts of {} bytes",
                               exchange_.target().bucket, key, bytes.size(), kS3PartsMax,
                               part_bytes));
  }
  const auto upload = begin_upload(key);
  if (!upload) return upload.error();
  std::vector<std::string> etags;
  Status status;
  for (std::size_t at = 0; at < bytes.size() && status; at += part_bytes) {
    auto etag = put_part(key, *upload, etags.size() + 1, bytes.substr(at, part_bytes));
    if (etag) etags.push_back(std::move(*etag));
    if (!etag) status = etag.error();
  }
  if (status) status = complete_upload(key, *upload, etags);
  if (!status) {
    // Parts that nobody completes are paid for until somebody finds them. What failed before is the
    // error, not this.
    static_cast<void>(send({.method = "DELETE", .key = key, .query = {{"uploadId", *upload}}}));
  }
  return status;
}

Result<std::string> S3Client::begin_upload(const std::string& key) {
  const S3Request request{.method = "POST", .key = key, .query = {{"uploads", ""}}};
  const auto reply = send(request);
  if (!reply) return reply.error();
  auto id = parse_upload_id(reply->http.body);
  if (!id) return exchange_.odd_reply(request, "it has no UploadId");
  return std::move(*id);
}

Result<std::string> S3Client::put_part(const std::string& key, const std::string& upload,
                                       std::size_t number, std::string_view bytes) {
  const S3Request request{.method = "PUT",
                          .key = key,
                          .query = {{"partNumber", std::to_string(number)}, {"uploadId", upload}},
                          .body = bytes};
  const auto reply = send(request);
  if (!reply) return reply.error();
  auto etag = reply->http.header("etag");
  if (!etag || etag->empty()) return exchange_.odd_reply(request, "it has no ETag");
  return std::move(*etag);
}

Status S3Client::complete_upload(const std::string& key, const std::string& upload,
                                 const std::vector<std::string>& etags) {
  const auto body = complete_request(etags);
  const S3Request request{
      .method = "POST", .key = key, .query = {{"uploadId", upload}}, .body = body};
  auto reply = exchange_.send(request);
  if (!reply) return reply.error();
  if (reply->http.status != 200) return exchange_.error_of(request, *reply);
  if (is_complete_result(reply->http.body)) return {};
  if (!parse_error(reply->http.body)) return exchange_.odd_reply(request, "it does not say so");
  reply->http.status = 500;
  return exchange_.error_of(request, *reply);
}

Result<std::string> S3Client::get(const std::string& key, std::size_t bytes_max) {
  auto reply = send({.key = key, .reply_bytes_max = bytes_max});
  if (!reply) return reply.error();
  if (reply->too_large) {
    return Error{ErrorCode::kCorruptData, fmt::format("s3://{}/{} has more than {} bytes",
                                                      exchange_.target().bucket, key, bytes_max)};
  }
  return std::move(reply->http.body);
}

Result<std::optional<std::uint64_t>> S3Client::head(const std::string& key) {
  const S3Request request{.method = "HEAD", .key = key};
  const auto reply = exchange_.send(request);
  if (!reply) return reply.error();
  if (reply->http.status == 404) return std::optional<std::uint64_t>();
  if (reply->http.status != 200) return exchange_.error_of(request, *reply);
  const auto text = reply->http.header("content-length").value_or("");
  std::uint64_t bytes = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (text.empty() || error != std::errc{} || stop != text.data() + text.size()) {
    return exchange_.odd_reply(request, "it has no Content-Length");
  }
  return std::optional(bytes);
}

Result<std::vector<S3Object>> S3Client::list(const std::string& prefix) {
  std::vector<S3Object> objects;
  std::string token;
  do {
    auto page = list_page(prefix, token);
    if (!page) return page.error();
    objects.insert(objects.end(), std::make_move_iterator(page->objects.begin()),
                   std::make_move_iterator(page->objects.end()));
    if (objects.size() > kS3ListMax) {
      return invalid(fmt::format("s3://{}/{} has more than {} objects", exchange_.target().bucket,
                                 prefix, kS3ListMax));
    }
    token = std::move(page->next_token);
  } while (!token.empty());
  return objects;
}

Result<S3Page> S3Client::list_page(const std::string& prefix, const std::string& token) {
  S3Request request{.query = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", prefix}}};
  if (!token.empty()) request.query.emplace_back("continuation-token", token);
  const auto reply = send(request);
  if (!reply) return reply.error();
  auto page = parse_list(reply->http.body);
  if (!page || reply->too_large) return exchange_.odd_reply(request, "it is no list of objects");
  if (!token.empty() && page->next_token == token)
    return exchange_.odd_reply(request, "the next page is the same page");
  return std::move(*page);
}

Status S3Client::remove(const std::string& key) {
  const S3Request request{.method = "DELETE", .key = key};
  const auto reply = exchange_.send(request);
  if (!reply) return reply.error();
  const auto error = exchange_.error_of(request, *reply);
  if (reply->http.status < 300 || error.code == ErrorCode::kNotFound) return {};
  return error;
}

}  // namespace mosaic::net
