// A folder as an object store: an object is a file whose path below the folder is its key. Objects
// are written to `tmp/` first, synced, read back and renamed, so that a crash leaves no half of
// one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "backup/object_store.hpp"

namespace mosaic::backup {

class FileStore final : public ObjectStore {
 public:
  /// `root` is made with the first object.
  explicit FileStore(std::filesystem::path root) : root_(std::move(root)) {}

  Status put(const std::string& key, std::string_view bytes) override;
  Result<std::string> get(const std::string& key, std::size_t bytes_max) override;
  Result<bool> exists(const std::string& key) override;
  /// Also removes what writers that died more than a day ago have left in `tmp/`.
  Result<std::vector<ObjectInfo>> list(const std::string& prefix) override;
  Status remove(const std::string& key) override;
  std::string address(const std::string& key) const override;

 private:
  std::filesystem::path path_of(const std::string& key) const;
  std::filesystem::path write_temporary(std::string_view bytes) const;
  void remove_left_over() const;

  const std::filesystem::path root_;
};

}  // namespace mosaic::backup
