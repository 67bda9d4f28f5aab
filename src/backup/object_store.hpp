// Where backups are kept: a flat set of named objects that are written whole and never changed in
// place. Keys are relative paths of visible ASCII with '/' between segments, at most kKeyBytesMax
// bytes. One store belongs to one thread at a time. What put() has answered is durable, and every
// call after it sees it, from any machine (S3 and local file systems give that).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mosaic/result.hpp"

namespace mosaic::backup {

constexpr std::size_t kKeyBytesMax = 512;

struct ObjectInfo {
  std::string key;
  std::uint64_t bytes = 0;
  std::int64_t modified_ms = 0;  ///< since 1970, by the clock of the store
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// All or nothing, in the place of an object of that name. The store has verified what it got
  /// (S3 against the signed SHA-256 of the body, files by being read back).
  virtual Status put(const std::string& key, std::string_view bytes) = 0;
  /// not_found when there is no such object; corrupt_data when it has more than `bytes_max` bytes.
  virtual Result<std::string> get(const std::string& key, std::size_t bytes_max) = 0;
  virtual Result<bool> exists(const std::string& key) = 0;
  /// All objects whose key starts with `prefix`, by key.
  virtual Result<std::vector<ObjectInfo>> list(const std::string& prefix) = 0;
  /// Success also when there is none.
  virtual Status remove(const std::string& key) = 0;
  /// How messages name an object, or with "" the store: "s3://bucket/prefix/key".
  virtual std::string address(const std::string& key) const = 0;
};

/// invalid_argument for a key that no store takes: empty, too long, with an empty segment, "." or
/// "..", or with a byte that is not visible ASCII.
Status validate_key(std::string_view key);

}  // namespace mosaic::backup
