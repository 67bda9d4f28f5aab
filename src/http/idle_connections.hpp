// Which connections wait for a request, longest first: one of them makes room when all are taken.
// Sessions enter and leave on their own strands, the listener takes; any thread may call.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace mosaic::http {

template <class Connection>
class IdleConnections {
 public:
  using Place = std::uint64_t;

  /// From now on the connection is idle.
  Place enter(std::weak_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    idle_.emplace(++last_, std::move(connection));
    return last_;
  }

  /// The connection is idle no longer. False when it was taken meanwhile: somebody else counts on
  /// its end.
  bool leave(Place place) {
    const std::lock_guard lock(mutex_);
    return idle_.erase(place) != 0;
  }

  /// The one that has been idle longest, which no longer counts as idle; null when all are busy.
  std::shared_ptr<Connection> take_longest() {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      const auto connection = idle_.begin()->second.lock();
      idle_.erase(idle_.begin());
      if (connection) return connection;
    }
    return nullptr;
  }

 private:
  std::mutex mutex_;
  std::map<Place, std::weak_ptr<Connection>> idle_;
  Place last_ = 0;
};

}  // namespace mosaic::http
