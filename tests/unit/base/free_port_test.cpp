#include "base/free_port.hpp"

#include <gtest/gtest.h>

namespace mosaic {
namespace {

TEST(FreePort, IsAPort) {
  const auto port = free_port("127.0.0.1");
  ASSERT_TRUE(port) << port.error().detail;
  EXPECT_NE(*port, 0);
}

TEST(FreePort, NamesAHostThatIsNotHere) {
  const auto port = free_port("192.0.2.1");
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(port.error().detail.find("192.0.2.1"), std::string::npos);
}

}  // namespace
}  // namespace mosaic
