// The few XML documents that S3 and its clients exchange. Pure functions over pugixml, which knows
// neither entities of a document's own nor anything outside of it. What a server sends is read
// strictly: a missing or odd element is no answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mosaic::net {

struct S3Object {
  std::string key;
  std::uint64_t bytes = 0;
  std::int64_t modified_ms = 0;  ///< since 1970
};

/// One page of ListObjectsV2; keys are decoded where it says `EncodingType` url.
struct S3Page {
  std::vector<S3Object> objects;
  std::string next_token;  ///< empty on the last page
};

struct S3Error {
  std::string code;
  std::string message;
};

/// Nothing when it is no well-formed answer.
std::optional<S3Page> parse_list(std::string_view xml);
/// Nothing when it is no error document.
std::optional<S3Error> parse_error(std::string_view xml);
/// The id in the answer to CreateMultipartUpload.
std::optional<std::string> parse_upload_id(std::string_view xml);
/// Whether it says that a multipart upload is complete; such an answer may also be an error.
bool is_complete_result(std::string_view xml);

/// The body of CompleteMultipartUpload; part numbers count from 1.
std::string complete_request(const std::vector<std::string>& etags);

/// A time as S3 writes it, 2009-10-12T17:50:30.000Z, in ms since 1970.
std::optional<std::int64_t> parse_s3_time(std::string_view text);

}  // namespace mosaic::net
