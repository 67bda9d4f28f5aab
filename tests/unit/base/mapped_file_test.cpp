// Files mapped for reading, and what happens when a part of one is not there.
#include "base/mapped_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>
#include <vector>

#include "support/temporary_folder.hpp"

namespace mosaic {
namespace {

using mosaic::test::TemporaryFolder;

constexpr std::size_t kBytes = 100'000;

std::filesystem::path file_of(const TemporaryFolder& folder, std::string_view name, char byte) {
  std::ofstream(folder / name, std::ios::binary) << std::string(kBytes, byte);
  return folder / name;
}

std::unique_ptr<const MappedFile> mapped(const std::filesystem::path& path) {
  auto file = MappedFile::open(path);
  return file.ok() ? std::move(file).value() : nullptr;
}

bool all_are(const MappedFile& file, char byte) {
  const auto bytes = file.bytes();
  return std::count(bytes.begin(), bytes.end(), static_cast<std::byte>(byte)) ==
         static_cast<std::ptrdiff_t>(bytes.size());
}

/// Reads a page of a mapping that MappedFile knows nothing of, and that the file does not have.
void read_missing_page(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY);
  void* const page = ::mmap(nullptr, 8'192, PROT_READ, MAP_SHARED, file, 0);
  std::filesystem::resize_file(path, 0);
  volatile char byte = *static_cast<volatile char*>(page);
  static_cast<void>(byte);
}

TEST(MappedFile, HoldsTheBytesOfTheFile) {
  const TemporaryFolder folder;
  const auto file = mapped(file_of(folder, "a", 'a'));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->bytes().size(), kBytes);
  EXPECT_TRUE(all_are(*file, 'a'));
  file->expect_jumps(1, kBytes);
  file->release(0, kBytes);
  file->release(7, 9);
  EXPECT_TRUE(all_are(*file, 'a'));
  EXPECT_TRUE(file->intact());
}

TEST(MappedFile, SaysWhyThereIsNone) {
  const TemporaryFolder folder;
  std::ofstream(folder / "empty").flush();
  const auto code = [](const std::filesystem::path& path) {
    return MappedFile::open(path).error().code;
  };
  EXPECT_EQ(code(folder / "missing"), ErrorCode::kNotFound);
  EXPECT_EQ(code(folder / "empty"), ErrorCode::kCorruptData);
  EXPECT_EQ(code(folder.path()), ErrorCode::kCorruptData);
  EXPECT_EQ(code("/dev/zero"), ErrorCode::kCorruptData);
  EXPECT_EQ(code(folder / "empty" / "file"), ErrorCode::kUnavailable);
}

TEST(MappedFile, ReadsAsZerosOnceAPartIsMissingWhileOthersGoOn) {
  const TemporaryFolder folder;
  const auto cut = mapped(file_of(folder, "cut", 'c'));
  const auto other = mapped(file_of(folder, "other", 'o'));
  std::filesystem::resize_file(folder / "cut", 10'000);
  EXPECT_EQ(cut->bytes()[0], std::byte{'c'});
  EXPECT_TRUE(cut->intact());
  EXPECT_EQ(cut->bytes()[50'000], std::byte{0});
  EXPECT_FALSE(cut->intact());
  EXPECT_TRUE(all_are(*cut, '\0'));
  EXPECT_TRUE(other->intact());
  EXPECT_TRUE(all_are(*other, 'o'));
}

TEST(MappedFile, IsIntactInThePlaceOfOneThatWasNot) {
  const TemporaryFolder folder;
  auto file = mapped(file_of(folder, "a", 'a'));
  std::filesystem::resize_file(folder / "a", 0);
  EXPECT_TRUE(all_are(*file, '\0'));
  file.reset();
  file = mapped(file_of(folder, "a", 'b'));
  EXPECT_TRUE(file->intact());
  EXPECT_TRUE(all_are(*file, 'b'));
}

TEST(MappedFile, SurvivesManyThreadsThatMeetTheSameGap) {
  const TemporaryFolder folder;
  const auto path = file_of(folder, "a", 'a');
  for (int round = 0; round < 50; ++round) {
    const auto file = mapped(file_of(folder, "a", 'a'));
    ASSERT_TRUE(file);
    std::filesystem::resize_file(path, 0);
    std::vector<std::thread> readers;
    for (int i = 0; i < 4; ++i) {
      readers.emplace_back([&] { EXPECT_TRUE(all_are(*file, '\0')); });
    }
    for (auto& reader : readers) reader.join();
    EXPECT_FALSE(file->intact());
  }
}

TEST(MappedFile, RefusesMoreFilesThanItCanGuard) {
  const TemporaryFolder folder;
  const auto path = file_of(folder, "a", 'a');
  std::vector<std::unique_ptr<const MappedFile>> files;
  while (files.size() < kMappedFilesMax) {
    auto file = mapped(path);
    ASSERT_TRUE(file);
    files.push_back(std::move(file));
  }
  EXPECT_EQ(MappedFile::open(path).error().code, ErrorCode::kUnavailable);
  files.pop_back();
  EXPECT_TRUE(mapped(path));
}

// These two start a process anew: the handler of before must be there before the first file.
class BusErrorElsewhere : public testing::Test {
 protected:
  BusErrorElsewhere() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
  TemporaryFolder folder;
  std::filesystem::path guarded = file_of(folder, "guarded", 'g');
  std::filesystem::path foreign = file_of(folder, "foreign", 'f');
};

TEST_F(BusErrorElsewhere, EndsTheProcessAsBefore) {
  const auto in_child = [&] {
    ::signal(SIGBUS, SIG_DFL);
    const auto file = mapped(guarded);
    read_missing_page(foreign);
  };
  EXPECT_EXIT(in_child(), testing::KilledBySignal(SIGBUS), "");
}

TEST_F(BusErrorElsewhere, GoesToTheHandlerOfBefore) {
  const auto in_child = [&] {
    struct sigaction action {};
    action.sa_sigaction = [](int, siginfo_t*, void*) { ::_exit(42); };
    action.sa_flags = SA_SIGINFO;
    ::sigaction(SIGBUS, &action, nullptr);
    const auto file = mapped(guarded);
    std::filesystem::resize_file(guarded, 0);
    if (!all_are(*file, '\0')) ::_exit(1);
    read_missing_page(foreign);
  };
  EXPECT_EXIT(in_child(), testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace mosaic
