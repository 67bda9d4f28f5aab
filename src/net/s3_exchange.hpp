// One signed request to a bucket and its answer, repeated while that can help. Belongs to one
// thread; time, pauses and chance come from outside, so that tests need not wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "mosaic/result.hpp"
#include "net/aws_signature.hpp"
#include "net/http_client.hpp"
#include "net/s3_xml.hpp"

namespace mosaic::net {

constexpr std::size_t kS3KeyBytesMax = 1'024;
constexpr std::size_t kS3ReplyBytesMax = 4 << 20;  ///< of an answer that is no object
constexpr std::uint32_t kS3AttemptsMax = 20;

struct S3Target {
  std::string endpoint;  ///< http(s)://HOST[:PORT]
  std::string bucket;
  std::string region;
  bool virtual_host = false;  ///< the bucket before the host name instead of in the path
  AwsCredentials credentials = {};
  std::uint32_t stall_timeout_s = 30;  ///< an attempt ends when so long nothing has moved
  std::uint32_t timeout_ms = 600'000;  ///< of one attempt
  std::uint32_t attempts = 6;          ///< 1 to kS3AttemptsMax
  std::stop_token stop = {};           ///< ends all but deletions, which have one attempt then
  std::size_t part_bytes = 16 << 20;   ///< objects of more go up in parts; S3 wants 5 MiB
};

/// What S3 work takes from the world.
struct S3Surroundings {
  std::function<std::int64_t()> now_ms;  ///< since 1970
  std::function<void(std::chrono::milliseconds, const std::stop_token&)> pause;
  std::function<double()> chance;  ///< 0 to below 1

  static S3Surroundings real();
};

struct S3Request {
  std::string method = "GET";
  std::string key = {};  ///< empty: the bucket itself
  NamesAndValues query = {};
  std::string_view body = {};
  std::size_t reply_bytes_max = kS3ReplyBytesMax;
};

struct S3Reply {
  HttpReply http;
  std::uint32_t attempts = 1;  ///< more than one: an earlier one may have taken effect
  bool too_large = false;      ///< the body was cut off at reply_bytes_max
};

/// How long to wait before attempt `next` (from 2): doubling from 200 ms up to 10 s, of which
/// `chance` takes up to a half away, so that many clients do not come back at once.
std::chrono::milliseconds retry_pause(std::uint32_t next, double chance);

class S3Exchange {
 public:
  S3Exchange(S3Target target, S3Surroundings surroundings);

  /// The last answer, whatever its status. Errors: unavailable or deadline_exceeded when no attempt
  /// brought one or it was stopped, invalid_argument for a key that S3 does not take.
  Result<S3Reply> send(const S3Request& request);

  /// What an answer of status 300 or more means: bucket, key and S3's code.
  Error error_of(const S3Request& request, const S3Reply& reply) const;
  /// For answers that nobody can read.
  Error odd_reply(const S3Request& request, std::string_view what) const;
  const S3Target& target() const { return target_; }

 private:
  Result<S3Reply> attempt(const S3Request& request, const std::string& payload_sha256);
  NamesAndValues signed_headers(const S3Request& request, const std::string& payload_sha256,
                                const std::string& path) const;
  std::string place(const S3Request& request) const;

  const S3Target target_;
  const S3Surroundings surroundings_;
  std::string origin_;  ///< scheme and host, the bucket's where that is asked for
  std::string host_;    ///< as the header says it
  HttpClient client_;
};

}  // namespace mosaic::net
