#include "http/server.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <fmt/format.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "base/failure.hpp"
#include "base/log.hpp"
#include "http/problem.hpp"
#include "http/routes.hpp"
#include "http/session.hpp"

namespace mosaic::http {
namespace {

using asio::ip::tcp;

/// Connections over the limit that are being told so; further ones are closed without a word.
constexpr std::size_t kTurnedAwayMax = 128;
/// How long a connection over the limit waits for another to be idle before it is refused.
constexpr std::chrono::milliseconds kRoomWait{20};
/// What accept waits when the process is out of file descriptors.
constexpr std::chrono::milliseconds kAcceptPause{50};

std::uint32_t thread_count(std::uint32_t wanted) {
  return wanted != 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
}

/// The first address of "HOST:PORT"; an IPv6 host stands in brackets.
tcp::endpoint endpoint_of(asio::io_context& io, const std::string& listen) {
  const auto colon = listen.rfind(':');
  const auto port = colon == std::string::npos ? std::string() : listen.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      port.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || std::stoul(port) > 65'535 || colon == 0) {
    throw Failure(invalid(fmt::format("listen address '{}' is not HOST:PORT", listen)));
  }
  auto host = listen.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto found = tcp::resolver(io).resolve(host, port, tcp::resolver::passive, error);
  if (!error && !found.empty()) return found.begin()->endpoint();
  throw Failure(
      ErrorCode::kUnavailable,
      fmt::format("cannot find the host of listen address '{}': {}", listen, error.message()));
}

/// Every route has its series before it is asked for.
void announce(const Router& router, metrics::HttpMetrics& metrics) {
  for (const auto& route : router.routes()) {
    std::vector<int> statuses;
    for (const auto& answer : route.answers) statuses.push_back(answer.status);
    for (const auto code : route.problems) statuses.push_back(status_of(code));
    metrics.add_route(route.pattern, route.method, statuses);
  }
}

}  // namespace

class Server::Listener {
 public:
  Listener(Engine& engine, const NodeSettings& settings, metrics::NodeMetricsPtr metrics)
      : shared_{settings.http,
                Router(all_routes(engine, settings.search.default_collection, metrics,
                                  settings.log.idempotency_window_s)),
                // One body of any size that is allowed must find room.
                BodyBudget(std::max(settings.http.bodies_bytes_max, settings.http.body_bytes_max),
                           [metrics](std::int64_t by) { metrics->http.body_bytes_changed(by); }),
                metrics},
        io_(std::make_shared<asio::io_context>()),
        work_(asio::make_work_guard(*io_)),
        acceptor_(asio::make_strand(*io_)),
        pause_(acceptor_.get_executor()) {
    announce(shared_.router, metrics->http);
    metrics->http.set_limits(settings.http.connections_max, shared_.bodies.bytes_max());
  }

  Result<std::uint16_t> start() {
    return to_result([&] {
      open(endpoint_of(*io_, shared_.settings.listen));
      asio::post(acceptor_.get_executor(), [this] { accept_next(); });
      for (std::uint32_t i = 0; i < thread_count(shared_.settings.threads); ++i) {
        threads_.emplace_back([this] { run(); });
      }
      return acceptor_.local_endpoint().port();
    });
  }

  void stop(std::chrono::milliseconds drain) {
    if (shared_.ending.exchange(true)) return;
    shared_.metrics->info.end();
    if (drain.count() > 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(shared_.settings.drain_notice_ms));
    {
      std::unique_lock lock(mutex_);
      shared_.stopping = true;
      asio::post(acceptor_.get_executor(), [this] { close_acceptor(); });
      for (const auto& [number, session] : sessions_) session->finish();
      changed_.wait_for(lock, drain, [&] { return sessions_.empty(); });
      for (const auto& [number, session] : sessions_) session->abandon();
    }
    // Nothing is left to wait for a callback, so the threads run out of work by themselves.
    work_.reset();
    for (auto& thread : threads_) thread.join();
  }

 private:
  void open(const tcp::endpoint& endpoint) {
    boost::system::error_code error;
    const auto check = [&] {
      if (!error) return;
      throw Failure(ErrorCode::kUnavailable, fmt::format("cannot listen on {}: {}",
                                                         shared_.settings.listen, error.message()));
    };
    acceptor_.open(endpoint.protocol(), error), check();
    acceptor_.set_option(tcp::acceptor::reuse_address(true), error), check();
    acceptor_.bind(endpoint, error), check();
    acceptor_.listen(asio::socket_base::max_listen_connections, error), check();
  }

  void close_acceptor() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
  }

  void accept_next() {
    acceptor_.async_accept(asio::make_strand(*io_),
                           [this](boost::system::error_code error, tcp::socket socket) {
                             if (!acceptor_.is_open()) return;
                             if (error) return pause(error);
                             admit(std::move(socket));
                             accept_next();
                           });
  }

  void pause(boost::system::error_code reason) {
    if (reason == asio::error::no_descriptors) close_longest_idle();
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](boost::system::error_code) {
      if (acceptor_.is_open()) accept_next();
    });
  }

  /// Whether another connection has room, if need be in the place of one that only waits: so a
  /// client that has something to ask, like a health check, is refused only when all are busy.
  bool make_room() {
    if (sessions_.size() - turned_away_ < shared_.settings.connections_max) return true;
    return close_longest_idle();
  }

  bool close_longest_idle() {
    const auto idle = shared_.idle.take_longest();
    if (idle) idle->finish();
    return idle != nullptr;
  }

  void admit(tcp::socket socket) {
    const std::lock_guard lock(mutex_);
    if (shared_.stopping) return;
    if (make_room()) return open_session(std::move(socket), false);
    if (turned_away_ + waiting_ < kTurnedAwayMax) return wait_for_room(std::move(socket));
    shared_.metrics->http.connection_refused();
  }

  /// All are busy: some may be done in a moment, or are only about to wait again.
  void wait_for_room(tcp::socket socket) {
    ++waiting_;
    const auto held = std::make_shared<tcp::socket>(std::move(socket));
    const auto timer = std::make_shared<asio::steady_timer>(acceptor_.get_executor(), kRoomWait);
    timer->async_wait([this, held, timer](boost::system::error_code) {
      const std::lock_guard lock(mutex_);
      --waiting_;
      if (!shared_.stopping) open_session(std::move(*held), !make_room());
    });
  }

  void open_session(tcp::socket socket, bool full) {
    const auto number = ++last_session_;
    const auto session = std::make_shared<Session>(io_, std::move(socket), shared_,
                                                   [this, number, full] { forget(number, full); });
    sessions_.emplace(number, session);
    shared_.metrics->http.connections(sessions_.size());
    if (full) shared_.metrics->http.connection_refused();
    turned_away_ += full;
    full ? session->turn_away() : session->start();
  }

  void forget(std::uint64_t number, bool was_turned_away) {
    const std::lock_guard lock(mutex_);
    turned_away_ -= was_turned_away;
    sessions_.erase(number);
    shared_.metrics->http.connections(sessions_.size());
    changed_.notify_all();
  }

  void run() {
    for (;;) {
      try {
        io_->run();
        return;
      } catch (const std::exception& error) {
        // Out of memory, say: the connection is lost, the server is not.
        log::error("a connection is stuck: {}", error.what());
      }
    }
  }

  Shared shared_;
  // Shared: a callback of the engine may still be leaving post() when the server is gone.
  const std::shared_ptr<asio::io_context> io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Session>> sessions_;
  std::uint64_t last_session_ = 0;
  std::size_t turned_away_ = 0;
  std::size_t waiting_ = 0;  ///< connections that wait for room
};

Server::Server(Engine& engine, const NodeSettings& settings, metrics::NodeMetricsPtr metrics)
    : listener_(std::make_unique<Listener>(engine, settings, std::move(metrics))) {}

Server::~Server() {
  stop(std::chrono::milliseconds(0));
}

Result<std::uint16_t> Server::start() {
  return listener_->start();
}

void Server::stop(std::chrono::milliseconds drain) {
  listener_->stop(drain);
}

}  // namespace mosaic::http
