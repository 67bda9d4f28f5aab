// How a running node stands more load than it can bear: sends searches at a fixed rate, however
// slow the answers are (open loop, as independent users do), and measures latency by status from
// the moment a request was due. With --closed N, N connections each send the next request when the
// last is answered: that gives the unloaded figure (N = 1) and the capacity.
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "load_connection.hpp"
#include "load_tally.hpp"

namespace mosaic::bench {
namespace {

using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr seconds kConnectLimit{10};
constexpr seconds kDrainLimit{30};
/// Lost connections are made anew, and the memory is looked at, so often.
constexpr milliseconds kTick{100};
constexpr std::string_view kUsage =
    "usage: overload_bench --url http://HOST:PORT --path PATH --body FILE [--seconds S] [--pid "
    "PID]\n"
    "                      (--rate R --connections N | --closed N)\n"
    "FILE has one JSON body per line, sent in turn. PID is the server's, for its memory.\n";

struct Options {
  std::string url;
  std::string path;
  std::string body;
  double rate = 0;  ///< requests per second; 0: closed loop
  std::size_t connections = 0;
  seconds time{10};
  pid_t pid = 0;
};

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

double number(const std::string& name, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || value <= 0) {
    throw UsageError(name + " is '" + text + "', expected a number above 0");
  }
  return value;
}

Options read_options(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc) throw UsageError(std::string(argv[i]) + " lacks its value");
    given[argv[i]] = argv[i + 1];
  }
  Options options;
  for (const auto& [name, value] : given) {
    if (name == "--url") {
      options.url = value;
    } else if (name == "--path") {
      options.path = value;
    } else if (name == "--body") {
      options.body = value;
    } else if (name == "--rate") {
      options.rate = number(name, value);
    } else if (name == "--connections" || name == "--closed") {
      options.connections = static_cast<std::size_t>(number(name, value));
    } else if (name == "--seconds") {
      options.time = seconds(static_cast<long>(number(name, value)));
    } else if (name == "--pid") {
      options.pid = static_cast<pid_t>(number(name, value));
    } else {
      throw UsageError(name + " is not known");
    }
  }
  const bool open = options.rate > 0 && given.count("--connections") == 1;
  if (open == (given.count("--closed") == 1)) throw UsageError("one way to send is needed");
  if (options.url.empty() || options.path.empty() || options.body.empty()) {
    throw UsageError("--url, --path and --body are needed");
  }
  return options;
}

/// HOST:PORT of a URL.
std::string authority_of(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  const auto colon = url.rfind(':');
  if (url.compare(0, kScheme.size(), kScheme) != 0 || colon < kScheme.size()) {
    throw UsageError("--url is '" + url + "', expected http://HOST:PORT");
  }
  return url.substr(kScheme.size());
}

Address address_of(const std::string& authority) {
  const auto colon = authority.rfind(':');
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto host = authority.substr(0, colon);
  if (::getaddrinfo(host.c_str(), authority.c_str() + colon + 1, &hints, &found) != 0) {
    throw std::runtime_error("cannot find " + authority);
  }
  Address address;
  address.size = found->ai_addrlen;
  std::copy_n(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen,
              reinterpret_cast<char*>(&address.bytes));
  ::freeaddrinfo(found);
  return address;
}

std::vector<std::string> requests_of(const Options& options, const std::string& authority) {
  std::vector<std::string> requests;
  std::ifstream file(options.body);
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    requests.push_back("POST " + options.path + " HTTP/1.1\r\nHost: " + authority +
                       "\r\nContent-Type: application/json\r\nContent-Length: " +
                       std::to_string(line.size()) + "\r\n\r\n" + line);
  }
  if (requests.empty()) throw std::runtime_error(options.body + " holds no bodies");
  return requests;
}

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options),
        server_(address_of(authority_of(options.url))),
        requests_(requests_of(options, authority_of(options.url))),
        epoll_(::epoll_create1(0)),
        due_(options.connections) {
    for (std::size_t i = 0; i < options.connections; ++i) {
      connections_.emplace_back(epoll_, static_cast<std::uint32_t>(i), server_);
    }
  }
  ~Load() { ::close(epoll_); }
  Load(const Load&) = delete;

  LoadTally run() {
    connect_all();
    tally_.rss_start = tally_.rss_peak = memory();
    start_ = Clock::now();
    end_ = start_ + options_.time;
    for (auto now = start_; now < end_ || (busy_ > 0 && now < end_ + kDrainLimit);
         now = Clock::now()) {
      if (now < end_) send_due(now);
      if (now >= next_tick_) tick(now);
      wait(std::min(now < end_ ? next_due() : Clock::time_point::max(), next_tick_));
    }
    tally_.unanswered = busy_;
    return std::move(tally_);
  }

 private:
  void connect_all() {
    for (auto& connection : connections_) {
      if (!connection.connect()) throw std::runtime_error("cannot connect to " + options_.url);
    }
    const auto limit = Clock::now() + kConnectLimit;
    while (idle_.size() < connections_.size() && lost_.empty() && Clock::now() < limit) {
      wait(limit);
    }
    if (idle_.size() == connections_.size()) return;
    throw std::runtime_error("only " + std::to_string(idle_.size()) + " connections to " +
                             options_.url + " were made");
  }

  Clock::time_point next_due() const {
    if (options_.rate == 0) return Clock::time_point::max();
    const duration<double> since_start(static_cast<double>(tally_.offered) / options_.rate);
    return start_ + duration_cast<Clock::duration>(since_start);
  }

  void send_due(Clock::time_point now) {
    if (options_.rate == 0) {
      while (send_one(now)) ++tally_.offered;
      return;
    }
    for (auto due = next_due(); due <= now; due = next_due()) {
      ++tally_.offered;
      if (send_one(due)) {
        tally_.lags.push_back(now - due);
      } else {
        ++tally_.no_room;
      }
    }
  }

  /// False when every connection is busy.
  bool send_one(Clock::time_point due) {
    while (!idle_.empty()) {
      const auto number = idle_.front();
      idle_.pop_front();
      auto& connection = connections_[number];
      if (!connection.idle()) continue;
      due_[number] = due;
      if (connection.send(requests_[turn_++ % requests_.size()])) {
        ++busy_;
      } else {
        lose(number, true);
      }
      return true;
    }
    return false;
  }

  void wait(Clock::time_point until) {
    const auto left = std::max<nanoseconds>(until - Clock::now(), nanoseconds(0));
    const timespec limit{duration_cast<seconds>(left).count(), (left % seconds(1)).count()};
    std::array<epoll_event, 256> events;
    const auto count =
        ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &limit, nullptr);
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      handle(event.data.u32, event.events);
    }
  }

  void handle(std::uint32_t number, std::uint32_t events) {
    auto& connection = connections_[number];
    const bool was_busy = connection.busy();
    switch (connection.ready(events)) {
      case Outcome::kNothing:
        return;
      case Outcome::kConnected:
        return idle_.push_back(number);
      case Outcome::kAnswered:
        return answered(number);
      case Outcome::kLost:
        busy_ -= was_busy;
        lose(number, was_busy);
    }
  }

  void answered(std::uint32_t number) {
    --busy_;
    auto& connection = connections_[number];
    tally_.latencies[{connection.status(), connection.partial()}].push_back(Clock::now() -
                                                                            due_[number]);
    if (!connection.ends()) return idle_.push_back(number);
    if (!connection.connect()) lose(number, false);
  }

  void lose(std::uint32_t number, bool in_use) {
    (in_use ? tally_.lost : tally_.idle_lost) += 1;
    lost_.push_back(number);
  }

  void tick(Clock::time_point now) {
    next_tick_ = now + kTick;
    tally_.rss_peak = std::max(tally_.rss_peak, memory());
    std::vector<std::uint32_t> lost;
    lost.swap(lost_);
    for (const auto number : lost) {
      if (!connections_[number].connect()) lose(number, false);
    }
  }

  std::uint64_t memory() const { return options_.pid != 0 ? rss_of(options_.pid) : 0; }

  const Options& options_;
  const Address server_;
  const std::vector<std::string> requests_;
  const int epoll_;
  std::vector<LoadConnection> connections_;
  std::vector<Clock::time_point> due_;  ///< of each connection's request
  std::deque<std::uint32_t> idle_;      ///< some may have been lost since
  std::vector<std::uint32_t> lost_;     ///< to be connected at the next tick
  LoadTally tally_;
  Clock::time_point start_;
  Clock::time_point end_;
  Clock::time_point next_tick_;
  std::size_t turn_ = 0;
  std::size_t busy_ = 0;
};

void raise_file_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace mosaic::bench

int main(int argc, char** argv) {
  using namespace mosaic::bench;
  try {
    const auto options = read_options(argc, argv);
    raise_file_limit();
    print(Load(options).run(), options.time);
    return 0;
  } catch (const UsageError& error) {
    std::fprintf(stderr, "%s\n%s", error.what(), kUsage.data());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
