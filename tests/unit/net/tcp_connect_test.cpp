// Connections that come about, are refused, or never answer.
#include "net/tcp_connect.hpp"

#include <gtest/gtest.h>

#include "support/deaf_port.hpp"
#include "support/loopback_socket.hpp"

namespace mosaic::net {
namespace {

using test::DeafPort;
using test::LoopbackSocket;

constexpr std::chrono::seconds kPatience{30};

struct TcpConnect : testing::Test {
  LoopbackSocket door;

  /// What was sent over the connection, as the other side hears it.
  std::string heard(const Descriptor& connection) const {
    const Descriptor accepted(::accept(door.file, nullptr, nullptr));
    ::send(connection.file(), "hello", 5, MSG_NOSIGNAL);
    std::string bytes(5, '\0');
    bytes.resize(static_cast<std::size_t>(
        std::max<ssize_t>(0, ::recv(accepted.file(), bytes.data(), bytes.size(), MSG_WAITALL))));
    return bytes;
  }
};

TEST_F(TcpConnect, GivesASocketThatCanBeWrittenTo) {
  ::listen(door.file, 8);
  for (const auto* host : {"127.0.0.1", "localhost"}) {
    const auto connection = connect_tcp(host, door.port, kPatience);
    ASSERT_TRUE(connection.ok()) << connection.error().detail;
    EXPECT_EQ(heard(*connection), "hello");
  }
}

TEST_F(TcpConnect, SaysThatNobodyListens) {
  const auto refused = connect_tcp("127.0.0.1", door.port, kPatience);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().detail.find("connection refused"), std::string::npos)
      << refused.error().detail;
}

TEST_F(TcpConnect, GivesUpOnOneThatDoesNotAnswer) {
  const DeafPort deaf;
  const auto unanswered = connect_tcp("127.0.0.1", deaf.port(), std::chrono::milliseconds(50));
  ASSERT_FALSE(unanswered.ok());
  EXPECT_EQ(unanswered.error().code, ErrorCode::kUnavailable);
}

TEST_F(TcpConnect, SaysThatANameIsNotKnown) {
  const auto unknown = connect_tcp("no-such-node.invalid", 1, kPatience);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(unknown.error().detail.find("no-such-node.invalid"), std::string::npos);
}

}  // namespace
}  // namespace mosaic::net
