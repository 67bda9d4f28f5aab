#include "http/session.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/read.hpp>

#include "base/log.hpp"
#include "base/quoted.hpp"
#include "http/idempotency.hpp"
#include "http/problem.hpp"
#include "http/response_head.hpp"

namespace mosaic::http {
namespace {

namespace beast = boost::beast;
namespace field = boost::beast::http;
using std::chrono::seconds;

constexpr std::size_t kReadBytes = 8 << 10;
/// Room behind a body, so that the JSON parser need not copy it to pad it.
constexpr std::size_t kBodyPadding = 64;
/// A client that still sends is read on for so long, and so much, after its last answer: closing
/// with bytes unread would make the kernel throw the answer away (RFC 9112, section 9.6).
constexpr seconds kLingerTime{5};
constexpr std::size_t kLingerBytes = 256 << 20;

std::string text_of(beast::string_view text) {
  return {text.data(), text.size()};
}

bool client_left(boost::system::error_code error) {
  return error == asio::error::eof || error == asio::error::connection_reset ||
         error == asio::error::operation_aborted || error == asio::error::broken_pipe ||
         error == field::error::end_of_stream || error == field::error::partial_message;
}

Result<Piece> made_safely(const std::function<Result<Piece>()>& make) {
  try {
    return make();
  } catch (const std::exception& error) {
    return Error{ErrorCode::kInternal, error.what()};
  }
}

/// Several are one value, as any header's (RFC 9110, section 5.2), and as such none that is
/// allowed.
std::optional<std::string> idempotency_key_in(const field::fields& head) {
  const beast::string_view name{kIdempotencyKey.data(), kIdempotencyKey.size()};
  std::optional<std::string> key;
  const auto [first, last] = head.equal_range(name);
  for (auto each = first; each != last; ++each) {
    key = key ? *key + ", " + text_of(each->value()) : text_of(each->value());
  }
  return key;
}

Request request_of(field::request<field::string_body>& message, TraceContext trace) {
  return {.method = text_of(message.method_string()),
          .target = text_of(message.target()),
          .content_type = text_of(message[field::field::content_type]),
          .trace = std::move(trace),
          .body = std::move(message.body()),
          .idempotency_key = idempotency_key_in(message)};
}

/// Several say nothing for sure (W3C Trace Context, section 3.3).
std::string traceparent_in(const field::fields& head) {
  return head.count("traceparent") == 1 ? text_of(head["traceparent"]) : std::string();
}

}  // namespace

Session::Session(std::shared_ptr<asio::io_context> io, asio::ip::tcp::socket socket, Shared& shared,
                 std::function<void()> ended)
    : io_(std::move(io)),
      socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      shared_(shared),
      settings_(shared.settings),
      ended_callback_(std::move(ended)) {}

void Session::start() {
  // Idle before its strand has come to it: whoever is accepted next may need the room.
  idle_place_ = shared_.idle.enter(weak_from_this());
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    ErrorCondition ignored;
    self->socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    self->next_request();
  });
}

void Session::turn_away() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->begin_request();
    self->refuse({{ErrorCode::kOverloaded,
                   fmt::format("all {} connections are in use", self->settings_.connections_max)},
                  503});
  });
}

void Session::finish() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->idle_) self->end();
  });
}

void Session::abandon() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->end(); });
}

/// Until the first bytes of a request are there the connection is idle.
void Session::next_request() {
  if (shared_.stopping) return linger();
  forget_request();
  if (buffer_.size() > 0) return read_head();
  buffer_.shrink_to_fit();
  idle_ = true;
  if (idle_place_ == 0) idle_place_ = shared_.idle.enter(weak_from_this());
  expire_after(seconds(settings_.idle_timeout_s));
  socket_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = shared_from_this()](ErrorCondition error, std::size_t bytes) {
                            self->idle_ = false;
                            self->last_request_ =
                                !self->shared_.idle.leave(std::exchange(self->idle_place_, 0));
                            if (error) return self->end();
                            self->buffer_.commit(bytes);
                            self->read_head();
                          });
}

void Session::begin_request() {
  record_ = {.began = std::chrono::steady_clock::now()};
  in_flight_.emplace(shared_.metrics->http);
}

void Session::read_head() {
  begin_request();
  parser_.emplace();
  parser_->header_limit(settings_.header_bytes_max);
  // Checked against the Content-Length below, where the refusal can name it.
  parser_->body_limit(boost::none);
  expire_after(seconds(settings_.request_timeout_s));
  field::async_read_header(socket_, buffer_, *parser_,
                           [self = shared_from_this()](ErrorCondition error, std::size_t) {
                             if (error) return self->refuse(self->refusal_of(error));
                             self->check_head();
                           });
}

/// Once for each request, as soon as its head is there or will not come.
void Session::identify() {
  if (!record_.trace.trace_id.empty()) return;
  record_.trace = trace_of(parser_ ? traceparent_in(parser_->get()) : std::string());
  if (parser_) record_.method = text_of(parser_->get().method_string());
}

void Session::check_head() {
  identify();
  const auto& head = parser_->get();
  // Anything but "chunked" would leave it open where the body ends (RFC 9112, section 6.3).
  const auto coding = head[field::field::transfer_encoding];
  if (!coding.empty() && !beast::iequals(coding, "chunked")) {
    return refuse(
        {invalid(fmt::format("transfer coding '{}' is not served", text_of(coding))), 400});
  }
  const auto length = parser_->content_length().value_or(0);
  if (length > settings_.body_bytes_max) {
    return refuse({{ErrorCode::kPayloadTooLarge, fmt::format("the body has {} bytes, at most {}",
                                                             length, settings_.body_bytes_max)},
                   413,
                   true});
  }
  reserve_body();
}

/// Before the first byte of it is read.
void Session::reserve_body() {
  if (ended_) return;  // Nobody would give it back in time.
  const auto bytes =
      parser_->chunked() ? settings_.body_bytes_max : parser_->content_length().value_or(0);
  auto share = shared_.bodies.reserve(bytes);
  if (!share) {
    return refuse({{ErrorCode::kOverloaded,
                    fmt::format("a body of {} bytes has no room: bodies of requests under way may "
                                "have {} in all",
                                bytes, shared_.bodies.bytes_max())},
                   503,
                   true});
  }
  body_share_ = std::move(*share);
  await_body();
}

void Session::await_body() {
  const auto& head = parser_->get();
  const auto expect = head[field::field::expect];
  if (expect.empty() || head.version() < 11) return read_body();
  if (beast::iequals(expect, "100-continue")) {
    return write("HTTP/1.1 100 Continue\r\n\r\n", {}, &Session::read_body);
  }
  refuse({invalid(fmt::format("expectation '{}' is not met", text_of(expect))), 417});
}

void Session::read_body() {
  parser_->body_limit(settings_.body_bytes_max);
  parser_->get().body().reserve(parser_->content_length().value_or(0) + kBodyPadding);
  expire_after(seconds(settings_.request_timeout_s));
  field::async_read(socket_, buffer_, *parser_,
                    [self = shared_from_this()](ErrorCondition error, std::size_t) {
                      if (error) return self->refuse(self->refusal_of(error));
                      self->handle();
                    });
}

Session::Refusal Session::refusal_of(ErrorCondition error) const {
  if (timed_out_) {
    return {{ErrorCode::kDeadlineExceeded,
             fmt::format("the request was not there after {} s", settings_.request_timeout_s)},
            408};
  }
  if (client_left(error)) return {};
  if (error == field::error::header_limit) {
    return {{ErrorCode::kPayloadTooLarge,
             fmt::format("the request line and headers have more than {} bytes",
                         settings_.header_bytes_max)},
            431};
  }
  if (error == field::error::body_limit) {
    return {{ErrorCode::kPayloadTooLarge,
             fmt::format("the body has more than {} bytes", settings_.body_bytes_max)},
            413,
            true};
  }
  return {invalid(fmt::format("this is not HTTP/1.1: {}", error.message())), 400};
}

void Session::refuse(const Refusal& refusal) {
  if (refusal.status == 0) return end();
  // A body that nobody wants is on its way for as long as any request may take.
  linger_time_ = refusal.body_unread ? seconds(settings_.request_timeout_s) : kLingerTime;
  keep_alive_ = false;
  identify();
  send(problem(refusal.error, record_.trace.trace_id, refusal.status));
}

/// What is left of a request when its answer was sent.
void Session::forget_request() {
  parser_.reset();
  out_ = {};
  body_share_.give_back();
}

void Session::handle() {
  deadline_.cancel();
  shared_.metrics->http.received(parser_->get().body().size());
  keep_alive_ = parser_->get().keep_alive() && !last_request_;
  // respond() comes later, whoever calls back: it is posted to the strand that this runs on.
  record_.route =
      shared_.router.serve(request_of(parser_->get(), record_.trace), callback(&Session::respond));
}

void Session::respond(std::function<Response()> make) {
  if (shared_.ending) keep_alive_ = false;
  try {
    send(make());
  } catch (const std::exception& error) {
    refuse({{ErrorCode::kInternal, fmt::format("the answer could not be made: {}", error.what())},
            500});
  }
}

void Session::send(Response response) {
  const bool head_only = parser_ && parser_->get().method() == field::verb::head;
  auto framing = Framing::kLength;
  if (response.stream) {
    chunked_ = parser_->get().version() >= 11;
    framing = chunked_ ? Framing::kChunked : Framing::kUntilClose;
    keep_alive_ = keep_alive_ && chunked_;
  }
  response.headers.push_back({"traceparent", traceparent_of(record_.trace)});
  response.headers.push_back({"X-Request-Id", record_.trace.trace_id});
  record_.status = response.status;
  record_.bytes = head_only ? 0 : response.body.size();
  record_.failure = std::move(response.failure);
  auto head = response_head(response, framing, keep_alive_);
  if (head_only) return write(std::move(head), {}, &Session::sent);
  stream_ = std::move(response.stream);
  write(std::move(head), std::move(response.body), &Session::sent);
}

void Session::sent() {
  if (stream_) return next_piece();
  const auto now = std::chrono::steady_clock::now();
  count_request(shared_.metrics->http, record_, now);
  log_request(record_, now);
  in_flight_.reset();
  if (keep_alive_) return next_request();
  linger();
}

void Session::next_piece() {
  deadline_.cancel();
  stream_(callback(&Session::send_piece));
}

void Session::send_piece(std::function<Result<Piece>()> make) {
  auto piece = made_safely(make);
  if (!piece) {
    log::warn("a streamed answer breaks off", {{"route", record_.route},
                                               {"detail", without_quotation(piece.error().detail)},
                                               {"trace_id", record_.trace.trace_id}});
    return cut();
  }
  if (piece->last) stream_ = nullptr;
  record_.bytes += piece->bytes.size();
  if (!chunked_) return write(std::move(piece->bytes), {}, &Session::sent);
  auto chunk = piece->bytes.empty() ? std::string() : chunk_of(piece->bytes);
  write(std::move(chunk), piece->last ? chunk_of({}) : std::string(), &Session::sent);
}

/// A reset, because an orderly end would pass for the whole body.
void Session::cut() {
  ErrorCondition ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  end();
}

void Session::write(std::string head, std::string body, Step then) {
  out_ = {std::move(head), std::move(body)};
  unsent_ = decltype(unsent_)(
      std::array<asio::const_buffer, 2>{asio::buffer(out_[0]), asio::buffer(out_[1])});
  write_rest(then);
}

/// A client that takes nothing at all for the time of a request is given up.
void Session::write_rest(Step then) {
  if (asio::buffer_size(unsent_) == 0) return (this->*then)();
  expire_after(seconds(settings_.request_timeout_s));
  socket_.async_write_some(
      unsent_, [self = shared_from_this(), then](ErrorCondition error, std::size_t bytes) {
        if (error) return self->end();
        self->unsent_.consume(bytes);
        self->write_rest(then);
      });
}

void Session::linger() {
  forget_request();
  ErrorCondition error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  if (buffer_.size() > 0) linger_time_ = std::max(linger_time_, kLingerTime);
  if (error || linger_time_ == seconds(0)) return end();
  expire_after(linger_time_);
  read_away();
}

void Session::read_away() {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = shared_from_this()](ErrorCondition error, std::size_t bytes) {
                            self->lingered_bytes_ += bytes;
                            if (error || self->lingered_bytes_ > kLingerBytes) return self->end();
                            self->read_away();
                          });
}

void Session::end() {
  if (std::exchange(ended_, true)) return;
  ErrorCondition ignored;
  deadline_.cancel();
  shared_.idle.leave(idle_place_);
  body_share_.give_back();
  in_flight_.reset();
  socket_.close(ignored);
  ended_callback_();
}

/// Cancels the transfer under way when it takes longer. A wait whose handler is already queued when
/// the next one begins has an old ticket.
void Session::expire_after(seconds limit) {
  timed_out_ = false;
  deadline_.expires_after(limit);
  deadline_.async_wait([weak = weak_from_this(), ticket = ++deadline_ticket_](auto error) {
    const auto self = weak.lock();
    if (error || !self || self->deadline_ticket_ != ticket) return;
    ErrorCondition ignored;
    self->timed_out_ = true;
    self->socket_.cancel(ignored);
  });
}

template <class T>
std::function<void(T)> Session::callback(void (Session::*then)(T)) {
  // The session is held while its executor is used, but the posted work holds it weakly: work left
  // in an io_context that no longer runs would keep the session, and the session the io_context.
  return [weak = weak_from_this(), ticket = ++ticket_, then](T value) {
    const auto held = weak.lock();
    if (!held) return;
    asio::post(held->socket_.get_executor(),
               [weak, ticket, then, value = std::move(value)]() mutable {
                 const auto self = weak.lock();
                 if (!self || self->ended_ || self->ticket_ != ticket) return;
                 ++self->ticket_;
                 (self.get()->*then)(std::move(value));
               });
  };
}

}  // namespace mosaic::http
