// Where a Redis is and how to come in: `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, as its
// own tools write it. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mosaic/result.hpp"

namespace mosaic::net {

constexpr std::uint16_t kRedisPort = 6379;
constexpr std::uint32_t kRedisDatabaseMax = 65'535;

struct RedisUrl {
  std::string host;
  std::uint16_t port = kRedisPort;
  std::string user;      ///< empty: the default one
  std::string password;  ///< empty: none is asked for
  std::uint32_t database = 0;
};

/// User and password may hold any character as %XX; an IPv6 host stands in brackets.
/// invalid_argument, which repeats nothing of the text: it may hold a password.
Result<RedisUrl> parse_redis_url(std::string_view text);

}  // namespace mosaic::net
