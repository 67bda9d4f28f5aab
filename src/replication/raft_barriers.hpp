// Read barriers: entries of libraft's own that say nothing. Those who ask while one is on its way
// share the next: that one on its way may have been confirmed for less than they have seen.
// Everything happens on the loop's thread.
#pragma once

#include <functional>
#include <vector>

#include "mosaic/result.hpp"
#include "replication/retained_log.hpp"

extern "C" {
#include <raft.h>
}

namespace mosaic::replication {

class RaftBarriers {
 public:
  /// All that was acknowledged before the question has a lower index.
  using Done = std::function<void(Result<Index>)>;

  /// `wake` has attend() called soon, but not from within libraft.
  RaftBarriers(raft& raft, std::function<void()> wake) : raft_(raft), wake_(std::move(wake)) {}

  /// Answers once. Error unavailable: this node does not lead, or nobody knows whether it does.
  void ask(Done done);
  void attend();
  /// Answers what libraft answers no more.
  void end();

 private:
  void passed(int status);
  static void answer(std::vector<Done> asked, const Result<Index>& result);

  raft& raft_;
  const std::function<void()> wake_;
  std::vector<Done> waiting_;
  std::vector<Done> under_way_;
  struct raft_barrier request_ {};
};

}  // namespace mosaic::replication
