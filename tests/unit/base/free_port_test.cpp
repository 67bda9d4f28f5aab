#include "base/free_port.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mosaic {
namespace {

/// Whether somebody can listen there, who may or may not take what has just been closed.
bool can_listen(std::uint16_t port, bool reuse) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const int value = reuse;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &value, sizeof value);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool listens = ::bind(socket, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
                       ::listen(socket, 1) == 0;
  ::close(socket);
  return listens;
}

TEST(FreePort, IsAPort) {
  const auto port = free_port("127.0.0.1");
  ASSERT_TRUE(port) << port.error().detail;
  EXPECT_NE(*port, 0);
}

TEST(FreePort, IsKeptForWhoAskedForIt) {
  for (const auto* host : {"127.0.0.1", "0.0.0.0"}) {
    const auto port = free_port(host);
    ASSERT_TRUE(port) << port.error().detail;
    EXPECT_FALSE(can_listen(*port, false)) << host;
    EXPECT_TRUE(can_listen(*port, true)) << host;
  }
}

TEST(FreePort, NamesAHostThatIsNotHere) {
  const auto port = free_port("192.0.2.1");
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(port.error().detail.find("192.0.2.1"), std::string::npos);
}

}  // namespace
}  // namespace mosaic
