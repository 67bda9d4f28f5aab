// Objects of a bucket below a prefix, as an object store. What belongs to S3 itself is in net.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backup/object_store.hpp"
#include "net/s3_client.hpp"

namespace mosaic::backup {

class S3Store final : public ObjectStore {
 public:
  /// `prefix` is empty or a key without '/' at its end.
  S3Store(net::S3Target target, std::string prefix,
          net::S3Surroundings surroundings = net::S3Surroundings::real());

  Status put(const std::string& key, std::string_view bytes) override;
  Result<std::string> get(const std::string& key, std::size_t bytes_max) override;
  Result<bool> exists(const std::string& key) override;
  Result<std::vector<ObjectInfo>> list(const std::string& prefix) override;
  Status remove(const std::string& key) override;
  std::string address(const std::string& key) const override;

 private:
  const std::string bucket_;
  const std::string prefix_;  ///< with '/' at its end where there is one
  net::S3Client client_;
};

}  // namespace mosaic::backup
