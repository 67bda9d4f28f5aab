#include "net/s3_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "support/fake_http_server.hpp"
#include "support/s3_stub.hpp"

namespace mosaic::net {
namespace {

using std::chrono::milliseconds;
using test::S3Stub;

S3Target target_of(const S3Stub& stub) {
  return {.endpoint = stub.endpoint(),
          .bucket = test::kStubBucket,
          .region = test::kStubRegion,
          .credentials = {test::kStubAccessKey, test::kStubSecretKey},
          .stall_timeout_s = 1};
}

/// The real time, pauses that are written down and not waited for.
S3Surroundings surroundings(std::vector<milliseconds>* pauses = nullptr,
                            std::int64_t clock_offset_ms = 0) {
  auto real = S3Surroundings::real();
  return {.now_ms = [now = real.now_ms, clock_offset_ms] { return now() + clock_offset_ms; },
          .pause =
              [pauses](milliseconds time, const std::stop_token&) {
                if (pauses != nullptr) pauses->push_back(time);
              },
          .chance = [] { return 0.5; }};
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

std::string random_bytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string out(size, '\0');
  for (auto& c : out) c = static_cast<char>(random());
  return out;
}

class S3Client_ : public testing::Test {
 protected:
  S3Stub stub_{{"--page-size", "3", "--part-min", "1000"}};
  std::vector<milliseconds> pauses_;
  S3Client client_{target_of(stub_), surroundings(&pauses_)};
};

TEST_F(S3Client_, KeepsWhatItIsGiven) {
  const auto bytes = random_bytes(100'000, 1);
  ASSERT_TRUE(client_.put("a/b", bytes).ok());
  const auto got = client_.get("a/b", bytes.size());
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(*got, bytes);
  EXPECT_EQ(client_.head("a/b").value(), std::optional<std::uint64_t>(bytes.size()));
  ASSERT_TRUE(client_.put("a/empty", "").ok());
  EXPECT_EQ(client_.get("a/empty", 0).value(), "");
  ASSERT_TRUE(client_.remove("a/b").ok());
  ASSERT_TRUE(client_.remove("a/b").ok());
  EXPECT_EQ(client_.head("a/b").value(), std::nullopt);
  EXPECT_EQ(client_.get("a/b", 10).error().code, ErrorCode::kNotFound);
}

TEST_F(S3Client_, SignsKeysOfEveryKind) {
  const std::vector<std::string> keys = {
      "with blank",  "plus+minus-",    "\xc3\xa9\xe1\x88\xb4", "~tilde~/*'()!",
      "a=b&c=d?e#f", "100%/%41",       "./dots/../x",          "double//slash/",
      "<&>\"",       "semi;colon:at@", "tab\tand\x01",         "[]{}|\\^`$,",
  };
  for (const auto& key : keys) {
    SCOPED_TRACE(key);
    const auto put = client_.put(key, "of " + key);
    ASSERT_TRUE(put.ok()) << put.error().detail;
    EXPECT_EQ(client_.get(key, 100).value(), "of " + key);
    const auto listed = client_.list(key);
    ASSERT_TRUE(listed) << listed.error().detail;
    ASSERT_FALSE(listed->empty());
    EXPECT_EQ(listed->front().key, key);
  }
}

TEST_F(S3Client_, SpeaksToABucketInTheHostName) {
  auto target = target_of(stub_);
  target.endpoint = stub_.endpoint("localhost");
  target.virtual_host = true;
  S3Client client(target, surroundings());
  const auto put = client.put("a key/+", "x");
  ASSERT_TRUE(put.ok()) << put.error().detail;
  EXPECT_EQ(client.list("a").value().at(0).key, "a key/+");
  EXPECT_EQ(client_.get("a key/+", 1).value(), "x");
}

TEST_F(S3Client_, ListsOverPages) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(client_.put("list/" + std::to_string(i), "1234").ok());
  ASSERT_TRUE(client_.put("other", "").ok());
  stub_.set_faults("[]");
  const auto listed = client_.list("list/");
  ASSERT_TRUE(listed) << listed.error().detail;
  ASSERT_EQ(listed->size(), 10U);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ((*listed)[i].key, "list/" + std::to_string(i));
    EXPECT_EQ((*listed)[i].bytes, 4U);
    EXPECT_NEAR(static_cast<double>((*listed)[i].modified_ms),
                static_cast<double>(S3Surroundings::real().now_ms()), 600e3);
  }
  EXPECT_EQ(count(stub_.log(), "list-type=2"), 4U);
  EXPECT_TRUE(client_.list("nothing/").value().empty());
}

TEST_F(S3Client_, SendsLargeObjectsInParts) {
  auto target = target_of(stub_);
  target.part_bytes = 1'000;
  S3Client client(target, surroundings());
  for (const std::size_t size : {1'000, 1'001, 2'000, 5'500}) {
    const auto bytes = random_bytes(size, size);
    stub_.set_faults("[]");
    const auto put = client.put("large +", bytes);
    ASSERT_TRUE(put.ok()) << put.error().detail;
    EXPECT_EQ(client.get("large +", size).value(), bytes);
    EXPECT_EQ(count(stub_.log(), "partNumber="), size == 1'000 ? 0 : (size + 999) / 1'000);
  }
  EXPECT_NE(stub_.state().find("\"uploads\": 0"), std::string::npos);
}

TEST_F(S3Client_, DropsThePartsWhenOneFails) {
  auto target = target_of(stub_);
  target.part_bytes = 1'000;
  S3Client client(target, surroundings());
  stub_.set_faults(R"([{"kind": "internal", "match": "partNumber=3", "count": 1000}])");
  const auto put = client.put("large", random_bytes(4'000, 4));
  ASSERT_FALSE(put.ok());
  EXPECT_EQ(put.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(put.error().detail.find("PUT s3://stub-bucket/large: InternalError"), std::string::npos)
      << put.error().detail;
  EXPECT_NE(stub_.state().find("\"uploads\": 0, \"objects\": []"), std::string::npos)
      << stub_.state();
}

TEST_F(S3Client_, CompletesAnUploadWhoseFirstAnswerWasLostOrLate) {
  auto target = target_of(stub_);
  target.part_bytes = 1'000;
  S3Client client(target, surroundings());
  const auto bytes = random_bytes(2'500, 5);
  for (const std::string kind : {"cut_after", "late_error", "cut"}) {
    SCOPED_TRACE(kind);
    stub_.set_faults(R"([{"method": "POST", "match": "uploadId=", "kind": ")" + kind + "\"}]");
    const auto put = client.put("large", bytes);
    ASSERT_TRUE(put.ok()) << put.error().detail;
    EXPECT_EQ(client.get("large", bytes.size()).value(), bytes);
    EXPECT_NE(stub_.state().find("\"uploads\": 0"), std::string::npos) << stub_.state();
    ASSERT_TRUE(client.remove("large").ok());
  }
}

TEST_F(S3Client_, TriesAgainWhatMayPass) {
  const auto bytes = random_bytes(50'000, 6);
  for (const std::string kind :
       {"slow_down", "internal", "too_many", "cut", "cut_after", "cut_body", "hang"}) {
    SCOPED_TRACE(kind);
    const bool slow = kind == "hang";
    pauses_.clear();
    const std::string faults = R"({"kind": ")" + kind + R"(", "count": )" + (slow ? "1" : "2");
    stub_.set_faults("[" + faults + R"(, "method": "PUT"}, )" + faults + R"(, "method": "GET"}])");
    ASSERT_TRUE(client_.put("retried", bytes).ok());
    const auto got = client_.get("retried", bytes.size());
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(*got, bytes);
    // libcurl itself sends again, at once, when a kept connection breaks before an answer.
    EXPECT_GE(pauses_.size(), 2U);
    EXPECT_LE(pauses_.size(), 4U);
  }
}

TEST_F(S3Client_, GivesUpAfterTheAttemptsItHas) {
  stub_.set_faults(R"([{"kind": "slow_down", "count": 1000}])");
  const auto got = client_.get("some/key", 10);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error(),
            (Error{ErrorCode::kUnavailable,
                   "GET s3://stub-bucket/some/key: SlowDown: Please reduce your request rate. (6 "
                   "attempts)"}));
  EXPECT_EQ(pauses_,
            (std::vector<milliseconds>{milliseconds(150), milliseconds(300), milliseconds(600),
                                       milliseconds(1'200), milliseconds(2'400)}));
}

TEST_F(S3Client_, SaysWhatWasRefused) {
  auto target = target_of(stub_);
  target.credentials.secret_key += "x";
  const auto wrong_key = S3Client(target, surroundings()).get("k", 10);
  EXPECT_EQ(wrong_key.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(wrong_key.error().detail.find("SignatureDoesNotMatch"), std::string::npos);

  target = target_of(stub_);
  target.bucket = "elsewhere";
  const auto no_bucket = S3Client(target, surroundings()).get("k", 10);
  EXPECT_EQ(no_bucket.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(no_bucket.error().detail.find("s3://elsewhere/k: NoSuchBucket"), std::string::npos);

  target = target_of(stub_);
  target.region = "us-east-1";
  const auto region = S3Client(target, surroundings()).list("");
  EXPECT_EQ(region.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(region.error().detail.find("expecting 'eu-central-1'"), std::string::npos);

  const auto skewed = S3Client(target_of(stub_), surroundings(nullptr, -1'000'000)).get("k", 10);
  EXPECT_EQ(skewed.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(skewed.error().detail.find("RequestTimeTooSkewed"), std::string::npos);
}

TEST_F(S3Client_, BoundsWhatItReads) {
  ASSERT_TRUE(client_.put("k", std::string(1'000, 'x')).ok());
  EXPECT_EQ(client_.get("k", 999).error().code, ErrorCode::kCorruptData);
  EXPECT_TRUE(client_.get("k", 1'000));
  EXPECT_FALSE(client_.put(std::string(1'025, 'k'), "").ok());
}

TEST_F(S3Client_, TakesNoOtherServerForS3) {
  stub_.set_faults(R"([{"kind": "odd", "count": 1000}])");
  const auto listed = client_.list("");
  EXPECT_EQ(listed.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(listed.error().detail.find("is not that of an S3 server"), std::string::npos);
}

TEST(S3Sessions, SendTheirToken) {
  const S3Stub stub({"--token", "a+token/=="});
  auto target = target_of(stub);
  EXPECT_EQ(S3Client(target, surroundings()).put("k", "v").error().code,
            ErrorCode::kPermissionDenied);
  target.credentials.session_token = "a+token/==";
  const auto put = S3Client(target, surroundings()).put("k", "v");
  EXPECT_TRUE(put.ok()) << put.error().detail;
}

TEST(S3Unreachable, IsAnErrorThatNamesTheHost) {
  const auto endpoint = "http://127.0.0.1:" + std::to_string(test::free_port());
  S3Client client({.endpoint = endpoint, .bucket = "b", .region = "r", .attempts = 2},
                  surroundings());
  const auto put = client.put("k", "v");
  EXPECT_EQ(put.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(put.error().detail.find(endpoint), std::string::npos) << put.error().detail;
  EXPECT_NE(put.error().detail.find("s3://b/k"), std::string::npos);
}

TEST(S3Stop, EndsARequestAndThePausesAfterIt) {
  for (const std::string kind : {"hang", "slow_down"}) {
    SCOPED_TRACE(kind);
    S3Stub stub;
    std::stop_source stop;
    auto target = target_of(stub);
    target.stall_timeout_s = 25;
    target.attempts = kS3AttemptsMax;
    target.stop = stop.get_token();
    stub.set_faults(R"([{"count": 1000, "kind": ")" + kind + "\"}]");
    std::jthread stopper([&] {
      while (count(stub.log(), kind) == 0) std::this_thread::yield();
      stop.request_stop();
    });
    const auto begin = std::chrono::steady_clock::now();
    const auto got = S3Client(target).get("k", 10);
    EXPECT_EQ(got.error(), (Error{ErrorCode::kUnavailable, "GET s3://stub-bucket/k: stopped"}));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  }
}

TEST(S3Stop, StillTakesBackWhatWasBegun) {
  S3Stub stub({"--part-min", "1000"});
  std::stop_source stop;
  auto target = target_of(stub);
  target.part_bytes = 1'000;
  target.stop = stop.get_token();
  auto around = surroundings();
  around.pause = [&](milliseconds, const std::stop_token&) { stop.request_stop(); };
  stub.set_faults(R"([{"kind": "slow_down", "match": "partNumber=2", "count": 1000}])");
  S3Client client(target, around);
  const auto put = client.put("k", random_bytes(3'000, 1));
  ASSERT_FALSE(put.ok());
  EXPECT_NE(put.error().detail.find("stopped"), std::string::npos) << put.error().detail;
  EXPECT_NE(stub.state().find("\"uploads\": 0, \"objects\": []"), std::string::npos)
      << stub.state();
}

TEST(RetryPause, DoublesUpToItsLimitLessChance) {
  EXPECT_EQ(retry_pause(2, 0), milliseconds(200));
  EXPECT_EQ(retry_pause(2, 1), milliseconds(100));
  EXPECT_EQ(retry_pause(4, 0), milliseconds(800));
  EXPECT_EQ(retry_pause(20, 0), milliseconds(10'000));
}

}  // namespace
}  // namespace mosaic::net
