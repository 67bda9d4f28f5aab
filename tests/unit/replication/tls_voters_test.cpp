// Three logs of one cluster under TLS, over loopback, and those who do not belong to it.
#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "replication/connection.hpp"
#include "replication/introduction.hpp"
#include "tls/tls_session.hpp"
#include "unit/replication/tls_logs.hpp"

namespace mosaic::replication {
namespace {

using mosaic::test::AuthorityFolder;
using test::Caller;
using test::LoopbackSocket;

struct TlsVoters : test::TlsLogs {
  void SetUp() override {
    TlsLogs::SetUp();
    grow_to(3);
  }

  std::vector<std::string> addresses() const {
    std::vector<std::string> all;
    for (const auto& [id, node] : nodes) all.push_back(node.address);
    return all;
  }

  void expect_all_to_hear(const std::string& bytes) {
    store(bytes);
    for (auto& [id, node] : nodes) {
      if (!node.log) continue;
      EXPECT_TRUE(hears(id, bytes));
    }
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
  for (const std::string bytes : {"one", "two", "three"}) expect_all_to_hear(bytes);
  for (const std::string bytes : {"one", "two", "three"}) {
    for (NodeId id : {2, 3}) EXPECT_EQ(heard(id).entry(bytes)->seq, heard(1).entry(bytes)->seq);
  }
}

TEST_F(TlsVoters, PassALargeEntry) {
  std::string bytes(5 << 20, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 2'654'435'761U >> 13);
  expect_all_to_hear(bytes);
}

TEST_F(TlsVoters, SendWithoutDelay) {
  expect_all_to_hear("entry");
  const auto undelayed = mosaic::test::connection_options(addresses(), TCP_NODELAY);
  EXPECT_GE(undelayed.size(), 2U);
  for (const int is_undelayed : undelayed) EXPECT_NE(is_undelayed, 0);
}

TEST_F(TlsVoters, DoNotWaitForeverForOneThatDoesNotAnswer) {
  expect_all_to_hear("entry");
  const auto limits = mosaic::test::connection_options(addresses(), TCP_USER_TIMEOUT);
  EXPECT_GE(limits.size(), 2U);
  for (const int limit_ms : limits) EXPECT_EQ(limit_ms, static_cast<int>(kUnansweredMs));
}

TEST_F(TlsVoters, GoOnWithoutTheirLeaderAndTakeItBack) {
  expect_all_to_hear("before");
  const auto first = leader();
  nodes[first].log.reset();
  expect_all_to_hear("without it");
  begin(first);
  EXPECT_TRUE(hears(first, "without it"));
}

TEST_F(TlsVoters, TellNothingToOneThatSpeaksNoTls) {
  for (const auto& address : addresses()) {
    const Caller caller(address);
    caller.say(encode_introduction({2, nodes[2].address}));
    // At most an alert: that this is no TLS.
    EXPECT_LT(caller.hear_all().size(), 16U);
  }
  expect_all_to_hear("entry");
}

TEST_F(TlsVoters, TellNothingToACertificateOfAnotherAuthority) {
  const AuthorityFolder other;
  auto foreign = other.files_of("node-9");
  foreign.ca = other / "both.pem";
  write_durably(foreign.ca,
                *read_whole(other.made.certificate) + *read_whole(authority.made.certificate));
  for (const auto& address : addresses()) {
    TlsCaller caller(address, foreign);
    caller.shake_hands();
    EXPECT_EQ(caller.answer_to(encode_introduction({2, nodes[2].address})), "");
  }
  expect_all_to_hear("entry");
}

TEST_F(TlsVoters, HangUpOnWordsThatAreNotThoseOfALog) {
  const auto node = authority.files_of("node-9");
  auto huge = encode_introduction({2, nodes[2].address});
  huge[22] = '\x7F';  // of the length of the address
  for (const auto& words : {huge, std::string(64 << 10, 'x'), std::string(24, '\0')}) {
    TlsCaller caller(nodes[1].address, node);
    ASSERT_TRUE(caller.shake_hands());
    EXPECT_EQ(caller.answer_to(words), "");
  }
  expect_all_to_hear("entry");
}

TEST(TlsLog, SendsNothingInTheClear) {
  const AuthorityFolder authority;
  const mosaic::test::TemporaryFolder folder;
  LoopbackSocket other;
  ::listen(other.file, 8);
  RaftLogOptions options;
  options.folder = folder / "lonely";
  options.id = 1;
  options.address = LoopbackSocket().address();
  options.others = {{2, other.address()}};
  options.tls = authority.files_of("one");
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
