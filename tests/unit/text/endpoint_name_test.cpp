#include "text/endpoint_name.hpp"

#include <gtest/gtest.h>

namespace mosaic::text {
namespace {

TEST(EndpointName, TellsEndpointsFromOtherEmbedders) {
  EXPECT_TRUE(is_endpoint("openai:http://host"));
  for (const auto* other : {"builtin", "hash", "none", "model:x", ""})
    EXPECT_FALSE(is_endpoint(other)) << other;
}

TEST(EndpointName, CompletesTheUrl) {
  const auto url = [](const std::string& name) { return parse_endpoint("openai:" + name).url; };
  EXPECT_EQ(url("http://host"), "http://host/v1/embeddings");
  EXPECT_EQ(url("https://host:8080/"), "https://host:8080/v1/embeddings");
  EXPECT_EQ(url("http://host/v1"), "http://host/v1/embeddings");
  EXPECT_EQ(url("http://host/v1/"), "http://host/v1/embeddings");
  EXPECT_EQ(url("http://host/a/b"), "http://host/a/b/embeddings");
  EXPECT_EQ(url("http://host/v1/embeddings"), "http://host/v1/embeddings");
  EXPECT_EQ(url("http://host/v1/embeddings/"), "http://host/v1/embeddings");
  EXPECT_EQ(url("http://host/d/embeddings?version=1#m"), "http://host/d/embeddings?version=1");
  EXPECT_EQ(url("http://host?version=1"), "http://host/v1/embeddings?version=1");
}

TEST(EndpointName, TakesTheModelFromTheFragment) {
  EXPECT_EQ(parse_endpoint("openai:http://host").model, kDefaultModel);
  EXPECT_EQ(parse_endpoint("openai:http://host#nomic/embed:v1.5").model, "nomic/embed:v1.5");
  EXPECT_EQ(parse_endpoint("openai:http://host?a=b#m").model, "m");
}

}  // namespace
}  // namespace mosaic::text
