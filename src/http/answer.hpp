// The way from an engine's Result to a Response, the same for every route.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "http/problem.hpp"
#include "http/route.hpp"

namespace mosaic::http {

/// A callback for the engine: `write(value)`, or `write()` where there is none, makes the Response;
/// an Error becomes its problem.
template <class Write>
auto answer_with(const Call& call, Respond respond, Write write) {
  return [trace_id = call.request.trace.trace_id, respond = std::move(respond),
          write = std::move(write)](auto result) {
    respond([trace_id, write, result = std::move(result)]() -> Response {
      if (!result) return problem(result.error(), trace_id);
      if constexpr (std::is_invocable_v<Write>) {
        return write();
      } else {
        return write(*result);
      }
    });
  };
}

inline void answer_now(const Respond& respond, Response response) {
  respond([response = std::move(response)] { return response; });
}

inline Response json_response(std::string body, int status = 200) {
  return {.status = status, .body = std::move(body)};
}

}  // namespace mosaic::http
