// What a node tells the leader of its term, in the words of libraft 0.15: leaders made by hand.
#include "unit/replication/made_node.hpp"

namespace mosaic::replication {
namespace {

using test::word;
using test::words;

struct Answer {
  std::uint64_t term = 0;
  std::uint64_t rejected = 0;
  std::uint64_t last = 0;
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// Says what a leader would, and hears what it is answered.
class MadeLeader {
 public:
  MadeLeader(NodeId id, const std::string& node) : node_(id, socket_, node) {}

  /// The first entry of a log.
  void send_entry(std::uint64_t term, std::string_view body) {
    Record record;
    record.collection = {1};
    record.body = body;
    std::string bytes(record_bytes(body.size()), '\0');
    write_record(record, bytes.data());
    node_.send(
        test::kAppendEntries,
        words({term, 0, 0, 0, 1, term, test::kCommand | std::uint64_t{bytes.size()} << 32, 0}));
    node_.say(bytes);
  }

  /// No entry; the node's log is to be the leader's up to nothing.
  void send_heartbeat(std::uint64_t term) {
    node_.send(test::kAppendEntries, words({term, 0, 0, 0, 0, 0}));
  }

  Answer answer() {
    const auto message = node_.hear();
    EXPECT_EQ(message.type, test::kAppendEntriesResult);
    return {word(message.header, 0), word(message.header, 1), word(message.header, 2)};
  }

 private:
  test::LoopbackSocket socket_;
  test::MadeNode node_;
};

struct LateAnswers : test::Logs {};

/// Raft (Ongaro 2014, 3.5): a leader commits what most nodes have of its own log.
TEST_F(LateAnswers, EntriesOfALeaderOfBeforeDoNotCountForTheNextOne) {
  join(1);
  MadeLeader first(2, nodes.at(1).address);
  first.send_entry(1, "of the first");
  EXPECT_EQ(first.answer(), (Answer{1, 0, 1}));
  MadeLeader second(3, nodes.at(1).address);
  second.send_heartbeat(2);
  EXPECT_EQ(second.answer(), (Answer{2, 0, 0})) << "it has sent nothing yet";
  second.send_entry(2, "of the second");
  EXPECT_EQ(second.answer(), (Answer{2, 0, 1}));
  second.send_heartbeat(2);
  EXPECT_EQ(second.answer(), (Answer{2, 0, 1})) << "in its term, that stays";
}

}  // namespace
}  // namespace mosaic::replication
