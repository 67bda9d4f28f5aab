#include "text/model/safetensors.hpp"

#include <gtest/gtest.h>

#include "base/failure.hpp"
#include "unit/text/model/model_files.hpp"

namespace mosaic::text {
namespace {

using test::tensor_file;

std::string refusal(const std::string& file) {
  try {
    read_safetensors(file);
  } catch (const Failure& failure) {
    return failure.error().detail;
  }
  return "no error";
}

std::string refusal_of_tensor(std::string_view tensor, std::size_t data_bytes = 8) {
  return refusal(tensor_file(R"({"t":)" + std::string(tensor) + "}", std::string(data_bytes, 'x')));
}

TEST(Safetensors, FindsEveryTensorByName) {
  const auto file = tensor_file(R"({"__metadata__":{"format":"np"},
      "a":{"dtype":"I8","shape":[2,2],"data_offsets":[0,4]},
      "b":{"dtype":"F16","shape":[2],"data_offsets":[4,8]}})",
                                "abcdefgh");
  const auto tensors = read_safetensors(file);
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors.at("a").type, NumberType::kI8);
  EXPECT_EQ(tensors.at("a").shape, (std::vector<std::uint64_t>{2, 2}));
  EXPECT_EQ(tensors.at("a").bytes, "abcd");
  EXPECT_EQ(tensors.at("b").bytes, "efgh");
}

TEST(Safetensors, TakesAnEmptyTensorAndASingleNumber) {
  const auto file = tensor_file(R"({"none":{"dtype":"F32","shape":[0,99],"data_offsets":[4,4]},
      "one":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
                                "abcd");
  EXPECT_EQ(read_safetensors(file).at("none").bytes, "");
  EXPECT_EQ(read_safetensors(file).at("one").bytes, "abcd");
}

TEST(Safetensors, RefusesAFileWithoutAWholeHeader) {
  EXPECT_NE(refusal("").find("too short"), std::string::npos);
  EXPECT_NE(refusal("1234567").find("too short"), std::string::npos);
  auto file = tensor_file("{}", "");
  EXPECT_EQ(refusal(file), "no error");
  file.pop_back();
  EXPECT_NE(refusal(file).find("more than it holds"), std::string::npos);
  EXPECT_NE(refusal(std::string(8, '\xff')).find("more than it holds"), std::string::npos);
}

TEST(Safetensors, RefusesAHeaderThatIsNoObject) {
  EXPECT_NE(refusal(tensor_file("{", "")), "no error");
  EXPECT_NE(refusal(tensor_file("[]", "")), "no error");
  EXPECT_NE(refusal_of_tensor("7"), "no error");
}

TEST(Safetensors, RefusesOffsetsOutsideTheData) {
  for (const auto* offsets : {"[0,9]", "[4,3]", "[0]", "[0,4,8]", "[-1,4]", "[0,4.5]", "\"0\"",
                              "[18446744073709551615,4]", "[4,18446744073709551615]"}) {
    EXPECT_NE(refusal_of_tensor(R"({"dtype":"F32","shape":[1],"data_offsets":)" +
                                std::string(offsets) + "}"),
              "no error")
        << offsets;
  }
}

TEST(Safetensors, RefusesAShapeThatDoesNotFitItsBytes) {
  for (const auto* shape : {"[2]", "[1,2]", "[0]", "[-1]", "[4294967296,4294967296]",
                            "[9223372036854775807,2]", "[1,1,1,1,1,1,1,1,1]", "1"}) {
    EXPECT_NE(refusal_of_tensor(R"({"dtype":"F32","data_offsets":[0,4],"shape":)" +
                                std::string(shape) + "}"),
              "no error")
        << shape;
  }
}

TEST(Safetensors, NamesTheTensorAndTheTypeThatItDoesNotKnow) {
  EXPECT_EQ(refusal_of_tensor(R"({"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]})"),
            "model.safetensors.t.dtype is 'F8_E4M3', which is not supported");
}

}  // namespace
}  // namespace mosaic::text
