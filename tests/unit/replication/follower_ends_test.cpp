// A follower that has more than its leader knows: made by hand.
#include "replication/raft_log.hpp"
#include "unit/replication/made_node.hpp"
#include "unit/replication/stored_floor.hpp"

namespace mosaic::replication {
namespace {

using test::comes;
using test::word;
using test::words;

struct Question {
  std::uint64_t after = 0;
  std::uint64_t committed = 0;
  std::uint64_t entries = 0;
};

struct FollowerEndsTest : test::Logs {
  static constexpr int kEntries = 20;

  /// Node 1 leads and has forgotten its first entries; node 2 is the test.
  void SetUp() override {
    auto made = options(1);
    made.retained_bytes = 10'000;
    open(std::move(made));
    Seq floor = 0;
    for (int i = 0; i < kEntries; ++i) {
      const auto entry = store(std::to_string(i) + std::string(10'000, 'x'));
      if (i == kEntries / 2) floor = entry.seq;
    }
    log(1).truncate(floor);
    ASSERT_TRUE(comes([&] { return test::stored_floor(folder / "1") == floor; }));
    follower.emplace(2, *nodes[2].socket, nodes[1].address);
    added = std::async(std::launch::async, [&] { return add(log(1), 2); });
  }

  void TearDown() override {
    follower.reset();
    nodes[1].log.reset();
  }

  /// Where the next message of entries begins; a snapshot is none.
  Question question() {
    const auto message = follower->hear();
    EXPECT_EQ(message.type, test::kAppendEntries) << "a snapshot";
    if (message.type != test::kAppendEntries) return {};
    const auto entries = word(message.header, 4);
    for (std::size_t i = 0; i < entries; ++i) follower->skip(word(message.header, 6 + 2 * i) >> 32);
    term = word(message.header, 0);
    return {word(message.header, 1), word(message.header, 3), entries};
  }

  std::string answer(std::uint64_t rejected, std::uint64_t last) const {
    return words({test::kAppendEntriesResult, 3 * test::kWord}) + words({term, rejected, last});
  }

  std::uint64_t term = 0;
  std::optional<test::MadeNode> follower;
  std::future<Status> added;
};

TEST_F(FollowerEndsTest, IsAskedWhereItsLogEndsBeforeItIsSentASnapshot) {
  constexpr std::uint64_t kAcknowledged = 2;
  auto asked = question();
  const auto end = asked.after - 3;
  // All acknowledgements after the first are lost, and so is something that was sent.
  follower->say(answer(0, kAcknowledged));
  for (asked = question(); asked.after != end; asked = question()) {
    const bool not_forgotten_yet = asked.after == kAcknowledged;
    follower->say(not_forgotten_yet ? answer(0, kAcknowledged) : answer(asked.after, end));
  }
  EXPECT_EQ(asked.entries, 0U);
  // The follower would take entries of another leader for committed ones.
  EXPECT_LE(asked.committed, end);
  follower->say(answer(0, end));
  asked = question();
  EXPECT_EQ(asked.after, end);
  EXPECT_GT(asked.entries, 0U);
}

}  // namespace
}  // namespace mosaic::replication
