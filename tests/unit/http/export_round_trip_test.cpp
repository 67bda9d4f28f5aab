// What is exported and read again is the same document: every bit of its vector, every byte of its
// texts and metadata, its links in their order.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <random>

#include "http/json_replies.hpp"
#include "http/json_requests.hpp"

namespace mosaic::http {
namespace {

constexpr int kDocuments = 2'000;
constexpr int kFloats = 1'000'000;

/// A new one in each run, or the one that a failed run named.
std::mt19937_64 random_of_run() {
  const char* given = std::getenv("MOSAIC_TEST_SEED");
  const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device()();
  std::cout << "MOSAIC_TEST_SEED=" << seed << std::endl;
  return std::mt19937_64(seed);
}

std::vector<std::uint32_t> bits_of(const Vector& vector) {
  std::vector<std::uint32_t> bits;
  for (const float number : vector) bits.push_back(std::bit_cast<std::uint32_t>(number));
  return bits;
}

std::vector<Document> read_again(const std::vector<Document>& documents) {
  std::string lines;
  for (const auto& document : documents) append_export_line(lines, document);
  return read_upsert_ndjson("c", std::move(lines)).documents;
}

float any_finite(std::mt19937_64& random) {
  while (true) {
    const auto number = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isfinite(number)) return number;
  }
}

double any_finite_double(std::mt19937_64& random) {
  while (true) {
    const auto number = std::bit_cast<double>(random());
    if (std::isfinite(number)) return number;
  }
}

/// Of one to four bytes each, control characters among them.
std::string any_text(std::mt19937_64& random) {
  static const std::vector<std::string> kPieces = {
      "a", "\"", "\\", "/", "\n",     "\r",     "\t",     "\b",      "\f", "\x01", "\x1f", "\x7f",
      "é", "ß",  "語", "😀", "\u2028", "\u2029", "\ufeff", "e\u0301", " ",  "{",    "}",    "null"};
  std::string text;
  for (auto count = random() % 20; count > 0; --count) text += kPieces[random() % kPieces.size()];
  return text;
}

std::string any_metadata(std::mt19937_64& random) {
  static const std::vector<std::string> kTexts = {
      "",
      "{}",
      R"({"a":1,"b":1.0,"c":-0.0,"d":1e5,"e":1E-7})",
      R"({"max":9223372036854775807,"min":-9223372036854775808,"u":18446744073709551615})",
      R"({"z":1,"a":2,"m":3})",
      R"({"k":1,"k":2})",
      R"({"\u00e9":"\u00e9","é":"\/"})",
      R"({"n":null,"t":true,"f":false,"s":"","o":{},"l":[]})",
      R"({"f":0.1,"g":0.30000000000000004,"h":1.7976931348623157e308,"i":5e-324})",
  };
  if (random() % 8 != 0) return kTexts[random() % kTexts.size()];
  const std::size_t depth = 1 + random() % (kMetadataDepthMax - 1);
  std::string nested;
  for (std::size_t i = 0; i < depth; ++i) nested += R"({"d":)";
  return nested + "1" + std::string(depth, '}');
}

Document any_document(std::mt19937_64& random) {
  Document document;
  document.id = "id " + any_text(random);
  if (random() % 3 != 0) document.title = any_text(random);
  if (random() % 3 != 0) document.text = any_text(random);
  for (auto count = random() % 8; count > 0; --count) document.vector.push_back(any_finite(random));
  document.metadata = any_metadata(random);
  for (auto count = random() % 5; count > 0; --count) {
    const auto kind = random() % 2 != 0 ? "" : any_text(random);
    const auto weight = random() % 2 != 0 ? 1 : any_finite_double(random);
    document.links.push_back({"to " + any_text(random), kind, weight});
    if (random() % 4 == 0) document.links.push_back(document.links.back());
  }
  return document;
}

TEST(ExportRoundTrip, LosesNothingOfADocument) {
  auto random = random_of_run();
  std::vector<Document> documents;
  for (int i = 0; i < kDocuments; ++i) documents.push_back(any_document(random));
  const auto again = read_again(documents);
  ASSERT_EQ(again.size(), documents.size());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    EXPECT_EQ(again[i], documents[i]) << i;
    EXPECT_EQ(bits_of(again[i].vector), bits_of(documents[i].vector)) << i;
    std::string line;
    std::string line_again;
    append_export_line(line, documents[i]);
    append_export_line(line_again, again[i]);
    EXPECT_EQ(line_again, line);
  }
}

/// The number is read as 64 bits and then cut to 32: twice rounded.
TEST(ExportRoundTrip, KeepsEveryBitOfAVector) {
  auto random = random_of_run();
  Document document;
  document.id = "a";
  document.vector = {0.0F,
                     -0.0F,
                     std::numeric_limits<float>::denorm_min(),
                     -std::numeric_limits<float>::denorm_min(),
                     std::numeric_limits<float>::min(),
                     std::numeric_limits<float>::max(),
                     std::numeric_limits<float>::lowest(),
                     9.2e18F,
                     -9.3e18F,
                     16'777'217.0F};
  for (int i = 0; i < kFloats; ++i) {
    document.vector.push_back(any_finite(random));
    if (document.vector.size() < kDimensionMax && i + 1 < kFloats) continue;
    const auto again = read_again({document});
    ASSERT_EQ(bits_of(again.at(0).vector), bits_of(document.vector));
    document.vector.clear();
  }
}

}  // namespace
}  // namespace mosaic::http
