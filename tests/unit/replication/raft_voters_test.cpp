// Three logs of one cluster in one process, over loopback: the rules that need somebody else.
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <chrono>

#include "replication/raft_log.hpp"
#include "replication/term_file.hpp"
#include "support/temporary_folder.hpp"
#include "unit/replication/heard.hpp"

namespace mosaic::replication {
namespace {

using test::Heard;

/// A socket at a port that nobody else has.
struct LoopbackSocket {
  int file = ::socket(AF_INET, SOCK_STREAM, 0);
  std::uint16_t port = 0;

  LoopbackSocket() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(file, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(file, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  ~LoopbackSocket() { ::close(file); }
  LoopbackSocket(const LoopbackSocket&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port); }
};

struct Voters : testing::Test {
  mosaic::test::TemporaryFolder folder;
  std::vector<RaftMember> members;
  std::vector<Heard> heard{3};
  std::vector<std::unique_ptr<RaftLog>> logs{3};

  void SetUp() override {
    for (std::uint64_t id = 1; id <= 3; ++id) members.push_back({id, LoopbackSocket().address()});
    for (std::size_t i = 0; i < logs.size(); ++i) start(i);
  }

  void start(std::size_t i) {
    RaftLogOptions options;
    options.folder = folder / std::to_string(i);
    options.id = members[i].id;
    options.address = members[i].address;
    for (const auto& member : members) {
      if (member.id != options.id) options.others.push_back(member);
    }
    logs[i] = std::make_unique<RaftLog>(std::move(options));
    logs[i]->listen(heard[i].listener());
  }

  std::size_t leader() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < until) {
      for (std::size_t i = 0; i < logs.size(); ++i) {
        if (logs[i] && logs[i]->leads()) return i;
      }
      std::this_thread::yield();
    }
    ADD_FAILURE() << "nobody leads";
    return 0;
  }
};

TEST_F(Voters, AllHearWhatTheirLeaderAppends) {
  const auto at = leader();
  for (Ticket ticket = 1; ticket <= 50; ++ticket)
    logs[at]->append({{1}, EntryKind::kWrite, "entry", ticket});
  for (auto& one : heard) {
    one.await(50);
    for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(one.entries[i].seq, heard[at].entries[i].seq);
  }
  EXPECT_EQ(heard[(at + 1) % 3].entries[0].ticket, 0U);
}

TEST_F(Voters, OneThatDoesNotLeadRefuses) {
  const auto other = (leader() + 1) % 3;
  logs[other]->append({{1}, EntryKind::kWrite, "entry", 1});
  heard[other].await_refusals(1);
  EXPECT_EQ(heard[other].refusals[0].second.code, ErrorCode::kUnavailable);
}

TEST_F(Voters, GoOnWithoutTheirLeader) {
  const auto first = leader();
  logs[first]->append({{1}, EntryKind::kWrite, "before", 1});
  for (auto& one : heard) one.await(1);
  logs[first].reset();
  const auto second = leader();
  EXPECT_NE(second, first);
  logs[second]->append({{1}, EntryKind::kWrite, "after", 1});
  heard[second].await(2);
  // It hears of all that was committed since its last snapshot.
  heard[first].entries.clear();
  start(first);
  heard[first].await(2);
  EXPECT_EQ(*heard[first].entries[1].bytes, "after");
}

TEST_F(Voters, SendWithoutDelay) {
  leader();
  // Every connection between them: looked up among the descriptors of this process.
  std::size_t connected = 0;
  for (int file = 3; file < 256; ++file) {
    sockaddr_in to{};
    socklen_t size = sizeof to;
    if (::getpeername(file, reinterpret_cast<sockaddr*>(&to), &size) != 0) continue;
    const auto address = "127.0.0.1:" + std::to_string(ntohs(to.sin_port));
    const bool is_outgoing = std::any_of(members.begin(), members.end(), [&](const auto& member) {
      return member.address == address;
    });
    if (to.sin_family != AF_INET || !is_outgoing) continue;
    int no_delay = 0;
    socklen_t bytes = sizeof no_delay;
    ::getsockopt(file, IPPROTO_TCP, TCP_NODELAY, &no_delay, &bytes);
    EXPECT_NE(no_delay, 0) << "descriptor " << file;
    ++connected;
  }
  EXPECT_GE(connected, 2U);
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
