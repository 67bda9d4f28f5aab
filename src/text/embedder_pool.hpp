// The models that are open, so that everybody in the process who needs one shares it: it is closed
// when the last of them lets go. Safe on any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "text/embedder.hpp"

namespace mosaic::text {

class EmbedderPool {
 public:
  /// Null unless the very embedder is open, and intact.
  EmbedderPtr find(std::string_view name, std::uint64_t fingerprint) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find({std::string(name), fingerprint});
    auto embedder = found == open_.end() ? nullptr : found->second.lock();
    return embedder && embedder->intact() ? embedder : nullptr;
  }

  /// The same embedder if it is open already, else this one from now on. A folder may hold another
  /// model by now, hence both name and fingerprint.
  EmbedderPtr shared(std::string_view name, EmbedderPtr embedder) {
    if (auto open = find(name, embedder->fingerprint())) return open;
    const std::lock_guard lock(mutex_);
    std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
    open_[{std::string(name), embedder->fingerprint()}] = embedder;
    return embedder;
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::uint64_t>, std::weak_ptr<const Embedder>> open_;
};

}  // namespace mosaic::text
