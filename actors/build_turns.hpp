// Whose turn it is to do long work: one at a time on this node, however many shards want to. Nobody
// blocks: who comes too early is told when to ask again. For any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace mosaic::actors {

class build_turns : public std::enable_shared_from_this<build_turns> {
 public:
  /// Held as long as the work lasts.
  using turn = std::shared_ptr<void>;

  /// Null while another one has the turn: `again` is called once when that one ends.
  turn take(std::function<void()> again);

 private:
  void give_back();

  std::mutex mutex_;  ///< guards the rest
  bool taken_ = false;
  std::vector<std::function<void()>> waiting_;
};

/// What the indexers of a node share.
struct build_limits {
  std::uint32_t threads = 1;  ///< of one build
  std::shared_ptr<build_turns> builds = std::make_shared<build_turns>();
  /// Reading a graph into memory at the start is short: it waits for no build.
  std::shared_ptr<build_turns> loads = std::make_shared<build_turns>();
};

}  // namespace mosaic::actors
