#include "net/redis_client.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <string_view>
#include <system_error>

#include "base/deadline.hpp"
#include "base/failure.hpp"

namespace mosaic::net {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

/// Appends a command as Redis reads it (RESP, an array of bulk strings).
void append_command(std::string& bytes, std::initializer_list<std::string_view> words,
                    const std::vector<std::string>& more = {}) {
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  const auto add = [&](std::string_view word) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  };
  for (const auto word : words) add(word);
  for (const auto& word : more) add(word);
  char* command = nullptr;
  const int size = redisFormatCommandArgv(&command, static_cast<int>(starts.size()), starts.data(),
                                          sizes.data());
  if (size < 0) throw std::bad_alloc();
  const std::unique_ptr<char, decltype(&redisFreeCommand)> owner(command, &redisFreeCommand);
  bytes.append(command, static_cast<std::size_t>(size));
}

/// Time is up, or it is the server's fault.
[[noreturn]] void give_up(const std::string& why, Deadline deadline) {
  const bool late = deadline.passed(Clock::now());
  throw Failure(late ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable, why);
}

std::string last_error() {
  return std::system_category().message(errno);
}

milliseconds time_left(Deadline deadline) {
  return std::chrono::ceil<milliseconds>(deadline.left(Clock::now()));
}

timeval as_timeval(milliseconds time) {
  return {time.count() / 1'000, time.count() % 1'000 * 1'000};
}

}  // namespace

/// What is sent, how many answers it has, and by when.
struct RedisClient::Question {
  std::string bytes;
  std::size_t replies = 0;
  Deadline deadline;
};

struct RedisClient::Replies {
  std::vector<Reply> list;
};

/// An open connection. What goes wrong leaves it out of step with the server: it must be dropped.
/// Its socket is read and written here and not by hiredis, whose timeouts are those of one read,
/// and whose writes to a closed connection are signals.
class RedisClient::Connection {
 public:
  Connection(const std::string& address, std::uint16_t port, Deadline deadline)
      : context_(redisConnectWithTimeout(address.c_str(), port, as_timeval(time_left(deadline))),
                 &redisFree) {
    if (!context_) throw std::bad_alloc();
    if (context_->err != 0) give_up(static_cast<const char*>(context_->errstr), deadline);
  }

  void send(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
      wait_for(POLLOUT, deadline);
      const auto sent =
          ::send(context_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && !is_passing(errno)) give_up(last_error(), deadline);
      bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    }
  }

  Reply receive(Deadline deadline) {
    for (;;) {
      void* reply = nullptr;
      if (redisReaderGetReply(context_->reader, &reply) != REDIS_OK) fail_reading(deadline);
      if (reply != nullptr) return Reply(static_cast<redisReply*>(reply));
      wait_for(POLLIN, deadline);
      read_some(deadline);
    }
  }

 private:
  static bool is_passing(int error) {
    return error == EINTR || error == EAGAIN || error == EWOULDBLOCK;
  }

  void wait_for(short event, Deadline deadline) {
    pollfd watched{context_->fd, event, 0};
    const auto left = time_left(deadline);
    // A server that sends a byte now and then must not keep anybody.
    if (left.count() == 0 || ::poll(&watched, 1, static_cast<int>(left.count())) == 0) {
      throw Failure(ErrorCode::kDeadlineExceeded, "no answer in time");
    }
  }

  void read_some(Deadline deadline) {
    std::array<char, 64 << 10> buffer;
    const auto got = ::recv(context_->fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got == 0) give_up("the connection was closed", deadline);
    if (got < 0 && !is_passing(errno)) give_up(last_error(), deadline);
    if (got < 0) return;
    if (redisReaderFeed(context_->reader, buffer.data(), static_cast<std::size_t>(got)) != REDIS_OK)
      fail_reading(deadline);
  }

  [[noreturn]] void fail_reading(Deadline deadline) {
    give_up(static_cast<const char*>(context_->reader->errstr), deadline);
  }

  std::unique_ptr<redisContext, decltype(&redisFree)> context_;
};

RedisClient::RedisClient(RedisUrl url)
    : url_(std::move(url)),
      name_(fmt::format("redis {}:{}", url_.host, url_.port)),
      host_(url_.host) {}

RedisClient::~RedisClient() = default;

/// To the first address that answers. One that is silent must leave time for those after it.
void RedisClient::connect(const Question& question) {
  const auto addresses = host_.addresses(time_left(question.deadline));
  if (!addresses) throw Failure(addresses.error());
  if (addresses->empty()) throw Failure(ErrorCode::kUnavailable, "its host has no address");
  auto remaining = static_cast<int>(addresses->size());
  for (const auto& address : *addresses) {
    const auto share = Deadline::in(Clock::now(), time_left(question.deadline) / remaining);
    try {
      auto connection = std::make_unique<Connection>(address, url_.port, share);
      log_in(*connection, share);
      connection_ = std::move(connection);
      return;
    } catch (const Failure& failure) {
      if (--remaining == 0 || question.deadline.passed(Clock::now())) throw;
    }
  }
}

/// A new connection has the right of nobody, and reads database 0.
void RedisClient::log_in(Connection& connection, Deadline deadline) const {
  std::string bytes;
  std::vector<std::string_view> asked;
  if (!url_.user.empty()) {
    append_command(bytes, {"AUTH", url_.user, url_.password});
    asked.push_back("AUTH");
  } else if (!url_.password.empty()) {
    append_command(bytes, {"AUTH", url_.password});
    asked.push_back("AUTH");
  }
  if (url_.database != 0) {
    append_command(bytes, {"SELECT", std::to_string(url_.database)});
    asked.push_back("SELECT");
  }
  connection.send(bytes, deadline);
  for (const auto command : asked) {
    const auto reply = connection.receive(deadline);
    if (reply->type != REDIS_REPLY_ERROR) continue;
    throw Failure(ErrorCode::kUnavailable,
                  fmt::format("{}: {}", command, std::string_view(reply->str, reply->len)));
  }
}

RedisClient::Replies RedisClient::exchange(const Question& question) {
  try {
    if (!connection_) connect(question);
    connection_->send(question.bytes, question.deadline);
    Replies replies;
    while (replies.list.size() < question.replies) {
      replies.list.push_back(connection_->receive(question.deadline));
    }
    return replies;
  } catch (...) {
    connection_.reset();
    throw;
  }
}

RedisClient::Replies RedisClient::ask(const Question& question) {
  const bool was_open = connection_ != nullptr;
  try {
    try {
      return exchange(question);
    } catch (const Failure& failure) {
      // Redis was started again, or closed what was idle: reading and writing twice does no harm.
      if (!was_open || failure.error().code != ErrorCode::kUnavailable) throw;
      return exchange(question);
    }
  } catch (const Failure& failure) {
    throw Failure(failure.error().code, fmt::format("{}: {}", name_, failure.error().detail));
  }
}

Result<RedisClient::Values> RedisClient::get(const std::vector<std::string>& keys,
                                             milliseconds budget) {
  if (keys.empty()) return Values{};
  return to_result([&] {
    Question question{{}, 1, Deadline::in(Clock::now(), budget)};
    append_command(question.bytes, {"MGET"}, keys);
    const auto replies = ask(question);
    const auto& reply = *replies.list[0];
    if (reply.type != REDIS_REPLY_ARRAY || reply.elements != keys.size()) {
      const bool refused = reply.type == REDIS_REPLY_ERROR;
      connection_.reset();
      throw Failure(ErrorCode::kUnavailable,
                    fmt::format("{}: MGET: {}", name_,
                                refused ? std::string_view(reply.str, reply.len)
                                        : "the answer is not one value for each key"));
    }
    Values values(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto& element = *reply.element[i];
      if (element.type == REDIS_REPLY_STRING) values[i].emplace(element.str, element.len);
    }
    return values;
  });
}

Status RedisClient::put(const std::vector<Entry>& entries, std::uint32_t ttl_s,
                        milliseconds budget) {
  if (entries.empty()) return {};
  return to_result([&] {
    Question question{{}, entries.size(), Deadline::in(Clock::now(), budget)};
    const auto ttl = std::to_string(ttl_s);
    for (const auto& entry : entries) {
      append_command(question.bytes, {"SET", entry.key, entry.value, "EX", ttl});
    }
    const auto replies = ask(question);
    for (const auto& reply : replies.list) {
      if (reply->type != REDIS_REPLY_ERROR) continue;
      throw Failure(ErrorCode::kUnavailable,
                    fmt::format("{}: SET: {}", name_, std::string_view(reply->str, reply->len)));
    }
  });
}

}  // namespace mosaic::net
