#include "shard/slow_query.hpp"

#include <gtest/gtest.h>

namespace mosaic::shard {
namespace {

constexpr auto kMarker = "MARKER";

/// Everything that a user may write holds the marker.
SearchRequest marked_request() {
  SearchRequest request;
  request.collection = "docs";
  request.query = kMarker;
  request.document = kMarker;
  request.vector = {7777.5F};
  request.filter = R"({"a":"MARKER"})";
  request.where = "a = 'MARKER'";
  request.k = 5;
  request.timeout_ms = 900;
  request.audit = true;
  request.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  return request;
}

SearchEnd two_stages() {
  return {1'234.5,
          {{"candidates", 1'200, 40, 2, {}}, {"documents", 30, 5, 1, {{1}}}},
          {{{1}, {"scan", "no graph", 0, 30, 0, 30, 0, 0, 0}}}};
}

std::string line_of(const std::vector<log::Field>& fields) {
  return log::text_line(log::Level::kWarn, "slow query", fields);
}

TEST(SlowQuery, SaysWhereTheTimeWent) {
  SearchReply reply;
  reply.hits.resize(3);
  reply.hits[0].stored.document.text = kMarker;
  reply.partial = true;
  reply.shards_total = 2;
  reply.failed = {{{1}, "n1", {ErrorCode::kDeadlineExceeded, kMarker}}};
  const auto line = line_of(slow_query_line(marked_request(), reply, two_stages()));
  EXPECT_EQ(
      line,
      "warn slow query collection=docs took_ms=1234.5 mode=hybrid k=5 timeout_ms=900 "
      "query=true vector=true document=true filter=true where=true diversity=0 ef=100 exact=false "
      "audit=true hits=3 partial=true shards_total=2 "
      R"(shards_failed=[{"shard":1,"node":"n1","error":"deadline_exceeded"}] )"
      R"(stages=[{"name":"candidates","took_ms":1200,"candidates":40,"shards_asked":2,)"
      R"("shards_pruned":[]},{"name":"documents","took_ms":30,"candidates":5,)"
      R"("shards_asked":1,"shards_pruned":[1]}] )"
      R"(index=[{"shard":1,"way":"scan","reason":"no graph","nodes":0,"tail":30,"matches":0,)"
      R"("compared":30,"reranked":0,"walk_cost":0,"scan_cost":0,"codes":""}] )"
      "trace_id=4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(SlowQuery, NamesTheErrorOfASearchThatFailedByItsCodeOnly) {
  const Error error{ErrorCode::kUnavailable, kMarker};
  const auto line = line_of(slow_query_line(marked_request(), error, two_stages()));
  EXPECT_NE(line.find(" error=unavailable "), std::string::npos);
  EXPECT_EQ(line.find("partial"), std::string::npos);
}

TEST(SlowQuery, NeverShowsWhatAUserWrote) {
  for (const auto& line :
       {line_of(slow_query_line(marked_request(), SearchReply{}, two_stages())),
        line_of(slow_query_line(marked_request(), Error{ErrorCode::kInternal, kMarker}, {}))}) {
    EXPECT_EQ(line.find(kMarker), std::string::npos) << line;
    EXPECT_EQ(line.find("7777"), std::string::npos) << line;
  }
}

TEST(SlowQuery, HasNoTraceIdWhenThereIsNone) {
  auto request = marked_request();
  request.trace_id.clear();
  EXPECT_EQ(line_of(slow_query_line(request, SearchReply{}, {})).find("trace_id"),
            std::string::npos);
}

TEST(SlowQuery, ADeadlineOfAnyShardIsOutOfTime) {
  SearchReply reply;
  EXPECT_FALSE(ran_out_of_time(reply));
  reply.failed.push_back({{0}, "node", Error{ErrorCode::kCorruptData, ""}});
  EXPECT_FALSE(ran_out_of_time(reply));
  reply.failed.push_back({{1}, "node", Error{ErrorCode::kDeadlineExceeded, ""}});
  EXPECT_TRUE(ran_out_of_time(reply));
  EXPECT_TRUE(ran_out_of_time(Error{ErrorCode::kDeadlineExceeded, ""}));
  EXPECT_FALSE(ran_out_of_time(Error{ErrorCode::kOverloaded, ""}));
}

}  // namespace
}  // namespace mosaic::shard
