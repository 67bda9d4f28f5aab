// Three logs of one cluster under TLS, over loopback, and those who do not belong to it.
#include <chrono>

#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "replication/connection.hpp"
#include "replication/introduction.hpp"
#include "replication/raft_log.hpp"
#include "support/authority_folder.hpp"
#include "tls/tls_session.hpp"
#include "unit/replication/heard.hpp"
#include "unit/replication/loopback_socket.hpp"

namespace mosaic::replication {
namespace {

using mosaic::test::AuthorityFolder;
using test::Caller;
using test::Heard;
using test::LoopbackSocket;

struct TlsVoters : testing::Test {
  AuthorityFolder authority;
  mosaic::test::TemporaryFolder folder;
  std::vector<RaftMember> members;
  std::vector<tls::TlsFiles> files;
  std::vector<Heard> heard{3};
  std::vector<std::unique_ptr<RaftLog>> logs{3};
  Ticket last_ticket = 0;

  void SetUp() override {
    for (std::uint64_t id = 1; id <= 3; ++id) {
      members.push_back({id, LoopbackSocket().address()});
      files.push_back(authority.files_of("node-" + std::to_string(id)));
    }
    for (std::size_t i = 0; i < logs.size(); ++i) start(i);
  }

  void start(std::size_t i) {
    RaftLogOptions options;
    options.folder = folder / std::to_string(i);
    options.id = members[i].id;
    options.address = members[i].address;
    options.tls = files[i];
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
  /// All hear of an entry.
  void expect_to_go_on() {
    const auto at = leader();
    const auto before = heard[at].entries.size();
    logs[at]->append({{1}, EntryKind::kWrite, "entry", ++last_ticket});
    for (auto& one : heard) one.await(before + 1);
  }
};

/// Speaks TLS with a log, as a node does or not.
struct TlsCaller : Caller {
  tls::TlsContext context;
  tls::TlsSession session{context, tls::TlsSession::Side::kConnecting};
  std::string plain;

  TlsCaller(const std::string& to, const tls::TlsFiles& files)
      : Caller(to), context(tls::TlsContext::load(files).value()) {}

  /// Whether this side takes it for established.
  bool shake_hands() {
    auto going = session.receive({}, plain);
    while (going.ok() && !session.established()) {
      if (!Caller::say(session.take_outgoing())) return false;
      const auto bytes = hear();
      if (bytes.empty()) return false;
      going = session.receive(bytes, plain);
    }
    return Caller::say(session.take_outgoing()) && session.established();
  }
  /// What the other side says until it hangs up, having been told `words`.
  std::string answer_to(std::string_view words) {
    if (!session.send(words)) return "";
    if (!Caller::say(session.take_outgoing())) return "";
    for (auto bytes = hear(); !bytes.empty(); bytes = hear()) {
      if (!session.receive(bytes, plain)) break;
    }
    return plain;
  }
};

TEST_F(TlsVoters, AllHearWhatTheirLeaderAppends) {
  const auto at = leader();
  for (Ticket ticket = 1; ticket <= 50; ++ticket)
    logs[at]->append({{1}, EntryKind::kWrite, "entry", ticket});
  for (auto& one : heard) {
    one.await(50);
    for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(one.entries[i].seq, heard[at].entries[i].seq);
  }
}

TEST_F(TlsVoters, PassALargeEntry) {
  const auto at = leader();
  std::string bytes(5 << 20, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 2'654'435'761U >> 13);
  logs[at]->append({{1}, EntryKind::kWrite, bytes, 1});
  for (auto& one : heard) {
    one.await(1);
    EXPECT_TRUE(*one.entries[0].bytes == bytes);
  }
}

TEST_F(TlsVoters, SendWithoutDelay) {
  leader();
  std::vector<std::string> addresses;
  for (const auto& member : members) addresses.push_back(member.address);
  const auto undelayed = test::connection_options(addresses, TCP_NODELAY);
  EXPECT_GE(undelayed.size(), 2U);
  for (const int is_undelayed : undelayed) EXPECT_NE(is_undelayed, 0);
}

TEST_F(TlsVoters, DoNotWaitForeverForOneThatDoesNotAnswer) {
  leader();
  std::vector<std::string> addresses;
  for (const auto& member : members) addresses.push_back(member.address);
  for (const int limit_ms : test::connection_options(addresses, TCP_USER_TIMEOUT))
    EXPECT_EQ(limit_ms, static_cast<int>(kUnansweredMs));
}

TEST_F(TlsVoters, GoOnWithoutTheirLeaderAndTakeItBack) {
  const auto first = leader();
  logs[first]->append({{1}, EntryKind::kWrite, "before", 1});
  for (auto& one : heard) one.await(1);
  logs[first].reset();
  const auto second = leader();
  EXPECT_NE(second, first);
  logs[second]->append({{1}, EntryKind::kWrite, "after", 1});
  heard[second].await(2);
  heard[first].entries.clear();
  start(first);
  heard[first].await(2);
  EXPECT_EQ(*heard[first].entries[1].bytes, "after");
}

TEST_F(TlsVoters, TellNothingToOneThatSpeaksNoTls) {
  leader();
  for (const auto& member : members) {
    const Caller caller(member.address);
    caller.say(encode_introduction({2, members[1].address}));
    // At most an alert: that this is no TLS.
    EXPECT_LT(caller.hear_all().size(), 16U);
  }
  expect_to_go_on();
}

TEST_F(TlsVoters, TellNothingToACertificateOfAnotherAuthority) {
  const AuthorityFolder other;
  auto foreign = other.files_of("node-9");
  foreign.ca = other / "both.pem";
  write_durably(foreign.ca,
                *read_whole(other.made.certificate) + *read_whole(authority.made.certificate));
  leader();
  for (const auto& member : members) {
    TlsCaller caller(member.address, foreign);
    caller.shake_hands();
    EXPECT_EQ(caller.answer_to(encode_introduction({2, members[1].address})), "");
  }
  expect_to_go_on();
}

TEST_F(TlsVoters, HangUpOnWordsThatAreNotThoseOfALog) {
  const auto node = authority.files_of("node-9");
  leader();
  const auto whole = encode_introduction({2, members[1].address});
  auto huge = whole;
  huge[22] = '\x7F';  // of the length of the address
  for (const auto& words : {huge, std::string(64 << 10, 'x'), std::string(24, '\0')}) {
    TlsCaller caller(members[0].address, node);
    ASSERT_TRUE(caller.shake_hands());
    EXPECT_EQ(caller.answer_to(words), "");
  }
  expect_to_go_on();
}

TEST_F(TlsVoters, SendNothingInTheClear) {
  LoopbackSocket other;
  ::listen(other.file, 8);
  RaftLogOptions options;
  options.folder = folder / "lonely";
  options.id = 1;
  options.address = LoopbackSocket().address();
  options.others = {{2, other.address()}};
  options.tls = files[0];
  RaftLog log(std::move(options));
  const int connection = ::accept(other.file, nullptr, nullptr);
  char first = 0;
  ASSERT_EQ(::recv(connection, &first, 1, 0), 1);
  ::close(connection);
  EXPECT_EQ(first, '\x16');  // a TLS record of the handshake
}

TEST(TlsLog, DoesNotStartWithAKeyThatIsNotItsCertificates) {
  const AuthorityFolder authority;
  const mosaic::test::TemporaryFolder folder;
  RaftLogOptions options;
  options.folder = folder / "log";
  options.id = 1;
  options.address = LoopbackSocket().address();
  options.tls = authority.files_of("one");
  options.tls.key = authority.files_of("two").key;
  const auto started = to_result([&] { RaftLog log(options); });
  ASSERT_FALSE(started.ok());
  EXPECT_NE(started.error().detail.find("two-key.pem"), std::string::npos);
}

}  // namespace
}  // namespace mosaic::replication
