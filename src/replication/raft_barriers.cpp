#include "replication/raft_barriers.hpp"

namespace mosaic::replication {
namespace {

using Barrier = struct raft_barrier;

Error unavailable(const char* detail) {
  return {ErrorCode::kUnavailable, detail};
}

}  // namespace

void RaftBarriers::ask(Done done) {
  waiting_.push_back(std::move(done));
  attend();
}

void RaftBarriers::attend() {
  if (waiting_.empty() || !under_way_.empty()) return;
  under_way_.swap(waiting_);
  request_.data = this;
  const int status = ::raft_barrier(&raft_, &request_, [](Barrier* request, int result) {
    static_cast<RaftBarriers*>(request->data)->passed(result);
  });
  if (status == 0) return;
  answer(std::exchange(under_way_, {}),
         unavailable(status == RAFT_NOTLEADER ? "this node does not lead the log"
                                              : raft_strerror(status)));
}

/// From within libraft.
void RaftBarriers::passed(int status) {
  const auto asked = std::exchange(under_way_, {});
  if (status != 0) {
    answer(asked, unavailable("this node lost the lead of the log"));
    // libraft may be taking its requests apart just now: nothing new.
    return answer(std::exchange(waiting_, {}), unavailable("this node lost the lead of the log"));
  }
  answer(asked, Index{request_.index});
  if (!waiting_.empty()) wake_();
}

void RaftBarriers::answer(std::vector<Done> asked, const Result<Index>& result) {
  for (const auto& done : asked) done(result);
}

void RaftBarriers::end() {
  for (auto* asked : {&under_way_, &waiting_})
    answer(std::exchange(*asked, {}), unavailable("the log was closed"));
}

}  // namespace mosaic::replication
