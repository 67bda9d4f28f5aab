#include "http/answer.hpp"
#include "http/json_requests.hpp"
#include "http/routes.hpp"

namespace mosaic::http {
namespace {

constexpr std::string_view kGroup = "Debugging";

}  // namespace

std::vector<Route> fault_routes(Engine& engine) {
  return {
      {.method = "POST",
       .pattern = "/api/v1/debug/faults",
       .group = kGroup,
       .summary = "Make a part fail on purpose; only where `debug.fault_injection` is on",
       .request_schema = "FaultRequest",
       .answers = {{.status = 202, .schema = "FaultReply", .text = "The fault is on its way."}},
       .problems = {ErrorCode::kInvalidArgument, ErrorCode::kPermissionDenied,
                    ErrorCode::kNotFound},
       .lasting = false,
       .handler =
           [&engine](Call call, Respond respond) {
             auto request = read_fault(std::move(call.request.body));
             engine.inject_fault(std::move(request), answer_with(call, std::move(respond), [] {
                                   return json_response(R"({"injected":true})", 202);
                                 }));
           }},
  };
}

}  // namespace mosaic::http
