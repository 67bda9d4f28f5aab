#include "base/machine_usage.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>

#include "base/open_files.hpp"

namespace mosaic {
namespace {

constexpr std::size_t kBlock = 64 << 20;

TEST(MachineUsage, ResidentMemoryGrowsWithWhatIsWrittenAndShrinksWithWhatIsFreed) {
  const auto before = resident_bytes();
  ASSERT_TRUE(before);
  EXPECT_GT(*before, 0U);
  auto block = std::make_unique<char[]>(kBlock);
  std::memset(block.get(), 1, kBlock);
  EXPECT_GE(*resident_bytes(), *before + kBlock / 2);
  block.reset();
  release_free_memory();
  EXPECT_LT(*resident_bytes(), *before + kBlock / 2);
}

TEST(MachineUsage, AFolderHasFreeDiskAndNoFolderHasNone) {
  EXPECT_TRUE(free_disk_bytes("."));
  EXPECT_EQ(free_disk_bytes("no/such/folder"), std::nullopt);
}

TEST(OpenFiles, TheLimitIsRaisedAsFarAsItMayBe) {
  const auto limit = raise_open_files_limit();
  EXPECT_GT(limit, 0U);
  EXPECT_EQ(raise_open_files_limit(), limit);
}

TEST(OpenFiles, TheWarningNamesBothNumbers) {
  EXPECT_EQ(open_files_warning(21'024, 20'000), std::nullopt);
  const auto warning = open_files_warning(4'096, 20'000);
  ASSERT_TRUE(warning);
  EXPECT_NE(warning->find("4096 files open"), std::string::npos) << *warning;
  EXPECT_NE(warning->find("http.connections_max = 20000"), std::string::npos) << *warning;
  EXPECT_NE(warning->find("21024"), std::string::npos) << *warning;
}

}  // namespace
}  // namespace mosaic
