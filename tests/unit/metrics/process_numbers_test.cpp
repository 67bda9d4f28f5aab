#include "metrics/process_numbers.hpp"

#include <gtest/gtest.h>

namespace mosaic::metrics {
namespace {

constexpr ProcessUnits kUnits{4'096, 100};

// Fields as proc(5) numbers them: 14 and 15 are CPU ticks, 20 threads, 22 start, 23 and 24 memory.
constexpr const char* kStat =
    "4242 (mosaic) S 1 4242 4242 0 -1 4194560 5000 0 3 0 1250 750 0 0 20 0 17 0 360000 "
    "1073741824 25600 18446744073709551615 1 1 0 0 0 0 0 4096 17920 0 0 0 17 1 0 0 0 0 0 0 0\n";

TEST(ProcessStat, GivesMemoryThreadsAndTime) {
  const auto numbers = parse_process_stat(kStat, kUnits);
  ASSERT_TRUE(numbers);
  EXPECT_DOUBLE_EQ(numbers->cpu_s, 20);
  EXPECT_EQ(numbers->threads, 17U);
  EXPECT_DOUBLE_EQ(numbers->started_after_boot_s, 3'600);
  EXPECT_EQ(numbers->virtual_bytes, 1'073'741'824U);
  EXPECT_EQ(numbers->resident_bytes, 25'600U * 4'096);
}

TEST(ProcessStat, IsReadWhateverTheProgramIsCalled) {
  std::string text(kStat);
  text.replace(text.find("(mosaic)"), 8, "(a) b (c 7)");
  const auto numbers = parse_process_stat(text, kUnits);
  ASSERT_TRUE(numbers);
  EXPECT_EQ(numbers->threads, 17U);
}

TEST(ProcessStat, IsNothingWhenItIsCutOrWrong) {
  const std::string text(kStat);
  for (const auto& bad : {std::string(), std::string("4242 (mosaic"), text.substr(0, 60),
                          std::string("1 (x) S a b c d e f g h i j k l m n o p q r s t u v w")})
    EXPECT_FALSE(parse_process_stat(bad, kUnits)) << bad;
}

TEST(ProcessStat, TellsWhenTheMachineStarted) {
  EXPECT_EQ(parse_boot_time("cpu 1 2 3\nintr 5\nbtime 1700000000\nprocesses 9\n"), 1'700'000'000);
  EXPECT_EQ(parse_boot_time("cpu 1 2 3\n"), 0);
}

TEST(ProcessStat, IsThatOfThisProcess) {
  const auto numbers = read_process_numbers();
  EXPECT_GT(numbers.resident_bytes, 100'000U);
  EXPECT_GT(numbers.virtual_bytes, numbers.resident_bytes);
  EXPECT_GE(numbers.threads, 1U);
  EXPECT_GE(numbers.open_files, 3U);
  EXPECT_GE(numbers.open_files_max, numbers.open_files);
  EXPECT_GT(read_boot_time() + numbers.started_after_boot_s, 1'600'000'000);
}

}  // namespace
}  // namespace mosaic::metrics
