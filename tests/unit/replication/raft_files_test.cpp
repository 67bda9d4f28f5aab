// What inspect_log() notices of a log's files: a bit flipped anywhere in what was acknowledged, a
// file cut or gone. And what is no damage: a batch that a crash has torn.
#include "replication/raft_files.hpp"

#include <fstream>
#include <random>

#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "replication/log_identity.hpp"
#include "replication/raft_log.hpp"
#include "replication/term_file.hpp"
#include "support/temporary_folder.hpp"
#include "unit/replication/heard.hpp"

namespace mosaic::replication {
namespace {

namespace fs = std::filesystem;
using mosaic::test::TemporaryFolder;
using test::Heard;

constexpr std::size_t kEntries = 12;

RaftLogOptions in(const fs::path& folder) {
  RaftLogOptions options;
  options.folder = folder;
  return options;
}

void write_entries(const fs::path& folder, std::size_t count, std::size_t bytes = 3000) {
  Heard heard;
  RaftLog log(in(folder));
  log.listen(heard.listener());
  for (Ticket ticket = 1; ticket <= count; ++ticket)
    log.append(
        {{1}, EntryKind::kWrite, std::string(bytes, 'a' + static_cast<char>(ticket % 26)), ticket});
  heard.await(count);
}

/// As it is left by a kill: what is being written is still an open segment.
void copy_while_open(const fs::path& from, const fs::path& to, std::size_t count) {
  Heard heard;
  RaftLog log(in(from));
  log.listen(heard.listener());
  for (Ticket ticket = 1; ticket <= count; ++ticket) {
    log.append({{1}, EntryKind::kWrite, std::string(3000, 'b'), ticket});
    heard.await(ticket);
  }
  fs::copy(from, to, fs::copy_options::recursive);
}

std::size_t damages(const fs::path& folder) {
  return inspect_log(folder).damage.size();
}

void flip(const fs::path& file, std::size_t byte, int bit) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(byte));
  const char was = static_cast<char>(stream.get());
  stream.seekp(static_cast<std::streamoff>(byte));
  stream.put(static_cast<char>(was ^ (1 << bit)));
}

std::vector<fs::path> files_named(const fs::path& folder, std::string_view start) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with(start)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The open segment that holds something, and how many bytes of it do.
std::pair<fs::path, std::size_t> written_segment(const fs::path& folder) {
  for (const auto& file : files_named(folder, "open-")) {
    const auto bytes = *read_whole(file);
    const auto last = bytes.find_last_not_of('\0');
    if (last != std::string::npos) return {file, last + 1};
  }
  ADD_FAILURE() << "no segment is being written";
  return {};
}

struct RaftFiles : testing::Test {
  TemporaryFolder folder;
  fs::path log = folder / "log";
  std::mt19937_64 random{std::random_device()()};
};

TEST_F(RaftFiles, OfASoundLogAreSound) {
  write_entries(log, kEntries);
  const auto found = inspect_log(log);
  EXPECT_TRUE(found.damage.empty());
  EXPECT_EQ(found.records, kEntries);
  EXPECT_EQ(found.last, kEntries + 1);
}

TEST_F(RaftFiles, AreSoundAtEveryMomentOfALog) {
  copy_while_open(log, folder / "copy", 5);
  const auto found = inspect_log(folder / "copy");
  EXPECT_TRUE(found.damage.empty());
  EXPECT_EQ(found.records, 5U);
}

TEST_F(RaftFiles, OfAFreshFolderAreNone) {
  fs::create_directories(log);
  EXPECT_TRUE(inspect_log(log).fresh);
}

TEST_F(RaftFiles, EveryFlippedBitOfAClosedSegmentIsNoticed) {
  write_entries(log, 3, 100);
  for (const auto& segment : files_named(log, "0")) {
    const auto bytes = fs::file_size(segment);
    // Three bytes of each entry's header are unused, but its checksum is over them, too.
    for (std::size_t byte = 0; byte < bytes; ++byte) {
      const int bit = static_cast<int>(random() % 8);
      flip(segment, byte, bit);
      EXPECT_GE(damages(log), 1U) << segment << " byte " << byte;
      flip(segment, byte, bit);
    }
  }
}

TEST_F(RaftFiles, AFlippedBitInASegmentThatIsBeingWrittenIsNoticed) {
  copy_while_open(log, folder / "copy", 6);
  const auto [segment, used] = written_segment(folder / "copy");
  for (int i = 0; i < 20; ++i) {
    // Every second time where a batch begins, in its header.
    const auto byte = i % 2 == 0 ? random() % used : random() % 48;
    const int bit = static_cast<int>(random() % 8);
    flip(segment, byte, bit);
    EXPECT_GE(damages(folder / "copy"), 1U) << "byte " << byte << " bit " << bit;
    flip(segment, byte, bit);
  }
}

TEST_F(RaftFiles, ALogWithAFlippedBitDoesNotStartAndIsNotChanged) {
  copy_while_open(log, folder / "copy", 6);
  const auto [segment, used] = written_segment(folder / "copy");
  flip(segment, used / 2, 3);
  const auto before = *read_whole(segment);
  EXPECT_THROW(RaftLog{in(folder / "copy")}, Failure);
  EXPECT_EQ(*read_whole(segment), before);
  flip(segment, used / 2, 3);
  EXPECT_EQ(RaftLog(in(folder / "copy")).last_seq(), 6U);
}

TEST_F(RaftFiles, ABatchThatWasTornAtTheEndIsNoDamage) {
  copy_while_open(log, folder / "copy", 6);
  const auto [segment, used] = written_segment(folder / "copy");
  // The last batch begins in a sector that has been written before, and has lost the others.
  const auto from = (used - 3000 + 511) / 512 * 512;
  std::fstream stream(segment, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(from));
  stream << std::string(512, '\0');
  stream.close();
  EXPECT_EQ(damages(folder / "copy"), 0U);
  EXPECT_EQ(RaftLog(in(folder / "copy")).last_seq(), 5U);
}

TEST_F(RaftFiles, ASegmentThatLacksItsBeginningWasNeverAcknowledgedUnlessItWasApplied) {
  write_entries(log, 3, 100);
  fs::copy(log, folder / "copy", fs::copy_options::recursive);
  const auto segment = folder / "copy" / "open-1";
  write_durably(segment, std::string(512, '\0') + std::string(700, 'x') + std::string(4000, '\0'));
  EXPECT_EQ(damages(folder / "copy"), 0U);
  auto applied = in(folder / "copy");
  applied.applied = 4;
  EXPECT_THROW(RaftLog{applied}, Failure);
  EXPECT_TRUE(fs::exists(segment));
  EXPECT_EQ(RaftLog(in(folder / "copy")).last_seq(), 3U);
}

TEST_F(RaftFiles, ASegmentThatLacksItsBeginningAndWasFollowedByAnotherIsDamaged) {
  copy_while_open(log, folder / "copy", 3);
  const auto [segment, used] = written_segment(folder / "copy");
  fs::copy_file(segment, folder / "copy" / "open-9");
  std::fstream(segment, std::ios::in | std::ios::out | std::ios::binary) << std::string(512, '\0');
  EXPECT_GE(damages(folder / "copy"), 1U);
}

TEST_F(RaftFiles, AHoleInAWriteOfSeveralIsNoDamageUnlessTheyWereApplied) {
  copy_while_open(log, folder / "copy", 6);
  const auto [segment, used] = written_segment(folder / "copy");
  const auto from = (used - 6000 + 511) / 512 * 512;  // in the last but one
  std::fstream stream(segment, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(from));
  stream << std::string(512, '\0');
  stream.close();
  EXPECT_EQ(damages(folder / "copy"), 0U);
  auto applied = in(folder / "copy");
  applied.applied = 6;
  EXPECT_THROW(RaftLog{applied}, Failure);
  EXPECT_EQ(RaftLog(in(folder / "copy")).last_seq(), 4U);
}

TEST_F(RaftFiles, AMissingSegmentIsNoticed) {
  for (int round = 0; round < 3; ++round) write_entries(log, kEntries);
  const auto segments = files_named(log, "0");
  ASSERT_GE(segments.size(), 4U);
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    fs::rename(segments[i], folder / "away");
    EXPECT_GE(damages(log), 1U) << segments[i];
    EXPECT_THROW(RaftLog{in(log)}, Failure);
    fs::rename(folder / "away", segments[i]);
  }
}

TEST_F(RaftFiles, ACutSegmentIsNoticed) {
  write_entries(log, kEntries);
  for (const auto& segment : files_named(log, "0")) {
    const auto bytes = *read_whole(segment);
    for (int i = 0; i < 20; ++i) {
      fs::resize_file(segment, random() % bytes.size());
      EXPECT_GE(damages(log), 1U);
      write_durably(segment, bytes);
    }
  }
  EXPECT_EQ(damages(log), 0U);
}

TEST_F(RaftFiles, DamageToTheirTermsIsNoticed) {
  for (int round = 0; round < 3; ++round) write_entries(log, 1);
  for (const auto* name : {"metadata1", "metadata2", kTermFile, kIdentityFile}) {
    // Of one voter, libraft never changes the term, and has no second file.
    if (!fs::exists(log / name)) continue;
    const auto bytes = *read_whole(log / name);
    for (std::size_t byte = 0; byte < bytes.size(); ++byte) {
      flip(log / name, byte, static_cast<int>(random() % 8));
      const bool noticed = damages(log) > 0 || !read_identity(log);
      EXPECT_TRUE(noticed) << name << " byte " << byte;
      write_durably(log / name, bytes);
    }
    fs::remove(log / name);
    EXPECT_TRUE(damages(log) > 0 || !read_identity(log)) << name << " is gone";
    EXPECT_THROW(RaftLog{in(log)}, Failure) << name << " is gone";
    write_durably(log / name, bytes);
  }
  EXPECT_EQ(damages(log), 0U);
}

TEST_F(RaftFiles, DamageToASnapshotIsNoticed) {
  Heard heard;
  {
    auto options = in(log);
    options.retained_bytes = 10'000;
    RaftLog writing(std::move(options));
    writing.listen(heard.listener());
    for (Ticket ticket = 1; ticket <= 30; ++ticket) {
      writing.append({{1}, EntryKind::kWrite, std::string(3000, 'c'), ticket});
      heard.await(ticket);
      writing.truncate(ticket);
    }
  }
  const auto files = files_named(log, "snapshot-");
  ASSERT_GE(files.size(), 2U);
  EXPECT_EQ(damages(log), 0U);
  for (const auto& file : files) {
    const auto bytes = *read_whole(file);
    for (std::size_t byte = 0; byte < bytes.size(); ++byte) {
      flip(file, byte, static_cast<int>(random() % 8));
      EXPECT_GE(damages(log), 1U) << file << " byte " << byte;
      write_durably(file, bytes);
    }
  }
}

}  // namespace
}  // namespace mosaic::replication
