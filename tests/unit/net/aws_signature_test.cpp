#include "net/aws_signature.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "base/digest.hpp"
#include "net/url.hpp"

namespace mosaic::net {
namespace {

const AwsCredentials kSuiteKeys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
const AwsScope kSuiteScope{"us-east-1", "service", 1'440'938'160'000};

struct Vector {
  std::string name;
  std::vector<std::string> request_lines;
  std::string body, token, canonical, to_sign, signature;
  bool signed_body = false;
};

void add_line(std::string& text, bool first, const std::string& line) {
  text += (first ? "" : "\n") + line;
}

std::vector<Vector> read_vectors() {
  std::ifstream file(MOSAIC_NET_VECTORS "/aws_sigv4.txt");
  std::vector<Vector> out;
  std::string line, last;
  while (std::getline(file, line)) {
    if (line.starts_with('#')) continue;
    const auto space = line.find(' ');
    const auto word = line.substr(0, space);
    const auto rest = space == std::string::npos ? "" : line.substr(space + 1);
    if (word == "name") out.emplace_back().name = rest;
    if (word == "request") out.back().request_lines.push_back(rest);
    if (word == "body") out.back().body = rest;
    if (word == "token") out.back().token = rest;
    if (word == "signed-body") out.back().signed_body = true;
    if (word == "canonical") add_line(out.back().canonical, last != word, rest);
    if (word == "sign") add_line(out.back().to_sign, last != word, rest);
    if (word == "signature") out.back().signature = rest;
    last = word;
  }
  return out;
}

NamesAndValues query_of(std::string text) {
  NamesAndValues query;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto part = text.substr(0, end);
    const auto equals = part.find('=');
    query.emplace_back(*unescape(part.substr(0, equals)), *unescape(part.substr(equals + 1)));
    text = end == std::string::npos ? "" : text.substr(end + 1);
  }
  return query;
}

AwsRequest request_of(const Vector& vector) {
  AwsRequest request;
  const auto& first = vector.request_lines.at(0);
  const auto method_end = first.find(' ');
  const auto target = first.substr(method_end + 1, first.rfind(' ') - method_end - 1);
  const auto question = target.find('?');
  request.method = first.substr(0, method_end);
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = query_of(target.substr(question + 1));
  for (std::size_t i = 1; i < vector.request_lines.size(); ++i) {
    const auto& line = vector.request_lines[i];
    const auto colon = line.find(':');
    if (line.starts_with(' ')) {
      request.headers.back().second += '\n' + line;
    } else {
      request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    }
  }
  request.payload_sha256 = sha256(vector.body);
  request.headers.emplace_back("X-Amz-Date", aws_time(kSuiteScope.time_ms));
  if (vector.signed_body)
    request.headers.emplace_back("X-Amz-Content-Sha256", request.payload_sha256);
  if (!vector.token.empty()) request.headers.emplace_back("X-Amz-Security-Token", vector.token);
  return request;
}

TEST(AwsSignature, AgreesWithEveryPublishedVector) {
  const auto vectors = read_vectors();
  ASSERT_EQ(vectors.size(), 32U);
  for (const auto& vector : vectors) {
    SCOPED_TRACE(vector.name);
    const auto request = request_of(vector);
    EXPECT_EQ(canonical_request(request), vector.canonical);
    EXPECT_EQ(string_to_sign(vector.canonical, kSuiteScope), vector.to_sign);
    const auto value = authorization(request, kSuiteKeys, kSuiteScope);
    EXPECT_EQ(value.substr(value.find("Signature=") + 10), vector.signature);
  }
}

// The examples of "Signature Calculations for the Authorization Header" in S3's API reference.
class S3Examples : public testing::Test {
 protected:
  static std::string signature(AwsRequest request, const std::string& body = "") {
    request.payload_sha256 = sha256(body);
    request.headers.emplace_back("Host", "examplebucket.s3.amazonaws.com");
    request.headers.emplace_back("x-amz-content-sha256", request.payload_sha256);
    request.headers.emplace_back("x-amz-date", "20130524T000000Z");
    const auto value =
        authorization(request, {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
                      {"us-east-1", "s3", 1'369'353'600'000});
    return value.substr(value.find("Signature=") + 10);
  }
};

TEST_F(S3Examples, GetObject) {
  EXPECT_EQ(signature({.method = "GET", .path = "/test.txt", .headers = {{"Range", "bytes=0-9"}}}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST_F(S3Examples, PutObject) {
  EXPECT_EQ(signature({.method = "PUT",
                       .path = "/test$file.text",
                       .headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                                   {"x-amz-storage-class", "REDUCED_REDUNDANCY"}}},
                      "Welcome to Amazon S3."),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST_F(S3Examples, GetBucketLifecycle) {
  EXPECT_EQ(signature({.method = "GET", .path = "/", .query = {{"lifecycle", ""}}}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST_F(S3Examples, ListObjects) {
  EXPECT_EQ(
      signature({.method = "GET", .path = "/", .query = {{"prefix", "J"}, {"max-keys", "2"}}}),
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(AwsSignature, EncodesAPathOnceAndLeavesItsDots) {
  EXPECT_EQ(canonical_path("/a b/c+d/~e/./../100%/\xc3\xa9"), "/a%20b/c%2Bd/~e/./../100%25/%C3%A9");
  EXPECT_EQ(canonical_path(""), "/");
}

TEST(AwsSignature, SortsAQueryByItsEncodedForm) {
  EXPECT_EQ(canonical_query({{"~", "1"}, {"b", ""}, {"\xc3\xa9", "/"}, {"a", "2"}, {"a", "1 +"}}),
            "%C3%A9=%2F&a=1%20%2B&a=2&b=&~=1");
}

}  // namespace
}  // namespace mosaic::net
