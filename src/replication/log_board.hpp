// What the log's thread lets everybody see of where it stands.
#pragma once

#include <algorithm>
#include <mutex>

#include "replication/log.hpp"

extern "C" {
#include <raft.h>
}

namespace mosaic::replication {

class LogBoard {
 public:
  void self(NodeId id, std::int64_t base);
  /// Leader, term and members, as libraft has them now. Cheap when nothing has changed.
  void show(raft& raft);
  /// There is no engine just now.
  void closed();
  /// Never falls.
  void reached(Seq last);
  void inherited(Seq last);
  /// From any thread.
  LogStanding read() const;

 private:
  mutable std::mutex mutex_;
  LogStanding standing_;
};

}  // namespace mosaic::replication
