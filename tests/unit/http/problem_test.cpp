#include "http/problem.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/utf8.hpp"
#include "http/response_head.hpp"

namespace mosaic::http {
namespace {

TEST(Problem, HasEveryFieldOfTheContract) {
  const auto response = problem({ErrorCode::kNotFound, "no \"x\""}, "abc");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"/docs#not_found","title":"There is no such thing","status":404,)"
            R"("detail":"no \"x\"","code":"not_found","trace_id":"abc"})");
}

TEST(Problem, HasAStatusForEachCode) {
  EXPECT_EQ(status_of(ErrorCode::kInvalidArgument), 400);
  EXPECT_EQ(status_of(ErrorCode::kDimensionMismatch), 400);
  EXPECT_EQ(status_of(ErrorCode::kUnauthenticated), 401);
  EXPECT_EQ(status_of(ErrorCode::kPermissionDenied), 403);
  EXPECT_EQ(status_of(ErrorCode::kNotFound), 404);
  EXPECT_EQ(status_of(ErrorCode::kMethodNotAllowed), 405);
  EXPECT_EQ(status_of(ErrorCode::kAlreadyExists), 409);
  EXPECT_EQ(status_of(ErrorCode::kPayloadTooLarge), 413);
  EXPECT_EQ(status_of(ErrorCode::kInternal), 500);
  EXPECT_EQ(status_of(ErrorCode::kOverloaded), 503);
  EXPECT_EQ(status_of(ErrorCode::kUnavailable), 503);
  EXPECT_EQ(status_of(ErrorCode::kCorruptData), 503);
  EXPECT_EQ(status_of(ErrorCode::kDeadlineExceeded), 504);
}

TEST(Problem, TellsAClientThatMayTryAgainWhenToComeBack) {
  for (const auto code : {ErrorCode::kOverloaded, ErrorCode::kUnavailable}) {
    const auto response = problem({code, "busy"}, "abc");
    ASSERT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.headers[0].name, "Retry-After");
    EXPECT_EQ(response.headers[0].value, "1");
  }
}

TEST(Problem, DoesNotPromiseThatWhatIsDamagedOrWrongHeals) {
  for (const auto code : {ErrorCode::kCorruptData, ErrorCode::kInvalidArgument,
                          ErrorCode::kInternal, ErrorCode::kDeadlineExceeded})
    EXPECT_TRUE(problem({code, "no"}, "abc").headers.empty()) << to_string(code);
}

TEST(Problem, IsValidJsonWhateverTheDetailHolds) {
  const std::vector<std::string> details = {"cut \xc3", "\xff\xfe", "a\xe2\x82",
                                            std::string("\0\x01", 2), std::string(100'000, 'x')};
  for (const auto& detail : details) {
    const auto body = problem({ErrorCode::kInternal, detail}, "abc").body;
    EXPECT_TRUE(is_utf8(body));
    EXPECT_LT(body.size(), 10'000U);
    simdjson::dom::parser parser;
    EXPECT_EQ(parser.parse(body).error(), simdjson::SUCCESS);
  }
}

TEST(Problem, TellsTheLogWhatFailedWithoutTheWordsOfOthers) {
  EXPECT_EQ(problem({ErrorCode::kUnavailable, "answered 500; it said: a text"}, "abc").failure,
            "answered 500");
}

TEST(ResponseHead, SaysHowTheBodyEnds) {
  const Response response{.body = "12345", .headers = {{"Allow", "GET"}}};
  const auto head = response_head(response, Framing::kLength, true);
  EXPECT_EQ(head.find("HTTP/1.1 200 OK\r\n"), 0U);
  EXPECT_NE(head.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_NE(head.find("Allow: GET\r\n"), std::string::npos);
  EXPECT_NE(head.find("Connection: keep-alive\r\n\r\n"), std::string::npos);
  EXPECT_NE(response_head(response, Framing::kChunked, false).find("chunked\r\n"),
            std::string::npos);
  EXPECT_EQ(response_head(response, Framing::kUntilClose, false).find("Length"), std::string::npos);
}

TEST(Chunks, CarryTheirLengthInHex) {
  EXPECT_EQ(chunk_of(std::string(26, 'x')), "1a\r\n" + std::string(26, 'x') + "\r\n");
  EXPECT_EQ(chunk_of(""), "0\r\n\r\n");
}

}  // namespace
}  // namespace mosaic::http
