// From a backup target's URL to its store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "backup/object_store.hpp"

namespace mosaic::backup {

/// For `s3://` targets. What is empty is taken from the environment: AWS_ENDPOINT_URL, AWS_REGION
/// or AWS_DEFAULT_REGION, and for keys AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and
/// AWS_SESSION_TOKEN, or a credentials file.
struct StoreOptions {
  std::string endpoint = {};  ///< http(s)://HOST[:PORT]; empty: Amazon's for the region
  std::string region = {};    ///< us-east-1 when nobody says
  std::string access_key = {};
  std::string secret_key = {};
  std::string session_token = {};
  /// An INI file as the AWS tools write it. Named here, it goes before the environment; empty:
  /// AWS_SHARED_CREDENTIALS_FILE, then ~/.aws/credentials, both after the environment's keys.
  std::string credentials_file = {};
  std::string profile = {};  ///< in that file; empty: AWS_PROFILE, then "default"
  /// The bucket in the host name also at an endpoint of one's own (at Amazon it always is, but for
  /// buckets with a '.'); otherwise it is in the path.
  bool virtual_host = false;
  std::uint32_t stall_timeout_s = 30;  ///< an attempt ends when so long nothing has moved
  std::uint32_t attempts = 6;          ///< of one request, 1 to 20
  /// Of whoever uses the store: when it is asked for, a request under way ends within about a
  /// second (unavailable), and so does every one after it. Only deletions are still tried, once:
  /// they take back what was begun.
  std::stop_token stop = {};
  /// Folders in it, or that hold it, are no targets: what belongs to nothing there is taken away.
  std::filesystem::path keep_out = {};
};

/// `file:///absolute/folder` (made when missing) or `s3://bucket[/prefix]`. Speaks to nobody yet.
/// Errors: invalid_argument naming the URL or the option and what is wrong with it.
Result<std::unique_ptr<ObjectStore>> open_store(const std::string& url,
                                                const StoreOptions& options);

}  // namespace mosaic::backup
