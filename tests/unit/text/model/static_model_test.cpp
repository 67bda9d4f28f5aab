#include "text/model/static_model.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>

#include "support/temporary_folder.hpp"
#include "text/model/builtin_model.hpp"
#include "text/model_embedder.hpp"
#include "unit/text/model/model_files.hpp"

namespace mosaic::text {
namespace {

using namespace test;
using namespace std::chrono_literals;

Vector embed(const SmallModel& files, std::string_view text, std::size_t tokens_max = 0) {
  const auto model = files.made();
  return model.ok() ? (*model)->embed(text, tokens_max) : Vector{-1};
}

std::string with_list(std::string_view name, std::string_view type, std::size_t count,
                      const std::string& list) {
  const auto end = std::to_string(24 + list.size());
  return tensor_file(R"({"embeddings":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},")" +
                         std::string(name) + R"(":{"dtype":")" + std::string(type) +
                         R"(","shape":[)" + std::to_string(count) + R"(],"data_offsets":[24,)" +
                         end + "]}}",
                     raw_bytes<float>({9, 9, 3, 0, 1, 8}) + list);
}

TEST(StaticModel, GivesTheMeanOfTheRowsOfItsTokens) {
  EXPECT_EQ(embed({}, "up"), (Vector{3, 0}));
  EXPECT_EQ(embed({}, "Upper"), (Vector{2, 4}));
  EXPECT_EQ(embed({}, "up upper"), (Vector{7.0F / 3, 8.0F / 3}));
}

TEST(StaticModel, LeavesOutWhatIsUnknown) {
  EXPECT_EQ(embed({}, "down up"), (Vector{3, 0}));
  EXPECT_EQ(embed({}, "[UNK] up"), (Vector{3, 0}));
}

TEST(StaticModel, GivesNothingWhereNoTokenIsKnown) {
  for (const auto* text : {"", "  ", "down", "\xff\xfe"}) EXPECT_TRUE(embed({}, text).empty());
}

TEST(StaticModel, GivesNothingWhereTheMeanIsZero) {
  const SmallModel files{
      .table = tensor_file(R"({"embeddings":{"dtype":"I8","shape":[3,1],"data_offsets":[0,3]}})",
                           std::string("\x05\x03\xfd"))};
  EXPECT_EQ(embed(files, "up"), Vector{3});
  EXPECT_TRUE(embed(files, "upper").empty());
}

TEST(StaticModel, MakesUnitLengthWhereTheConfigurationSaysSo) {
  const auto vector = embed({.config = R"({"normalize":true})"}, "upper");
  ASSERT_EQ(vector.size(), 2u);
  EXPECT_FLOAT_EQ(vector[0], 2 / std::sqrt(20.0F));
  EXPECT_FLOAT_EQ(vector[1], 4 / std::sqrt(20.0F));
}

TEST(StaticModel, CountsTheFirstTokensAlone) {
  EXPECT_EQ(embed({}, "up upper", 1), (Vector{3, 0}));
  // "[UNK]", "up" and "##per": five characters in the median, and the first five are spaces.
  EXPECT_EQ(embed({}, "     up", 1), Vector{});
}

TEST(StaticModel, TakesEveryNumberTypeOfATable) {
  const auto one = [](std::string_view type, const std::string& data) {
    const auto header = R"({"embedding.weight":{"dtype":")" + std::string(type) +
                        R"(","shape":[3,1],"data_offsets":[0,)" + std::to_string(data.size()) +
                        "]}}";
    return embed({.table = tensor_file(header, data)}, "up");
  };
  EXPECT_EQ(one("F32", raw_bytes<float>({0, -1.5, 0})), Vector{-1.5});
  EXPECT_EQ(one("F16", raw_bytes<std::uint16_t>({0, 0xBE00, 0})), Vector{-1.5});
  EXPECT_EQ(one("F16", raw_bytes<std::uint16_t>({0, 1, 0})), Vector{0x1p-24F});
  EXPECT_EQ(one("BF16", raw_bytes<std::uint16_t>({0, 0xBFC0, 0})), Vector{-1.5});
  EXPECT_EQ(one("I8", raw_bytes<std::int8_t>({0, -128, 0})), Vector{-128});
}

TEST(StaticModel, AddsWideRowsAsItAddsNarrowOnes) {
  for (const std::size_t size : {7u, 8u, 9u, 256u, 259u}) {
    std::vector<std::int8_t> numbers(3 * size);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int8_t>(i * 37);
    const auto header = R"({"embeddings":{"dtype":"I8","shape":[3,)" + std::to_string(size) +
                        R"(],"data_offsets":[0,)" + std::to_string(3 * size) + "]}}";
    const auto vector = embed({.table = tensor_file(header, raw_bytes(numbers))}, "upper");
    ASSERT_EQ(vector.size(), size);
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_EQ(vector[i], (numbers[size + i] + numbers[2 * size + i]) / 2.0F);
    }
  }
}

TEST(StaticModel, WeighsEachToken) {
  const auto weights = raw_bytes<float>({1, 2, 0.5});
  EXPECT_EQ(embed({.table = with_list("weights", "F32", 3, weights)}, "upper"), (Vector{3.25, 2}));
  const auto doubles = raw_bytes<double>({1, 2, 0.5});
  EXPECT_EQ(embed({.table = with_list("weights", "F64", 3, doubles)}, "upper"), (Vector{3.25, 2}));
}

TEST(StaticModel, FollowsTheMappingFromTokensToRows) {
  const auto mapping = raw_bytes<std::int64_t>({2, 0, 0});
  EXPECT_EQ(embed({.table = with_list("mapping", "I64", 3, mapping)}, "upper"), (Vector{9, 9}));
}

TEST(StaticModel, RefusesAMappingOutsideTheTable) {
  for (const std::int32_t row : {3, -1}) {
    const auto mapping = raw_bytes<std::int32_t>({0, row, 0});
    EXPECT_NE(
        SmallModel{.table = with_list("mapping", "I32", 3, mapping)}.refusal().find("mapping[1]"),
        std::string::npos);
  }
}

TEST(StaticModel, RefusesListsThatAreTooShort) {
  EXPECT_NE(SmallModel{.table = with_list("weights", "F32", 2, std::string(8, '\0'))}.refusal(),
            "no error");
  EXPECT_NE(SmallModel{.table = with_list("mapping", "I32", 2, std::string(8, '\0'))}.refusal(),
            "no error");
}

TEST(StaticModel, RefusesNumbersThatAreNotFinite) {
  for (const float wrong : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
    const auto header = R"({"embeddings":{"dtype":"F32","shape":[3,1],"data_offsets":[0,12]}})";
    EXPECT_NE(
        SmallModel{.table = tensor_file(header, raw_bytes<float>({0, 0, wrong}))}.refusal().find(
            "row 2"),
        std::string::npos);
    EXPECT_NE(SmallModel{.table = with_list("weights", "F32", 3, raw_bytes<float>({0, wrong, 0}))}
                  .refusal(),
              "no error");
  }
}

TEST(StaticModel, RefusesATableOfAnotherSizeThanTheVocabulary) {
  const auto header = R"({"embeddings":{"dtype":"I8","shape":[2,1],"data_offsets":[0,2]}})";
  EXPECT_EQ(SmallModel{.table = tensor_file(header, "ab")}.refusal(),
            "model.safetensors: there are 2 rows, and 3 tokens with ids below 3");
}

TEST(StaticModel, RefusesATableWithoutRowsOfNumbers) {
  EXPECT_NE(SmallModel{.table = tensor_file("{}", "")}.refusal(), "no error");
  for (const auto* shape : {"[3]", "[3,1,1]", "[3,0]"}) {
    const std::string bytes(std::string_view(shape) == "[3,0]" ? 0 : 3, '\1');
    const auto header = R"({"embeddings":{"dtype":"I8","shape":)" + std::string(shape) +
                        R"(,"data_offsets":[0,)" + std::to_string(bytes.size()) + "]}}";
    EXPECT_NE(SmallModel{.table = tensor_file(header, bytes)}.refusal(), "no error") << shape;
  }
}

TEST(StaticModel, RefusesAConfigurationThatIsNone) {
  EXPECT_NE(SmallModel{.config = ""}.refusal(), "no error");
  EXPECT_NE(SmallModel{.config = "[]"}.refusal(), "no error");
  EXPECT_EQ(SmallModel{.config = R"({"normalize":1})"}.refusal(),
            "config.json.normalize is not true or false");
}

TEST(StaticModel, HasTheFingerprintOfItsFiles) {
  const SmallModel files;
  const auto fingerprint = (*files.made())->fingerprint();
  EXPECT_EQ((*SmallModel{}.made())->fingerprint(), fingerprint);
  EXPECT_NE((*SmallModel{.config = "{ }"}.made())->fingerprint(), fingerprint);
}

class StaticModelFolder : public testing::Test {
 protected:
  void put(std::string_view name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  void put_all(const SmallModel& files) {
    put("model.safetensors", files.table);
    put("tokenizer.json", files.tokenizer);
    put("config.json", files.config);
  }
  mosaic::test::TemporaryFolder folder_;
};

TEST_F(StaticModelFolder, IsTheSameModelAsItsBytes) {
  const SmallModel files;
  put_all(files);
  const auto model = StaticModel::open(folder_.path());
  ASSERT_TRUE(model.ok()) << model.error().detail;
  EXPECT_EQ((*model)->dimension(), 2u);
  EXPECT_EQ((*model)->fingerprint(), (*files.made())->fingerprint());
  EXPECT_EQ((*model)->embed("upper"), (Vector{2, 4}));
}

TEST_F(StaticModelFolder, NamesTheFileThatIsNotThere) {
  put_all({});
  std::filesystem::remove(folder_ / "config.json");
  const auto model = StaticModel::open(folder_.path());
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kNotFound);
  EXPECT_NE(model.error().detail.find("config.json"), std::string::npos);
}

TEST_F(StaticModelFolder, IsNotIntactOnceItsTableIsCutShort) {
  put_all({});
  const auto model = StaticModel::open(folder_.path());
  ASSERT_TRUE(model.ok());
  EXPECT_TRUE((*model)->intact());
  std::filesystem::resize_file(folder_ / "model.safetensors", 0);
  (*model)->embed("upper");
  EXPECT_FALSE((*model)->intact());
}

TEST_F(StaticModelFolder, IsNotIntactOnceItsTableWasWrittenTo) {
  put_all({});
  const auto table = folder_ / "model.safetensors";
  const auto model = StaticModel::open(folder_.path());
  ASSERT_TRUE(model.ok());
  std::filesystem::last_write_time(table, std::filesystem::last_write_time(table) + 1s);
  EXPECT_FALSE((*model)->intact());
}

TEST_F(StaticModelFolder, StaysWhatItIsWhenAnotherTableTakesThePlaceOfItsOwn) {
  put_all({});
  const auto model = StaticModel::open(folder_.path());
  ASSERT_TRUE(model.ok());
  std::ofstream(folder_ / "other") << "another one";
  std::filesystem::rename(folder_ / "other", folder_ / "model.safetensors");
  EXPECT_TRUE((*model)->intact());
  EXPECT_EQ((*model)->embed("upper"), (Vector{2, 4}));
}

TEST_F(StaticModelFolder, RefusesAFileThatIsTooLargeToBeRead) {
  put_all({});
  std::filesystem::resize_file(folder_ / "tokenizer.json", kModelTokenizerBytesMax + 1);
  const auto model = StaticModel::open(folder_.path());
  ASSERT_FALSE(model.ok());
  EXPECT_NE(model.error().detail.find("268435456"), std::string::npos) << model.error().detail;
}

TEST(StaticModel, LetsSoManyTokensCountAsItsConfigSays) {
  const auto tokens_max = [](std::string config) {
    SmallModel files;
    files.config = std::move(config);
    return (*files.made())->tokens_max();
  };
  EXPECT_EQ(tokens_max("{}"), kModelTokensMax);
  EXPECT_EQ(tokens_max(R"({"max_length":16})"), 16u);
  EXPECT_EQ(tokens_max(R"({"max_length":null})"), 0u);
  SmallModel files;
  files.config = R"({"max_length":0})";
  EXPECT_EQ(files.refusal(), "config.json.max_length is 0: no token would count");
  files.config = R"({"max_length":-3})";
  EXPECT_NE(files.refusal(), "no error");
}

TEST(StaticModel, RefusesNumbersWhoseSumsHaveNoEnd) {
  SmallModel files;
  files.table = tensor_file(R"({"embeddings":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}})",
                            raw_bytes<float>({9, 9, 3, 0, 1, 3e38F}));
  EXPECT_NE(files.refusal().find("row 2 of the table"), std::string::npos) << files.refusal();
}

TEST(ModelEmbedder, EmbedsTitleAndTextOfADocument) {
  const SmallModel files;
  auto made = files.made();
  ASSERT_TRUE(made.ok());
  const std::shared_ptr<const StaticModel> model = std::move(made).value();
  const ModelEmbedder embedder(model);
  EXPECT_EQ(embedder.dimension(), 2u);
  EXPECT_EQ(embedder.embed_document("", "upper"), model->embed("upper"));
  EXPECT_EQ(embedder.embed_document("Up", " "), model->embed("Up"));
  EXPECT_EQ(embedder.embed_query("upper"), model->embed("upper"));
}

TEST(ModelEmbedder, LeansTowardsTheTitle) {
  const auto builtin = builtin_model();
  const ModelEmbedder embedder(builtin);
  const auto whole = builtin->embed("apple pie\nA cake of flour and fruit.");
  const auto title = builtin->embed("apple pie");
  const auto made = embedder.embed_document("apple pie", "A cake of flour and fruit.");
  Vector expected(made.size());
  float squares = 0;
  for (std::size_t i = 0; i < made.size(); ++i) {
    expected[i] = whole[i] + title[i] / 2;
    squares += expected[i] * expected[i];
  }
  for (std::size_t i = 0; i < made.size(); ++i)
    EXPECT_NEAR(made[i], expected[i] / std::sqrt(squares), 1e-5);
}

}  // namespace
}  // namespace mosaic::text
