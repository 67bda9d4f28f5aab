#include <fmt/format.h>

#include "base/log.hpp"
#include "http/answer.hpp"
#include "http/json_requests.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kGroup = "Debugging";
constexpr std::string_view kPattern = "/api/v1/log";

Response current_level() {
  return json_response(fmt::format(R"({{"level":"{}"}})", log::to_string(log::level())));
}

void change_level(Call call, const Respond& respond) {
  const auto level = read_log_level(std::move(call.request.body));
  const auto before = log::level();
  log::set_level(level);
  // Whatever the level: whoever reads the log later should see why there is more or less of it.
  log::write(log::Level::kInfo, "the log's level was changed",
             std::vector<log::Field>{{"from", log::to_string(before)},
                                     {"to", log::to_string(level)},
                                     {"trace_id", call.request.trace.trace_id}});
  answer_now(respond, current_level());
}

}  // namespace

std::vector<Route> log_routes() {
  return {
      {.method = "GET",
       .pattern = kPattern,
       .group = kGroup,
       .summary = "From which level on lines are logged",
       .answers = {{.schema = "LogLevel", .text = "The level in force."}},
       .handler = [](const Call&,
                     const Respond& respond) { answer_now(respond, current_level()); }},
      {.method = "PUT",
       .pattern = kPattern,
       .group = kGroup,
       .summary = "Log more or less from now on, until the next start",
       .request_schema = "LogLevel",
       .answers = {{.schema = "LogLevel", .text = "The level in force."}},
       .problems = {ErrorCode::kInvalidArgument},
       .lasting = false,
       .handler = [](Call call,
                     const Respond& respond) { change_level(std::move(call), respond); }},
  };
}

}  // namespace mosaic::http
