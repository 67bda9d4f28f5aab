// Opens models of mutated files and embeds with them: damage is refused or harmless. Run it with
// MOSAIC_SANITIZE=address,undefined to see reads outside the files.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "unit/text/model/model_files.hpp"

namespace mosaic::text {
namespace {

constexpr int kModels = 3'000;
const std::filesystem::path kFixtures = std::filesystem::path(MOSAIC_TOKENIZER_TESTS) / "fixtures";

using Random = std::mt19937_64;

std::uint64_t seed() {
  const char* given = std::getenv("MOSAIC_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

void mutate(Random& random, std::string& bytes) {
  const auto at = bytes.empty() ? 0 : random() % bytes.size();
  const auto size = std::min<std::size_t>(random() % 32, bytes.size() - at);
  switch (random() % 5) {
    case 0:
      bytes.erase(at, size);
      break;
    case 1:
      bytes.insert(at, bytes.substr(bytes.size() / 2, size));
      break;
    case 2:
      for (std::size_t i = at; i < at + size; ++i) bytes[i] = static_cast<char>(random());
      break;
    case 3:
      // Digits stay digits: numbers change, and the file stays JSON.
      for (char& c : bytes) {
        if (c >= '0' && c <= '9' && random() % 16 == 0) c = static_cast<char>('0' + random() % 10);
      }
      break;
    default:
      if (!bytes.empty()) bytes[at] ^= static_cast<char>(1 << random() % 8);
  }
}

/// A table that fits a fixture of `tokens` tokens.
std::string table_for(std::size_t tokens) {
  const auto header = R"({"embeddings":{"dtype":"I8","shape":[)" + std::to_string(tokens) +
                      R"(,4],"data_offsets":[0,)" + std::to_string(4 * tokens) + "]}}";
  return test::tensor_file(header, std::string(4 * tokens, '\3'));
}

std::string text_of(Random& random) {
  std::string text;
  for (auto count = random() % 60; count > 0; --count) {
    text +=
        random() % 2 == 0 ? static_cast<char>(random()) : static_cast<char>('a' + random() % 26);
  }
  return text;
}

TEST(ModelFilesFuzz, NeverCrashes) {
  const auto run = seed();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(run));
  Random random(run);
  const std::vector<std::pair<std::string, std::size_t>> fixtures = {
      {"word_piece.json", 1202}, {"unigram.json", 616}, {"charsmap.json", 703}};
  std::vector<test::SmallModel> bases(1);
  for (const auto& [name, tokens] : fixtures) {
    bases.push_back({table_for(tokens), test::bytes_of(kFixtures / name), R"({"normalize":true})"});
    ASSERT_TRUE(bases.back().made().ok()) << bases.back().refusal();
  }
  int opened = 0;
  for (int i = 0; i < kModels; ++i) {
    auto files = bases[random() % bases.size()];
    for (auto count = random() % 3; count > 0; --count) {
      mutate(random, random() % 3 == 0   ? files.table
                     : random() % 4 == 0 ? files.config
                                         : files.tokenizer);
    }
    if (random() % 16 == 0) files.tokenizer = text_of(random);
    if (random() % 16 == 0) files.table = text_of(random);
    if (random() % 16 == 0) files.config = text_of(random);
    const auto model = files.made();
    if (!model.ok()) continue;
    ++opened;
    for (const float x : (*model)->embed(text_of(random))) ASSERT_TRUE(std::isfinite(x));
  }
  EXPECT_GT(opened, kModels / 20);
}

}  // namespace
}  // namespace mosaic::text
