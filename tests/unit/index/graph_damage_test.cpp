// Index files that are damaged, foreign, hostile, or cut short while they are mapped: always
// noticed, never a crash.
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <functional>
#include <limits>

#include "support/temporary_folder.hpp"
#include "unit/index/graph_sample.hpp"

namespace mosaic::index {
namespace {

using namespace test;
using mosaic::test::TemporaryFolder;

/// A small file, and what it is.
struct SmallFile {
  explicit SmallFile(const GraphShape& shape = {})
      : run(seed()), random(run), sample(random_graph(random, shape)) {
    write_graph_file(path, sample.contents);
    bytes = bytes_of(path);
  }

  bool is_sound() const { return test::is_sound(path, expected); }

  /// Opening a file of `other` bytes fails, and says `why`.
  void expect_refused(const std::string& other, std::string_view why) const {
    put_bytes(path, other);
    const auto file = GraphFile::open(path, expected);
    ASSERT_FALSE(file.ok()) << "not refused: " << why;
    EXPECT_EQ(file.error().code, ErrorCode::kCorruptData);
    EXPECT_NE(file.error().detail.find(why), std::string::npos) << file.error().detail;
  }

  std::uint64_t run;
  Random random;
  TemporaryFolder folder;
  std::filesystem::path path = folder / "graph";
  GraphSample sample;
  GraphFile::Expected expected = expected_of(sample.contents);
  std::string bytes;
};

void expect_noticed_in_every_byte(const GraphShape& shape) {
  const SmallFile file(shape);
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(file.run));
  ASSERT_TRUE(file.is_sound());
  std::fstream out(file.path, std::ios::binary | std::ios::in | std::ios::out);
  const auto put = [&](std::size_t at, char byte) {
    out.seekp(static_cast<std::streamoff>(at)).put(byte).flush();
  };
  for (std::size_t at = 0; at < file.bytes.size(); ++at) {
    for (const int flipped : {1 << at % 8, 0xff}) {
      put(at, static_cast<char>(file.bytes[at] ^ flipped));
      EXPECT_FALSE(file.is_sound()) << "byte " << at << ", flipped by " << flipped;
    }
    put(at, file.bytes[at]);
  }
  EXPECT_TRUE(file.is_sound());
}

TEST(GraphDamage, IsNoticedInEveryByte) {
  expect_noticed_in_every_byte({});
}

TEST(GraphDamage, IsNoticedInEveryByteOfAFileWithACenter) {
  expect_noticed_in_every_byte({.metric = Metric::kL1});
}

TEST(GraphDamage, IsNoticedWhereverTheFileIsCut) {
  const SmallFile file;
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(file.run));
  for (auto length = file.bytes.size(); length-- > 0;) {
    std::filesystem::resize_file(file.path, length);
    const auto opened = GraphFile::open(file.path, file.expected);
    ASSERT_FALSE(opened.ok()) << length;
    ASSERT_EQ(opened.error().code, ErrorCode::kCorruptData);
  }
  file.expect_refused(file.bytes + '\0', fmt::format("it has {} bytes", file.bytes.size() + 1));
}

TEST(GraphDamage, OfAMissingFileIsNotFound) {
  const TemporaryFolder folder;
  const auto file = GraphFile::open(folder / "graph", {});
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, ErrorCode::kNotFound);
}

TEST(GraphDamage, IsNoneToHaveAnotherFormat) {
  const SmallFile file;
  for (const auto version : {0U, 1U, kGraphFormatVersion + 1}) {
    auto bytes = file.bytes;
    std::memcpy(&bytes[offsetof(GraphHeader, version)], &version, sizeof version);
    put_bytes(file.path, bytes);
    const auto opened = GraphFile::open(file.path, file.expected);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, ErrorCode::kNotFound);
    EXPECT_NE(opened.error().detail.find(fmt::format("format version is {}", version)),
              std::string::npos)
        << opened.error().detail;
  }
}

TEST(GraphDamage, IsToHaveTheFileOfAnotherShardOrOfAnotherTime) {
  const SmallFile file;
  const auto with = [&](auto change) {
    auto expected = file.expected;
    change(expected);
    const auto opened = GraphFile::open(file.path, expected);
    return opened.ok() ? "opened" : opened.error().detail;
  };
  using Expected = GraphFile::Expected;
  EXPECT_NE(with([](Expected& e) { ++e.shard.value; }).find("it is of collection"),
            std::string::npos);
  EXPECT_NE(with([](Expected& e) { ++e.collection.value; }).find("it is of collection"),
            std::string::npos);
  EXPECT_NE(with([](Expected& e) { --e.last_seq; }).find("ahead of its shard"), std::string::npos);
  EXPECT_NE(with([](Expected& e) { e.metric = Metric::kL1; }).find("its metric"),
            std::string::npos);
  EXPECT_NE(with([](Expected& e) { ++e.dimension; }).find("its dimension"), std::string::npos);
  EXPECT_EQ(with([](Expected& e) { ++e.last_seq; }), "opened");
}

TEST(GraphDamage, InTheHeaderIsRefusedEvenWithARightChecksum) {
  const SmallFile file;
  const auto refuses = [&](std::string_view why, const std::function<void(GraphHeader&)>& change) {
    auto header = header_in(file.bytes);
    change(header);
    file.expect_refused(signed_again(file.bytes, header), why);
  };
  constexpr auto kHuge = std::numeric_limits<std::uint32_t>::max();
  refuses("not an index file", [](auto& h) { h.magic[0] = 'm'; });
  for (const auto quantization : {4U, kHuge}) {
    refuses("no quantization", [&](auto& h) { h.quantization = quantization; });
  }
  for (const float step : {0.0F, -1.0F, std::numeric_limits<float>::quiet_NaN()}) {
    refuses("a step of", [&](auto& h) { h.step = step; });
  }
  refuses("a step of", [](auto& h) { h.step = std::numeric_limits<float>::infinity(); });
  refuses("center has", [](auto& h) { h.center_numbers = 1; });
  refuses("center has", [](auto& h) { h.center_numbers = kHuge; });
  refuses("in the place of 1", [](auto& h) { h.quantization_wanted = 1; });
  refuses("in the place of 4", [](auto& h) { h.quantization_wanted = 4; });
  for (const auto m : {0U, 129U, kHuge}) refuses("m is", [&](auto& h) { h.m = m; });
  for (const auto nodes : {0U, kHuge}) refuses("nodes", [&](auto& h) { h.nodes = nodes; });
  refuses("not where they belong", [&](auto& h) { h.nodes = kHuge - 1; });
  refuses("not where they belong", [&](auto& h) { ++h.nodes; });
  refuses("not where they belong", [&](auto& h) { h.m = 128; });
  refuses("not where they belong", [&](auto& h) { std::swap(h.sections[1], h.sections[6]); });
  refuses("not where they belong", [&](auto& h) { h.sections[8].offset = ~std::uint64_t{0}; });
  refuses("not where they belong", [&](auto& h) { h.section_count = kHuge; });
  for (const auto bytes : {kMappedBytesMax, ~std::uint64_t{0}}) {
    refuses("too large", [&](auto& h) { h.sections[9].bytes = bytes; });
  }
  refuses("bytes, not", [&](auto& h) { ++h.sections[9].bytes; });
  refuses("bytes, not", [&](auto& h) { ++h.file_bytes; });
  for (const auto levels : {65U, kHuge}) refuses("levels", [&](auto& h) { h.levels = levels; });
  for (const auto nodes : {0U, 6U})
    refuses("level 1 has", [&](auto& h) { h.level_nodes[0] = nodes; });
  refuses("its entry", [](auto& h) { h.entry = h.level_nodes[h.levels - 1]; });
  refuses("the last may be", [](auto& h) { h.last_row = 0; });
}

TEST(GraphDamage, InRowsAndLevelsIsRefusedEvenWithARightChecksum) {
  const SmallFile file({.metric = Metric::kL2, .nodes = 40, .m = 4});
  const auto layout = *layout_of(header_in(file.bytes));
  const auto refuses = [&](std::string_view why, std::uint64_t at, auto value) {
    auto bytes = file.bytes;
    std::memcpy(&bytes[at], &value, sizeof value);
    file.expect_refused(signed_again(bytes, header_in(bytes)), why);
  };
  refuses("center is not finite", layout[Section::kCenter].offset + 4,
          std::numeric_limits<float>::quiet_NaN());
  refuses("center is not finite", layout[Section::kCenter].offset + 8,
          -std::numeric_limits<float>::infinity());
  const auto rows = layout[Section::kRows].offset;
  const auto& rows_before = file.sample.contents.sources;
  refuses("rows do not rise", rows + 8, rows_before[0].row);
  refuses("rows do not rise", rows + 8, std::numeric_limits<Row>::min());
  refuses("its rows are -1", rows, Row{-1});
  refuses("the last may be", rows + 39 * 8, std::numeric_limits<Row>::max());
  refuses("a live bit belongs to no node", layout[Section::kLive].offset, ~std::uint64_t{0});
  const auto& [first, second] = std::tie(layout.levels[0], layout.levels[1]);
  const auto sizes = header_in(file.bytes).level_nodes;
  refuses("a link of level 1 leads nowhere", first.links, Node{sizes[0]});
  refuses("a link of level 2 leads nowhere", second.links, Node{sizes[1]});
  refuses("none of the level below", first.below, Node{40});
  refuses("none of the level below", second.below, Node{sizes[0]});
  refuses("none of the level below", second.below, kNoNode);
  refuses("is another one below", first.below, file.sample.contents.levels[0].below[1]);
  refuses("do not rise or are none", first.nodes + 4 * (sizes[0] - 1), Node{40});
  refuses("do not rise or are none", second.nodes, kNoNode);
}

TEST(GraphDamage, InOffsetsOfIdsIsNoticedWhenTheyAreUsed) {
  const SmallFile file;
  const auto offsets =
      header_in(file.bytes).sections[static_cast<std::size_t>(Section::kIdOffsets)];
  for (const auto hostile : {~std::uint64_t{0}, std::uint64_t{1} << 63, file.bytes.size()}) {
    auto bytes = file.bytes;
    for (std::uint64_t at = offsets.offset + 8; at < offsets.end(); at += 16) {
      std::memcpy(&bytes[at], &hostile, sizeof hostile);
    }
    put_bytes(file.path, bytes);
    const auto opened = GraphFile::open(file.path, file.expected);
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    for (Node node = 0; node < (*opened)->nodes(); ++node) {
      (*opened)->prefetch_stored(node);
      EXPECT_FALSE((*opened)->stored(node));
    }
  }
}

TEST(GraphDamage, InOneBlockOfLinksOrCodesIsNoticedThereAlone) {
  const SmallFile file({Metric::kL2, Quantization::kNone, 64, 1'000, 16, 1});
  for (const auto section : {Section::kLinks, Section::kCodes}) {
    auto bytes = file.bytes;
    const auto entry = header_in(bytes).sections[static_cast<std::size_t>(section)];
    ASSERT_GT(entry.bytes, kVerifiedBlock + 1);
    bytes[entry.offset + kVerifiedBlock] ^= 4;
    put_bytes(file.path, bytes);
    const auto opened = GraphFile::open(file.path, file.expected);
    ASSERT_TRUE(opened.ok());
    const auto& damaged = section == Section::kLinks ? (*opened)->links() : (*opened)->codes();
    for (int again = 0; again < 2; ++again) {
      EXPECT_TRUE(damaged.verify(0, kVerifiedBlock));
      EXPECT_FALSE(damaged.verify(kVerifiedBlock, kVerifiedBlock + 1));
      EXPECT_FALSE(damaged.verify(kVerifiedBlock - 1, kVerifiedBlock + 1));
    }
    EXPECT_TRUE(damaged.is_block(0, {damaged.data(), kVerifiedBlock}));
    EXPECT_FALSE(damaged.is_block(1, {damaged.data(), kVerifiedBlock}));
  }
}

TEST(GraphDamage, InAFileThatIsMappedIsNoticed) {
  const SmallFile file;
  const auto opened = GraphFile::open(file.path, file.expected);
  ASSERT_TRUE(opened.ok());
  ASSERT_TRUE(reads_whole(**opened));
  const auto at =
      header_in(file.bytes).sections[static_cast<std::size_t>(Section::kVectors)].offset;
  std::fstream out(file.path, std::ios::binary | std::ios::in | std::ios::out);
  const auto byte = at + sizeof(RecordHead);
  out.seekp(static_cast<std::streamoff>(byte)).put(static_cast<char>(~file.bytes[byte])).flush();
  EXPECT_FALSE((*opened)->stored(0));
  EXPECT_TRUE((*opened)->stored(1));
}

TEST(GraphDamage, ByCuttingAFileThatIsMappedDoesNotEndTheProcess) {
  const SmallFile file({.dimension = 100, .nodes = 500});
  const auto other = GraphFile::open(file.path, file.expected);
  ASSERT_TRUE(other.ok());
  for (const std::size_t left :
       {std::size_t{0}, file.bytes.size() / 2, file.bytes.size() - 5'000}) {
    put_bytes(file.path, file.bytes);
    const auto opened = GraphFile::open(file.path, file.expected);
    ASSERT_TRUE(opened.ok());
    EXPECT_TRUE((*opened)->stored(0));
    std::filesystem::resize_file(file.path, left);
    EXPECT_FALSE((*opened)->stored(499));
    EXPECT_FALSE((*opened)->intact());
    EXPECT_FALSE((*opened)->stored(0)) << "what is left of it is not used either";
    EXPECT_FALSE((*opened)->codes().verify(0, (*opened)->codes().size()));
    for (const auto& level : (*opened)->levels()) EXPECT_LT(level.nodes.back(), 500U);
  }
}

}  // namespace
}  // namespace mosaic::index
