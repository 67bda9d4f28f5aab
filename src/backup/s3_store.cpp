#include "backup/s3_store.hpp"

#include <utility>

namespace mosaic::backup {

S3Store::S3Store(net::S3Target target, std::string prefix, net::S3Surroundings surroundings)
    : bucket_(target.bucket),
      prefix_(prefix.empty() ? "" : prefix + "/"),
      client_(std::move(target), std::move(surroundings)) {}

Status S3Store::put(const std::string& key, std::string_view bytes) {
  auto valid = validate_key(key);
  return valid ? client_.put(prefix_ + key, bytes) : valid;
}

Result<std::string> S3Store::get(const std::string& key, std::size_t bytes_max) {
  const auto valid = validate_key(key);
  if (!valid) return valid.error();
  return client_.get(prefix_ + key, bytes_max);
}

Result<bool> S3Store::exists(const std::string& key) {
  const auto valid = validate_key(key);
  if (!valid) return valid.error();
  const auto bytes = client_.head(prefix_ + key);
  if (!bytes) return bytes.error();
  return bytes->has_value();
}

Result<std::vector<ObjectInfo>> S3Store::list(const std::string& prefix) {
  auto found = client_.list(prefix_ + prefix);
  if (!found) return found.error();
  std::vector<ObjectInfo> objects;
  for (auto& object : *found) {
    objects.push_back({object.key.substr(prefix_.size()), object.bytes, object.modified_ms});
  }
  return objects;
}

Status S3Store::remove(const std::string& key) {
  auto valid = validate_key(key);
  return valid ? client_.remove(prefix_ + key) : valid;
}

std::string S3Store::address(const std::string& key) const {
  return "s3://" + bucket_ + "/" + prefix_ + key;
}

}  // namespace mosaic::backup
