// Objects of one bucket of Amazon S3 or of a server that speaks its protocol. Belongs to one thread
// and blocks. Errors name bucket, key and S3's code: not_found, permission_denied (key, signature,
// clock), invalid_argument (bucket, region), unavailable when every attempt failed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mosaic/result.hpp"
#include "net/s3_exchange.hpp"

namespace mosaic::net {

constexpr std::size_t kS3ListMax = 10'000'000;  ///< objects that one list() holds in memory
constexpr std::size_t kS3PartsMax = 10'000;

class S3Client {
 public:
  explicit S3Client(S3Target target, S3Surroundings surroundings = S3Surroundings::real())
      : exchange_(std::move(target), std::move(surroundings)) {}

  /// All or nothing; the server has compared the body with its signed SHA-256. Of more than
  /// `part_bytes` it goes up in parts, which are dropped again when one fails.
  Status put(const std::string& key, std::string_view bytes);
  /// corrupt_data when the object has more than `bytes_max` bytes.
  Result<std::string> get(const std::string& key, std::size_t bytes_max);
  /// Its size; nothing when there is no such object.
  Result<std::optional<std::uint64_t>> head(const std::string& key);
  /// By key, over all pages.
  Result<std::vector<S3Object>> list(const std::string& prefix);
  /// Success also when there is none.
  Status remove(const std::string& key);

 private:
  Status put_in_parts(const std::string& key, std::string_view bytes);
  Result<std::string> begin_upload(const std::string& key);
  Result<std::string> put_part(const std::string& key, const std::string& upload,
                               std::size_t number, std::string_view bytes);
  Status complete_upload(const std::string& key, const std::string& upload,
                         const std::vector<std::string>& etags);
  Result<S3Page> list_page(const std::string& prefix, const std::string& token);
  /// The answer when its status is 2xx.
  Result<S3Reply> send(const S3Request& request);

  S3Exchange exchange_;
};

}  // namespace mosaic::net
