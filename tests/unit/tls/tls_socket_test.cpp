#include "tls/tls_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <future>

#include "unit/tls/certificate_files.hpp"

namespace mosaic::tls {
namespace {

using test::AuthorityFolder;
using Side = TlsSocket::Side;
using Turn = TlsSocket::Turn;

constexpr std::chrono::seconds kPatience{30};

struct TlsSockets : testing::Test {
  AuthorityFolder authority;
  TlsContext one = TlsContext::load(authority.files_of("one")).value();
  TlsContext two = TlsContext::load(authority.files_of("two")).value();
  int ends[2] = {-1, -1};

  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  }
  void TearDown() override {
    hang_up(0);
    hang_up(1);
  }
  void hang_up(int side) {
    if (ends[side] >= 0) ::close(std::exchange(ends[side], -1));
  }
  /// Both sides, at the same time.
  static std::pair<Status, Status> shake_hands(TlsSocket& client, TlsSocket& server) {
    auto there = std::async([&] { return server.shake_hands_within(kPatience); });
    auto here = client.shake_hands_within(kPatience);
    return {here, there.get()};
  }
};

TEST_F(TlsSockets, PassBytesOnceHandsAreShaken) {
  TlsSocket client(one, Side::kConnecting, ends[0]);
  TlsSocket server(two, Side::kAccepting, ends[1]);
  const auto [here, there] = shake_hands(client, server);
  ASSERT_TRUE(here.ok());
  ASSERT_TRUE(there.ok());
  char heard[8];
  std::size_t count = 0;
  EXPECT_EQ(server.read(heard, count), Turn::kWhenReadable);
  EXPECT_EQ(count, 0U);
  EXPECT_EQ(client.write(std::string("to the server")), Turn::kDone);
  ASSERT_EQ(server.read(heard, count), Turn::kDone);
  EXPECT_EQ(std::string(heard, count), "to the s");
  EXPECT_EQ(server.waiting(), 5U);
}

TEST_F(TlsSockets, TakeAllOfALargeWriteOrAskForItAgain) {
  TlsSocket client(one, Side::kConnecting, ends[0]);
  TlsSocket server(two, Side::kAccepting, ends[1]);
  shake_hands(client, server);
  const std::string large(4 << 20, 'x');
  std::string heard;
  std::vector<char> part(64 << 10);
  auto turn = client.write(large);
  EXPECT_EQ(turn, Turn::kWhenWritable);
  while (heard.size() < large.size()) {
    std::size_t count = 0;
    ASSERT_NE(server.read(part, count), Turn::kFailed);
    heard.append(part.data(), count);
    if (turn == Turn::kWhenWritable) turn = client.write(large);
  }
  EXPECT_EQ(turn, Turn::kDone);
  EXPECT_TRUE(heard == large);
}

TEST_F(TlsSockets, OfAnotherAuthorityAreRefusedWithAReason) {
  const AuthorityFolder other;
  const auto foreign = TlsContext::load(other.files_of("nine")).value();
  TlsSocket client(one, Side::kConnecting, ends[0]);
  TlsSocket server(foreign, Side::kAccepting, ends[1]);
  const auto [here, there] = shake_hands(client, server);
  ASSERT_FALSE(here.ok());
  EXPECT_EQ(here.error().code, ErrorCode::kUnauthenticated);
  EXPECT_NE(here.error().detail.find("certificate verify failed"), std::string::npos);
  EXPECT_FALSE(there.ok());
}

TEST_F(TlsSockets, OfOneThatSaysNothingGiveUp) {
  TlsSocket client(one, Side::kConnecting, ends[0]);
  const auto shaken = client.shake_hands_within(std::chrono::milliseconds(20));
  ASSERT_FALSE(shaken.ok());
  EXPECT_EQ(shaken.error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(TlsSockets, OfOneThatSpeaksNoTlsFail) {
  TlsSocket server(one, Side::kAccepting, ends[0]);
  ASSERT_EQ(::write(ends[1], "GET / HTTP/1.1\r\n\r\n", 18), 18);
  EXPECT_EQ(server.shake_hands(), Turn::kFailed);
}

TEST_F(TlsSockets, OfOneThatHangsUpFail) {
  TlsSocket client(one, Side::kConnecting, ends[0]);
  hang_up(1);
  const auto shaken = client.shake_hands_within(kPatience);
  ASSERT_FALSE(shaken.ok());
  EXPECT_EQ(shaken.error().code, ErrorCode::kUnavailable);
}

TEST_F(TlsSockets, FailWhenTheOtherSideIsGone) {
  TlsSocket client(one, Side::kConnecting, ends[0]);
  TlsSocket server(two, Side::kAccepting, ends[1]);
  shake_hands(client, server);
  hang_up(0);
  char heard[8];
  std::size_t count = 0;
  EXPECT_EQ(server.read(heard, count), Turn::kFailed);
}

}  // namespace
}  // namespace mosaic::tls
