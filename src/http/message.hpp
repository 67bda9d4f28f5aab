// A request and its answer as the routes see them: plain data, no socket. The session makes
// requests and writes answers; a body that comes in pieces is asked for one piece at a time.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/trace_context.hpp"
#include "mosaic/result.hpp"

namespace mosaic::http {

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kNdjson = "application/x-ndjson";
inline constexpr std::string_view kHtml = "text/html; charset=utf-8";

struct Request {
  std::string method;
  std::string target;  ///< path and query as sent, percent-encoded
  std::string content_type;
  TraceContext trace;
  std::string body;
  std::optional<std::string> idempotency_key = {};  ///< as sent
};

struct Header {
  std::string name;
  std::string value;
};

/// A part of a body that comes in pieces. It may be empty without being the last.
struct Piece {
  std::string bytes;
  bool last = false;
};

/// Takes what makes the next piece. An Error cuts the connection, so that the client cannot take
/// what it has for the whole.
using TakePiece = std::function<void(std::function<Result<Piece>()>)>;

/// Asked for a piece again only after the one before was sent. Calls back once, on any thread.
using BodyStream = std::function<void(TakePiece)>;

struct Response {
  int status = 200;
  std::string content_type{kJson};
  std::string body{};
  std::vector<Header> headers{};
  std::string failure{};  ///< of a problem: what the log says of it
  BodyStream stream{};    ///< set: the body comes from here and `body` stays empty
};

/// Makes the answer. The session calls it on a thread of the server, so that the engine's threads
/// spend no time on JSON.
using MakeResponse = std::function<Response()>;

/// Called exactly once, on any thread.
using Respond = std::function<void(MakeResponse)>;

}  // namespace mosaic::http
