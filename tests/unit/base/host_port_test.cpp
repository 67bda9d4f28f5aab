#include "base/host_port.hpp"

#include <gtest/gtest.h>

namespace mosaic {
namespace {

TEST(HostPort, IsAHostAndAPort) {
  EXPECT_EQ(parse_host_port("10.0.0.1:4040"), (HostPort{"10.0.0.1", 4040}));
  EXPECT_EQ(parse_host_port("node-1.example.com:0"), (HostPort{"node-1.example.com", 0}));
  EXPECT_EQ(parse_host_port("my_host:65535"), (HostPort{"my_host", 65535}));
  EXPECT_EQ(parse_host_port("[::1]:4040"), (HostPort{"::1", 4040}));
}

TEST(HostPort, IsNothingElse) {
  for (const auto* text :
       {"", ":", "host", "host:", ":1", "host:65536", "host:-1", "host:+1", "host: 1", "host:1 ",
        "a b:1", "a/b:1", "a@b:1", "http://a:1", "::1:1", "[]:1", "[::1:1", "a\n:1", "a,b:1"})
    EXPECT_FALSE(parse_host_port(text)) << text;
}

TEST(HostPort, LoopbackIsWhatNoOtherMachineReaches) {
  for (const auto* host : {"localhost", "127.0.0.1", "127.255.255.255", "::1", "[::1]"})
    EXPECT_TRUE(is_loopback(host)) << host;
}

TEST(HostPort, NamesAndPartsOfAddressesAreNoLoopback) {
  for (const auto* host : {"", "0.0.0.0", "::", "[::]", "10.0.0.1", "127", "127.0.0",
                           "127.0.0.1.example.com", "127.example.com", "127.0.0.256", "127.0.0.",
                           "127.0.0.1.", "1127.0.0.1", "localhost.com", "[]", "["})
    EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(HostPort, AHostHasNoPortAndNothingOfAUrl) {
  for (const auto* host : {"a", "10.0.0.1", "node-1.example.com", "[fe80::1%eth0]"})
    EXPECT_TRUE(is_host(host)) << host;
  for (const auto* host : {"", "a:1", "::1", "a/b", "a b", "[]", "[a/b]", "a\x01"})
    EXPECT_FALSE(is_host(host)) << host;
  EXPECT_TRUE(is_host(std::string(253, 'a')));
  EXPECT_FALSE(is_host(std::string(254, 'a')));
}

}  // namespace
}  // namespace mosaic
