#include "base/durable_file.hpp"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "base/failure.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic {
namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 0777;
}

TEST(WriteNewDurably, MakesAFileWithItsMode) {
  const test::TemporaryFolder folder;
  write_new_durably(folder / "new", "bytes", 0600);
  EXPECT_EQ(read_whole(folder / "new"), "bytes");
  EXPECT_EQ(mode_of(folder / "new"), 0600U);
}

TEST(WriteNewDurably, LeavesAloneWhatIsThere) {
  const test::TemporaryFolder folder;
  write_durably(folder / "new", "before");
  const auto wrote = to_result([&] { write_new_durably(folder / "new", "after", 0600); });
  ASSERT_FALSE(wrote.ok());
  EXPECT_EQ(wrote.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(read_whole(folder / "new"), "before");
  EXPECT_FALSE(std::filesystem::exists(folder / "new.tmp"));
}

TEST(WriteNewDurably, TakesNothingFromOneThatWasLeftUnfinished) {
  const test::TemporaryFolder folder;
  write_durably(folder / "new.tmp", "a longer text of before");
  write_new_durably(folder / "new", "secret", 0600);
  EXPECT_EQ(read_whole(folder / "new"), "secret");
  EXPECT_EQ(mode_of(folder / "new"), 0600U);
}

}  // namespace
}  // namespace mosaic
