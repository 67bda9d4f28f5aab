#include "cli/output_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/failure.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::cli {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct OutputFileTest : testing::Test {
  test::TemporaryFolder folder;
  const fs::path path = folder / "out.jsonl";
  const fs::path partial = folder / "out.jsonl.partial";

  static void write(const fs::path& to, const std::string& text) {
    OutputFile file(to.string());
    file.write(text);
    file.complete();
  }
};

TEST_F(OutputFileTest, TakesThePlaceOfAFileOnceComplete) {
  std::ofstream(path) << "old";
  {
    OutputFile file(path.string());
    file.write("new");
    EXPECT_EQ(content(path), "old");
    file.complete();
  }
  EXPECT_EQ(content(path), "new");
  EXPECT_FALSE(fs::exists(partial));
}

TEST_F(OutputFileTest, LeavesTheOldFileWhenNeverCompleted) {
  std::ofstream(path) << "old";
  { OutputFile(path.string()).write("new"); }
  EXPECT_EQ(content(path), "old");
  EXPECT_FALSE(fs::exists(partial));
}

TEST_F(OutputFileTest, FollowsALinkToAFile) {
  fs::create_directory(folder / "data");
  std::ofstream(folder / "data/file") << "old";
  fs::create_symlink("data/file", path);
  write(path, "new");
  EXPECT_TRUE(fs::is_symlink(path));
  EXPECT_EQ(content(folder / "data/file"), "new");
}

TEST_F(OutputFileTest, FollowsLinksToWhereNoFileIsYet) {
  fs::create_directory(folder / "data");
  fs::create_symlink("data/link", path);
  fs::create_symlink(folder / "file", folder / "data/link");
  write(path, "new");
  EXPECT_TRUE(fs::is_symlink(path));
  EXPECT_EQ(content(folder / "file"), "new");
}

TEST_F(OutputFileTest, RefusesLinksInACircle) {
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  EXPECT_THROW(write(folder / "a", "new"), Failure);
  EXPECT_TRUE(fs::is_symlink(folder / "a"));
}

TEST_F(OutputFileTest, WritesIntoAPipe) {
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = content(path); });
  write(path, "new");
  reader.join();
  EXPECT_EQ(read, "new");
  EXPECT_TRUE(fs::is_fifo(path));
  EXPECT_FALSE(fs::exists(partial));
}

TEST_F(OutputFileTest, WritesIntoThePipeBehindALink) {
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  fs::create_symlink("pipe", path);
  std::string read;
  std::thread reader([&] { read = content(path); });
  write(path, "new");
  reader.join();
  EXPECT_EQ(read, "new");
  EXPECT_TRUE(fs::is_symlink(path));
}

TEST_F(OutputFileTest, SaysThatNobodyReadsAPipeAnyMore) {
  ASSERT_NE(std::signal(SIGPIPE, SIG_IGN), SIG_ERR);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  OutputFile file(path.string());
  ::close(reader);
  file.write("new");
  try {
    file.complete();
    ADD_FAILURE() << "nothing was refused";
  } catch (const Failure& failure) {
    EXPECT_NE(failure.error().detail.find("Broken pipe"), std::string::npos) << failure.what();
  }
  EXPECT_TRUE(fs::is_fifo(path));
}

TEST_F(OutputFileTest, RefusesAFolder) {
  EXPECT_THROW(write(folder.path(), "new"), Failure);
  EXPECT_TRUE(fs::is_directory(folder.path()));
}

TEST_F(OutputFileTest, LeavesNothingBehindWhenASignalEndsTheProcess) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EXIT(
        {
          OutputFile file(path.string());
          file.write("new");
          if (fs::exists(partial)) ::raise(signal);
        },
        testing::KilledBySignal(signal), "");
    EXPECT_FALSE(fs::exists(partial)) << signal;
  }
}

TEST_F(OutputFileTest, HandlesSignalsAsBeforeOnceItIsGone) {
  const auto before = std::signal(SIGTERM, SIG_IGN);
  write(path, "new");
  EXPECT_EQ(std::signal(SIGTERM, before), SIG_IGN);
}

TEST_F(OutputFileTest, ACheckChangesNothing) {
  std::ofstream(path) << "old";
  OutputFile::check(path.string());
  EXPECT_EQ(content(path), "old");
  EXPECT_FALSE(fs::exists(partial));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  OutputFile::check(folder / "pipe");  // Does not wait for a reader.
  EXPECT_THROW(OutputFile::check(folder / "none/file"), Failure);
}

}  // namespace
}  // namespace mosaic::cli
