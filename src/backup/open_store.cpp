#include "backup/open_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "backup/aws_settings.hpp"
#include "backup/file_store.hpp"
#include "backup/s3_store.hpp"
#include "base/failure.hpp"
#include "net/url.hpp"

namespace mosaic::backup {
namespace {

constexpr std::string_view kFile = "file://";
constexpr std::string_view kS3 = "s3://";
constexpr std::size_t kPrefixBytesMax = 256;
constexpr std::size_t kBucketBytesMax = 63;

/// Whether `path` is `folder`, or below it, by whatever links.
bool is_within(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const auto real = std::filesystem::weakly_canonical(path);
  const auto root = std::filesystem::weakly_canonical(folder);
  return std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end();
}

void check_place(const std::string& url, const std::filesystem::path& path,
                 const std::filesystem::path& keep_out) {
  if (keep_out.empty()) return;
  if (!is_within(path, keep_out) && !is_within(keep_out, path)) return;
  throw Failure(invalid(
      fmt::format("backup target '{}' must be a folder outside of the node's data folder", url)));
}

std::unique_ptr<ObjectStore> open_folder(const std::string& url, const StoreOptions& options) {
  const auto path = net::unescape(std::string_view(url).substr(kFile.size()));
  if (!path || !path->starts_with('/') || path->find('\0') != std::string::npos) {
    throw Failure(invalid(fmt::format("backup target '{}' must be file:///FOLDER", url)));
  }
  check_place(url, *path, options.keep_out);
  return std::make_unique<FileStore>(*path);
}

bool is_bucket(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  return name.size() >= 3 && name.size() <= kBucketBytesMax && name.find("..") == name.npos &&
         name.front() != '.' && name.back() != '.' && std::all_of(name.begin(), name.end(), fits);
}

void check_limits(const StoreOptions& options) {
  if (options.attempts < 1 || options.attempts > net::kS3AttemptsMax) {
    throw Failure(invalid(
        fmt::format("attempts is {}, must be 1 to {}", options.attempts, net::kS3AttemptsMax)));
  }
}

std::unique_ptr<ObjectStore> open_bucket(const std::string& url, const StoreOptions& options) {
  auto rest = std::string_view(url).substr(kS3.size());
  const std::string bucket(rest.substr(0, rest.find('/')));
  rest.remove_prefix(std::min(rest.size(), bucket.size() + 1));
  while (rest.ends_with('/')) rest.remove_suffix(1);
  if (!is_bucket(bucket) || rest.size() > kPrefixBytesMax ||
      (!rest.empty() && !validate_key(rest))) {
    throw Failure(invalid(fmt::format("backup target '{}' must be s3://BUCKET[/PREFIX]", url)));
  }
  check_limits(options);
  const auto settings = or_throw(aws_settings(options, process_environment));
  // The certificate of Amazon's host names holds for one more label, not for two.
  const bool in_host_name = settings.is_amazon && bucket.find('.') == std::string::npos;
  return std::make_unique<S3Store>(
      net::S3Target{.endpoint = settings.endpoint,
                    .bucket = bucket,
                    .region = settings.region,
                    .virtual_host = options.virtual_host || in_host_name,
                    .credentials = settings.credentials,
                    .stall_timeout_s = std::max(options.stall_timeout_s, 1U),
                    .attempts = options.attempts,
                    .stop = options.stop},
      std::string(rest));
}

}  // namespace

Result<std::unique_ptr<ObjectStore>> open_store(const std::string& url,
                                                const StoreOptions& options) {
  return to_result([&] {
    if (url.starts_with(kFile)) return open_folder(url, options);
    if (url.starts_with(kS3)) return open_bucket(url, options);
    throw Failure(invalid(
        fmt::format("backup target '{}' must be file:///FOLDER or s3://BUCKET[/PREFIX]", url)));
  });
}

}  // namespace mosaic::backup
