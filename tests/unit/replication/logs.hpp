// Logs of one cluster in one process, over loopback: begun alone, joined, stopped and started as a
// test wants it.
#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <thread>

#include "replication/raft_log.hpp"
#include "support/loopback_socket.hpp"
#include "support/temporary_folder.hpp"
#include "unit/replication/heard.hpp"

namespace mosaic::replication::test {

using mosaic::test::Caller;
using mosaic::test::LoopbackSocket;

constexpr std::chrono::seconds kPatience{60};

/// Waits for a condition that comes about on another thread.
template <class Condition>
bool comes(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

struct Node {
  std::unique_ptr<LoopbackSocket> socket = std::make_unique<LoopbackSocket>();
  std::string address = socket->address();
  Heard heard;
  std::atomic<int> overtaken{0};
  std::unique_ptr<RaftLog> log;
};

/// The node `id` keeps its log in the folder of that name.
struct Logs : testing::Test {
  mosaic::test::TemporaryFolder folder;
  std::map<NodeId, Node> nodes;
  std::shared_ptr<AddressBook> book;
  std::map<NodeId, tls::TlsFiles> certificates;
  Ticket last_ticket = 1'000;

  RaftLogOptions options(NodeId id) {
    auto& node = nodes[id];
    RaftLogOptions made;
    made.folder = folder / std::to_string(id);
    made.id = id;
    made.address = node.address;
    made.addresses = book;
    made.tls = certificates[id];
    made.may_be_behind = true;
    made.overtaken = [&node] { ++node.overtaken; };
    return made;
  }

  RaftLog& open(RaftLogOptions made) {
    auto& node = nodes[made.id];
    node.log.reset();
    node.log = std::make_unique<RaftLog>(std::move(made));
    node.log->listen(node.heard.listener());
    return *node.log;
  }

  RaftLog& begin(NodeId id) { return open(options(id)); }

  RaftLog& join(NodeId id) {
    auto made = options(id);
    made.joins = true;
    return open(std::move(made));
  }

  RaftLog& log(NodeId id) { return *nodes.at(id).log; }
  Heard& heard(NodeId id) { return nodes.at(id).heard; }

  Status add(RaftLog& at, NodeId id) {
    return asked([&](auto done) { at.add({id, nodes.at(id).address}, done); });
  }
  Status set_vote(RaftLog& at, NodeId id, bool votes) {
    return asked([&](auto done) { at.set_vote(id, votes, done); });
  }
  Status remove(RaftLog& at, NodeId id) {
    return asked([&](auto done) { at.remove(id, done); });
  }
  Result<Seq> barrier(RaftLog& at) {
    return asked<Result<Seq>>([&](auto done) { at.barrier(done); });
  }

  /// Asks whoever leads, until it is done: on a busy machine the lead may change at any time.
  void must(const std::function<Status(RaftLog&)>& change) {
    EXPECT_TRUE(comes([&] { return change(log(leader())).ok(); }));
  }

  /// Node 1, and those up to `last` with it, which all vote.
  void grow_to(NodeId last) {
    begin(1);
    for (NodeId id = 2; id <= last; ++id) {
      join(id);
      must([&](RaftLog& at) { return add(at, id); });
      must([&](RaftLog& at) { return set_vote(at, id, true); });
    }
  }

  /// Has whoever leads append it, until it is stored.
  Entry store(const std::string& bytes) {
    std::optional<Entry> stored;
    EXPECT_TRUE(comes([&] {
      const auto id = leader();
      log(id).append(write(++last_ticket, bytes));
      stored = heard(id).outcome(last_ticket);
      return stored.has_value();
    }));
    return stored.value_or(Entry{});
  }

  bool hears(NodeId id, std::string_view bytes) {
    return comes([&] { return heard(id).entry(bytes).has_value(); });
  }

  /// The one that leads, once one does.
  NodeId leader() {
    NodeId found = 0;
    const auto leads = [&] {
      for (const auto& [id, node] : nodes) {
        if (node.log && node.log->leads()) found = id;
      }
      return found != 0;
    };
    EXPECT_TRUE(comes(leads)) << "nobody leads";
    return found;
  }

  template <class Answer = Status, class Ask>
  static Answer asked(Ask ask) {
    auto answer = std::make_shared<std::promise<Answer>>();
    ask([answer](Answer given) { answer->set_value(std::move(given)); });
    auto given = answer->get_future();
    if (given.wait_for(kPatience) == std::future_status::ready) return given.get();
    return Error{ErrorCode::kDeadlineExceeded, "no answer"};
  }
};

}  // namespace mosaic::replication::test
