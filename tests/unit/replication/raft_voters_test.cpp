// Three logs of one cluster in one process, over loopback: the rules that need somebody else.
#include <netinet/tcp.h>

#include "replication/term_file.hpp"
#include "unit/replication/logs.hpp"

namespace mosaic::replication {
namespace {

using test::comes;
using test::LoopbackSocket;
using test::write;

/// Nodes 1 to 3 vote from the start.
struct Voters : test::Logs {
  void SetUp() override {
    for (NodeId id = 1; id <= 3; ++id) nodes[id];
    for (NodeId id = 1; id <= 3; ++id) start(id);
  }

  void start(NodeId id) {
    auto made = options(id);
    for (const auto& [other, node] : nodes) {
      if (other != id) made.others.push_back({other, node.address});
    }
    open(std::move(made));
  }

  /// Outgoing connections between them, looked up among the descriptors of this process.
  struct Connections {
    int all = 0;
    int without_delay = 0;
  };
  Connections connections() const {
    Connections found;
    for (int file = 3; file < 256; ++file) {
      sockaddr_in to{};
      socklen_t size = sizeof to;
      if (::getpeername(file, reinterpret_cast<sockaddr*>(&to), &size) != 0) continue;
      const auto address = "127.0.0.1:" + std::to_string(ntohs(to.sin_port));
      const bool is_outgoing = std::any_of(nodes.begin(), nodes.end(), [&](const auto& node) {
        return node.second.address == address;
      });
      if (to.sin_family != AF_INET || !is_outgoing) continue;
      int no_delay = 0;
      socklen_t bytes = sizeof no_delay;
      ::getsockopt(file, IPPROTO_TCP, TCP_NODELAY, &no_delay, &bytes);
      ++found.all;
      found.without_delay += no_delay != 0 ? 1 : 0;
    }
    return found;
  }
};

TEST_F(Voters, AllHearWhatTheirLeaderAppends) {
  for (const std::string bytes : {"one", "two", "three"}) {
    const auto entry = store(bytes);
    EXPECT_NE(entry.ticket, 0U);
    for (NodeId id : {1, 2, 3}) {
      ASSERT_TRUE(hears(id, bytes));
      EXPECT_EQ(heard(id).entry(bytes)->collection, CollectionId{1});
    }
  }
}

TEST_F(Voters, OneThatDoesNotLeadRefuses) {
  // The lead may change just before it is asked.
  ASSERT_TRUE(comes([&] {
    const auto other = leader() % 3 + 1;
    log(other).append(write(++last_ticket));
    return !heard(other).outcome(last_ticket);
  }));
}

TEST_F(Voters, GoOnWithoutTheirLeader) {
  store("before");
  const auto first = leader();
  ASSERT_TRUE(hears(first, "before"));
  nodes[first].log.reset();
  store("after");
  // It hears of all that was committed since its last snapshot.
  heard(first).entries.clear();
  start(first);
  EXPECT_TRUE(hears(first, "before"));
  EXPECT_TRUE(hears(first, "after"));
}

TEST_F(Voters, SendWithoutDelay) {
  leader();
  // One that has just been made is about to be set up.
  EXPECT_TRUE(comes([&] {
    const auto found = connections();
    return found.all >= 2 && found.without_delay == found.all;
  }));
}

/// Without pre-vote it would raise its term again and again, and disturb the others when it is
/// back.
TEST(LonelyVoter, AsksBeforeItRaisesItsTerm) {
  mosaic::test::TemporaryFolder folder;
  LoopbackSocket other;
  ::listen(other.file, 8);
  RaftLogOptions options;
  options.folder = folder / "log";
  options.id = 1;
  options.address = LoopbackSocket().address();
  options.others = {{2, other.address()}, {3, LoopbackSocket().address()}};
  RaftLog log(std::move(options));
  const int connection = ::accept(other.file, nullptr, nullptr);
  // Who it is, then two requests for votes at least.
  std::size_t heard = 0;
  char bytes[64];
  while (heard < 256) {
    const auto read = ::recv(connection, bytes, sizeof bytes, 0);
    ASSERT_GT(read, 0);
    heard += static_cast<std::size_t>(read);
  }
  ::close(connection);
  log.stop();
  EXPECT_EQ(stored_term(folder / "log").term, 1U);
}

}  // namespace
}  // namespace mosaic::replication
