#include "net/s3_xml.hpp"

#include <gtest/gtest.h>

namespace mosaic::net {
namespace {

std::string list_of(const std::string& contents, const std::string& truncated = "false") {
  return "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>" + truncated +
         "</IsTruncated>" + contents + "</ListBucketResult>";
}

std::string object(const std::string& key, const std::string& size = "5",
                   const std::string& time = "2009-10-12T17:50:30.000Z") {
  return "<Contents><Key>" + key + "</Key><LastModified>" + time + "</LastModified><Size>" + size +
         "</Size></Contents>";
}

TEST(S3List, IsReadWithItsEncodedKeys) {
  const auto page = parse_list(list_of(object("a+b%2Bc%C3%A9")));
  ASSERT_TRUE(page);
  ASSERT_EQ(page->objects.size(), 1U);
  EXPECT_EQ(page->objects[0].key, "a b+c\xc3\xa9");
  EXPECT_EQ(page->objects[0].bytes, 5U);
  EXPECT_EQ(page->objects[0].modified_ms, 1'255'369'830'000);
  EXPECT_TRUE(page->next_token.empty());
}

TEST(S3List, KeysAreAsTheyStandWithoutAnEncoding) {
  auto xml = list_of(object("a+b%2Bc&amp;"));
  xml.replace(xml.find("<EncodingType>"), 32, "");
  const auto page = parse_list(xml);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->objects[0].key, "a+b%2Bc&");
}

TEST(S3List, IsRefusedWhenAnythingIsMissingOrOdd) {
  EXPECT_FALSE(parse_list(""));
  EXPECT_FALSE(parse_list("<html></html>"));
  EXPECT_FALSE(parse_list("<ListBucketResult></ListBucketResult>"));
  EXPECT_FALSE(parse_list(list_of(object("a")).substr(0, 100)));
  EXPECT_FALSE(parse_list(list_of(object("a", "five"))));
  EXPECT_FALSE(parse_list(list_of(object("a", "-1"))));
  EXPECT_FALSE(parse_list(list_of(object("a%4"))));
  EXPECT_FALSE(parse_list(list_of(object("a", "5", "yesterday"))));
  EXPECT_FALSE(parse_list(list_of("<Contents><Key>a</Key></Contents>")));
  // A page that says that there are more, and not where.
  EXPECT_FALSE(parse_list(list_of(object("a"), "true")));
  EXPECT_FALSE(parse_list(list_of(object("a"), "maybe")));
}

TEST(S3Error, IsReadWithCodeAndMessage) {
  const auto error = parse_error("<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, "NoSuchKey");
  EXPECT_EQ(error->message, "gone");
  EXPECT_FALSE(parse_error("<Error><Message>gone</Message></Error>"));
  EXPECT_FALSE(parse_error("gone"));
}

TEST(S3Xml, KnowsTheEndOfAnUpload) {
  const std::string result =
      "<CompleteMultipartUploadResult><ETag>x</ETag>"
      "</CompleteMultipartUploadResult>";
  EXPECT_TRUE(is_complete_result(result));
  // S3 sends blanks while it works, so that the connection is not taken for dead.
  EXPECT_TRUE(is_complete_result("  \n \n<?xml version=\"1.0\"?>  " + result));
  EXPECT_FALSE(is_complete_result(result.substr(0, 40)));
  EXPECT_FALSE(is_complete_result("<Error><Code>InternalError</Code></Error>"));
  EXPECT_TRUE(parse_error("  \n<?xml version=\"1.0\"?>\n<Error><Code>SlowDown</Code></Error>"));
  EXPECT_FALSE(is_complete_result(""));
}

TEST(S3Xml, WritesTheCompletionOfAnUpload) {
  EXPECT_EQ(complete_request({"\"a\"", "<b>"}),
            "<CompleteMultipartUpload "
            "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Part><PartNumber>1</"
            "PartNumber><ETag>\"a\"</ETag></Part>"
            "<Part><PartNumber>2</PartNumber><ETag>&lt;b&gt;</ETag></Part>"
            "</CompleteMultipartUpload>");
}

TEST(S3Time, IsReadWithOrWithoutAFraction) {
  EXPECT_EQ(parse_s3_time("1970-01-01T00:00:01Z"), 1'000);
  EXPECT_EQ(parse_s3_time("2024-02-29T23:59:59.999Z"), 1'709'251'199'000);
  EXPECT_FALSE(parse_s3_time("2023-02-29T23:59:59.999Z"));
  EXPECT_FALSE(parse_s3_time("2023-02-28 23:59:59.999Z"));
}

}  // namespace
}  // namespace mosaic::net
