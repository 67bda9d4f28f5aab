// One connection: reads requests one after the other, hands each to the router and writes its
// answer. Everything runs on a strand of its own; start(), finish() and abandon() may be called on
// any thread. Each step starts one transfer or ends the session. What the engine does later with a
// callback of a session that has ended has no effect.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_suffix.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/node_settings.hpp"
#include "http/access_log.hpp"
#include "http/body_budget.hpp"
#include "http/idle_connections.hpp"
#include "http/router.hpp"
#include "metrics/node_metrics.hpp"

namespace mosaic::http {

namespace asio = boost::asio;

class Session;

/// What the sessions of a server have in common.
struct Shared {
  const NodeSettings::Http settings;
  const Router router;
  BodyBudget bodies;
  const metrics::NodeMetricsPtr metrics;
  IdleConnections<Session> idle{};
  std::atomic<bool> ending = false;  ///< answers are the last ones of their connections
  std::atomic<bool> stopping =
      false;  ///< so are those that have been sent: nothing is read any more
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  /// `io` runs the socket's executor. `shared` outlives the call of `ended`, which comes once, on a
  /// thread of `io`.
  Session(std::shared_ptr<asio::io_context> io, asio::ip::tcp::socket socket, Shared& shared,
          std::function<void()> ended);

  /// Serves until the connection ends.
  void start();

  /// Answers 503 without reading a request and ends.
  void turn_away();

  /// Ends at once when idle. With `stopping` set, or once taken from the idle connections, a
  /// request under way is the last one.
  void finish();

  /// Ends at once, whatever is under way.
  void abandon();

 private:
  using ErrorCondition = boost::system::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Step = void (Session::*)();

  /// Why a request was not received whole.
  struct Refusal {
    Error error;
    int status = 0;            ///< 0: nobody is there to be told
    bool body_unread = false;  ///< the client may still be sending it
  };

  void next_request();
  void begin_request();
  void read_head();
  void identify();
  void check_head();
  void reserve_body();
  void await_body();
  void read_body();
  void handle();
  void refuse(const Refusal& refusal);
  void forget_request();
  Refusal refusal_of(ErrorCondition error) const;

  void respond(std::function<Response()> make);
  void send(Response response);
  void sent();
  void next_piece();
  void send_piece(std::function<Result<Piece>()> make);
  void cut();
  void write(std::string head, std::string body, Step then);
  void write_rest(Step then);

  void linger();
  void read_away();
  void end();
  void expire_after(std::chrono::seconds limit);

  /// A callback for any thread that runs `then` on the strand, if the session still waits for it.
  template <class T>
  std::function<void(T)> callback(void (Session::*then)(T));

  const std::shared_ptr<asio::io_context> io_;  // First: everything below needs it to be there.
  asio::ip::tcp::socket socket_;
  asio::steady_timer deadline_;  ///< of the transfer under way
  boost::beast::flat_buffer buffer_;
  Shared& shared_;
  const NodeSettings::Http& settings_;
  const std::function<void()> ended_callback_;

  std::optional<Parser> parser_;
  RequestRecord record_;          ///< of the request under way
  BodyBudget::Share body_share_;  ///< of the request under way
  std::optional<metrics::RequestInFlight> in_flight_;
  BodyStream stream_;  ///< of the answer being sent, or empty
  std::array<std::string, 2> out_;
  boost::beast::buffers_suffix<std::array<asio::const_buffer, 2>> unsent_;

  std::uint64_t ticket_ = 0;  ///< of the callback waited for; others come too late
  std::uint64_t deadline_ticket_ = 0;
  std::chrono::seconds linger_time_{0};  ///< 0: the client has nothing more to say
  std::size_t lingered_bytes_ = 0;
  bool chunked_ = false;
  bool keep_alive_ = false;  ///< the connection outlives the answer being sent
  bool timed_out_ = false;
  bool idle_ = false;
  IdleConnections<Session>::Place idle_place_ = 0;  ///< 0: none
  bool last_request_ = false;                       ///< its place is promised to another connection
  bool ended_ = false;
};

}  // namespace mosaic::http
