// An object store in memory: what goes in is counted, what is inside can be looked at and spoilt,
// and a hook sees every call before it happens (and may throw to end the process that makes it).
#pragma once

#include <functional>
#include <map>
#include <string>

#include "backup/object_store.hpp"

namespace mosaic::backup {

class MemoryStore final : public ObjectStore {
 public:
  struct Object {
    std::string bytes;
    std::int64_t modified_ms = 0;
  };

  std::map<std::string, Object> objects;
  std::uint64_t bytes_put = 0;
  std::int64_t now_ms = 1'800'000'000'000;
  std::function<void(const std::string& call, const std::string& key)> before;

  Status put(const std::string& key, std::string_view bytes) override {
    call("put", key);
    bytes_put += bytes.size();
    objects[key] = {std::string(bytes), now_ms};
    return {};
  }
  Result<std::string> get(const std::string& key, std::size_t bytes_max) override {
    call("get", key);
    const auto found = objects.find(key);
    if (found == objects.end()) return Error{ErrorCode::kNotFound, address(key)};
    if (found->second.bytes.size() > bytes_max)
      return Error{ErrorCode::kCorruptData, address(key) + " is too large"};
    return found->second.bytes;
  }
  Result<bool> exists(const std::string& key) override {
    call("exists", key);
    return objects.contains(key);
  }
  Result<std::vector<ObjectInfo>> list(const std::string& prefix) override {
    call("list", prefix);
    std::vector<ObjectInfo> out;
    for (const auto& [key, object] : objects) {
      if (key.starts_with(prefix)) out.push_back({key, object.bytes.size(), object.modified_ms});
    }
    return out;
  }
  Status remove(const std::string& key) override {
    call("remove", key);
    objects.erase(key);
    return {};
  }
  std::string address(const std::string& key) const override { return "memory://" + key; }

  std::size_t count(const std::string& prefix) { return list(prefix)->size(); }

 private:
  void call(const std::string& what, const std::string& key) {
    if (before) before(what, key);
  }
};

}  // namespace mosaic::backup
