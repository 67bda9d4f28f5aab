// AWS Signature Version 4 in the form that S3 wants: a path is encoded once and never normalised
// (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). Pure functions;
// why it is not libcurl that signs: docs/decisions/0036.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mosaic::net {

struct AwsCredentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token = {};  ///< of temporary credentials; empty: none
};

/// Where and when a signature holds.
struct AwsScope {
  std::string region;
  std::string service;
  std::int64_t time_ms = 0;  ///< since 1970
};

using NamesAndValues = std::vector<std::pair<std::string, std::string>>;

struct AwsRequest {
  std::string method;
  std::string path;                 ///< as it is meant, not encoded: "/my folder/a+b"
  NamesAndValues query = {};        ///< not encoded, in any order
  NamesAndValues headers = {};      ///< all that are to be signed, with `host` and `x-amz-date`
  std::string payload_sha256 = {};  ///< of the body, as 64 hexadecimal digits
};

/// What belongs into `x-amz-date`: 20130524T000000Z.
std::string aws_time(std::int64_t time_ms);

/// Path and query as they are signed. Sent in the same form, no server can read them differently.
std::string canonical_path(std::string_view path);
std::string canonical_query(const NamesAndValues& query);

std::string canonical_request(const AwsRequest& request);
std::string string_to_sign(std::string_view canonical_request, const AwsScope& scope);

/// The value of the header `Authorization`.
std::string authorization(const AwsRequest& request, const AwsCredentials& credentials,
                          const AwsScope& scope);

}  // namespace mosaic::net
