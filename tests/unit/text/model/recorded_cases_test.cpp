// The ids that the reference gives for odd texts, as tests/tokenizer/make_cases.py recorded them.
#include <gtest/gtest.h>
#include <simdjson.h>

#include "text/model/tokenizer.hpp"
#include "unit/text/model/model_files.hpp"

namespace mosaic::text {
namespace {

namespace dom = simdjson::dom;

const std::filesystem::path kFolder = MOSAIC_TOKENIZER_TESTS;

/// The fixture's tokenizer.json with the parts of `changes` in the place of its own.
std::string changed(dom::object fixture, dom::object changes) {
  std::string json = "{";
  for (const auto [key, value] : fixture) {
    dom::element part;
    if (changes.at_key(key).get(part)) part = value;
    json += (json.size() > 1 ? ",\"" : "\"") + std::string(key) + "\":" + simdjson::minify(part);
  }
  return json + "}";
}

std::string text_of(dom::element value) {
  std::string_view text;
  if (!value.get(text)) return std::string(text);
  std::string out;
  const auto count = std::uint64_t(value.at(1));
  for (std::uint64_t i = 0; i < count; ++i) out += std::string_view(value.at(0));
  return out;
}

std::string fnv1a(const std::vector<std::uint32_t>& ids) {
  std::uint64_t value = 0xCBF29CE484222325;
  for (const auto id : ids) value = (value ^ id) * 0x100000001B3;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016lx", static_cast<unsigned long>(value));
  return digits;
}

void expect_ids(const std::vector<std::uint32_t>& ids, dom::element expected) {
  dom::array list;
  if (expected.get(list)) {
    EXPECT_EQ(ids.size(), std::uint64_t(expected["count"]));
    EXPECT_EQ(fnv1a(ids), std::string_view(expected["fnv1a"]));
    return;
  }
  std::vector<std::uint32_t> wanted;
  for (const auto id : list) wanted.push_back(static_cast<std::uint32_t>(std::uint64_t(id)));
  EXPECT_EQ(ids, wanted);
}

class RecordedCases : public testing::TestWithParam<const char*> {};

TEST_P(RecordedCases, HaveTheIdsOfTheReference) {
  const auto name = std::string(GetParam()) + ".json";
  dom::parser fixture_parser;
  dom::parser parser;
  const dom::element fixture = fixture_parser.load((kFolder / "fixtures" / name).string());
  const dom::element recorded = parser.load((kFolder / "cases" / name).string());
  std::size_t count = 0;
  for (const dom::element variant : dom::array(recorded["variants"])) {
    SCOPED_TRACE(simdjson::minify(variant["changes"].value()));
    const Tokenizer tokenizer(changed(fixture, variant["changes"]));
    for (const dom::element pair : dom::array(variant["cases"])) {
      const auto text = text_of(pair.at(0));
      SCOPED_TRACE(text.substr(0, 200));
      expect_ids(tokenizer.encode(text), pair.at(1));
      ++count;
    }
  }
  EXPECT_GT(count, 100u);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, RecordedCases,
                         testing::Values("word_piece", "unigram", "charsmap"),
                         [](const auto& fixture) { return fixture.param; });

}  // namespace
}  // namespace mosaic::text
