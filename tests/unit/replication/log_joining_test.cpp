// A node that is to become part of a log that others have, and how it is found.
#include "base/failure.hpp"
#include "replication/log_identity.hpp"
#include "unit/replication/logs.hpp"

namespace mosaic::replication {
namespace {

using test::comes;
using test::write;

using LogJoining = test::Logs;

TEST(AddressBook, GivesTheNewestAddressOfANode) {
  AddressBook book;
  EXPECT_FALSE(book.find(1));
  book.set(1, "a:1");
  book.set(2, "b:1");
  book.set(1, "a:2");
  EXPECT_EQ(book.find(1), "a:2");
  EXPECT_EQ(book.find(2), "b:1");
}

TEST_F(LogJoining, WaitsForALeaderAndLeadsNothing) {
  join(1);
  EXPECT_FALSE(log(1).leads());
  EXPECT_EQ(log(1).standing().leader, 0U);
  EXPECT_TRUE(log(1).standing().members.empty());
  log(1).append(write(1));
  EXPECT_FALSE(heard(1).outcome(1));
}

TEST_F(LogJoining, MayStartAgainBeforeItIsAdded) {
  begin(1);
  join(2);
  join(2);
  // Also when it is not told again that it joins.
  begin(2);
  EXPECT_FALSE(log(2).leads());
  ASSERT_TRUE(add(log(1), 2));
  store("entry");
  EXPECT_TRUE(hears(2, "entry"));
}

TEST_F(LogJoining, MayStartAgainAfterItWasAdded) {
  begin(1);
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  store("before");
  ASSERT_TRUE(hears(2, "before"));
  join(2);
  store("after");
  EXPECT_TRUE(hears(2, "after"));
}

TEST_F(LogJoining, TakesOverWhereSeqsBegin) {
  std::filesystem::create_directories(folder / "1");
  write_identity(folder / "1", {.node = 1, .base = 99});
  begin(1);
  EXPECT_EQ(log(1).forgotten(), 100U);
  auto made = options(2);
  made.joins = true;
  open(made);
  // It was told of another log, but never got into it.
  made.base = log(1).base();
  nodes[2].log.reset();
  open(made);
  ASSERT_TRUE(add(log(1), 2));
  const auto entry = store("entry");
  ASSERT_TRUE(hears(2, "entry"));
  EXPECT_EQ(heard(2).entry("entry")->seq, entry.seq);
}

TEST_F(LogJoining, AMemberThatComesBackAtAnotherPortIsFound) {
  book = std::make_shared<AddressBook>();
  begin(1);
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  store("before");
  ASSERT_TRUE(hears(2, "before"));
  nodes[2].log.reset();
  const test::LoopbackSocket other;
  nodes[2].address = other.address();
  begin(2);
  book->set(2, other.address());
  store("after");
  EXPECT_TRUE(hears(2, "after"));
}

TEST_F(LogJoining, NamesAreResolved) {
  book = std::make_shared<AddressBook>();
  begin(1);
  const auto port = nodes[2].socket->port;
  nodes[2].address = "localhost:" + std::to_string(port);
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  store("entry");
  EXPECT_TRUE(hears(2, "entry"));
}

TEST_F(LogJoining, ANodeThatCannotBeFoundIsLookedForAgain) {
  book = std::make_shared<AddressBook>();
  begin(1);
  join(2);
  book->set(2, "localhost:no-such-port");
  ASSERT_TRUE(add(log(1), 2));
  store("entry");
  book->set(2, nodes[2].address);
  EXPECT_TRUE(hears(2, "entry"));
}

TEST_F(LogJoining, ALogMayStopWhileItLooksForOthers) {
  book = std::make_shared<AddressBook>();
  begin(1);
  nodes[2].address = "localhost:" + std::to_string(nodes[2].socket->port);
  ASSERT_TRUE(add(log(1), 2));
  for (int i = 0; i < 10; ++i) {
    store("entry");
    nodes[1].log.reset();
    begin(1);
  }
}

TEST_F(LogJoining, ListensWhereItIsToldTo) {
  begin(1);
  auto made = options(2);
  made.joins = true;
  made.listen = "0.0.0.0:" + std::to_string(nodes[2].socket->port);
  open(std::move(made));
  ASSERT_TRUE(add(log(1), 2));
  store("entry");
  EXPECT_TRUE(hears(2, "entry"));
}

TEST_F(LogJoining, WhereItCannotListenIsSaid) {
  begin(1);
  for (const auto& at : {nodes[1].address, std::string("localhost:no-such-port")}) {
    auto made = options(2);
    made.listen = at;
    try {
      open(std::move(made));
      FAIL() << "it listens at " << at;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error().code, ErrorCode::kUnavailable);
      EXPECT_NE(failure.error().detail.find(at), std::string::npos) << failure.error().detail;
    }
  }
}

}  // namespace
}  // namespace mosaic::replication
