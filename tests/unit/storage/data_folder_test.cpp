#include "storage/data_folder.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "base/failure.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {
namespace {

namespace fs = std::filesystem;

fs::path filled(const fs::path& folder, int files) {
  fs::create_directories(folder);
  for (int i = 0; i < files; ++i) std::ofstream(folder / std::to_string(i)) << "x";
  return folder;
}

TEST(DataFolder, RemovesACollectionAndSaysWhetherItWasThere) {
  const test::TemporaryFolder root;
  const auto folder = filled(root.path() / "docs-1", 3);
  EXPECT_TRUE(DataFolder::remove(folder));
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_FALSE(DataFolder::remove(folder));
}

TEST(DataFolder, RemovesACollectionWhoseShardsTakeTheirFilesAway) {
  constexpr int kRounds = 100;
  constexpr int kFiles = 40;
  const test::TemporaryFolder root;
  for (int round = 0; round < kRounds; ++round) {
    const auto folder = filled(root.path() / "docs-1", kFiles);
    std::atomic<bool> begun = false;
    std::thread shard([&] {
      begun = true;
      for (int i = 0; i < kFiles; ++i) {
        std::error_code gone;
        fs::remove(folder / std::to_string(i), gone);
      }
    });
    while (!begun) std::this_thread::yield();
    EXPECT_NO_THROW(DataFolder::remove(folder));
    shard.join();
    EXPECT_FALSE(fs::exists(folder)) << round;
  }
}

}  // namespace
}  // namespace mosaic::storage
