// The parts of the format by themselves: what is written is read back, and nothing else is.
#include "backup/compression.hpp"
#include "backup/manifest.hpp"
#include "backup/page_table.hpp"
#include "base/failure.hpp"
#include "unit/backup/backup_fixture.hpp"

namespace mosaic::backup {
namespace {

class Format : public BackupFixture {
 protected:
  PieceRef put_piece(const std::vector<MapEntry>& entries, const std::vector<PackRef>& packs) {
    const auto bytes = encode_piece(entries, packs);
    return {put_content(store_, ContentKind::kMap, 7, bytes),
            static_cast<std::uint32_t>(entries.size()), bytes.size()};
  }

  static PackRef pack(std::uint64_t tag, std::uint32_t pages) { return {{{}, tag}, pages, 100}; }
};

TEST_F(Format, FramesAreExact) {
  for (const std::size_t size : {0, 1, 4'096, 1'000'000}) {
    const auto bytes = random_bytes(size);
    const auto frame = compress(bytes);
    EXPECT_EQ(decompress(frame, size), bytes);
    if (size > 0) {
      EXPECT_FALSE(decompress(frame, size - 1));
    }
    EXPECT_FALSE(decompress(frame + frame, 2 * size + 10));
    EXPECT_FALSE(decompress(frame.substr(0, frame.size() - 1), size));
  }
  EXPECT_FALSE(decompress("", 10));
  EXPECT_FALSE(decompress("no frame at all", 100));
}

TEST_F(Format, PiecesOfAMapComeBack) {
  std::vector<PackRef> packs;
  for (std::uint32_t i = 0; i < 50; ++i) packs.push_back(pack(i, 1 + i));
  std::vector<MapEntry> entries;
  std::uint32_t page = 0;
  for (std::size_t i = 0; i < kPieceEntriesMax; ++i) {
    const auto in = static_cast<std::uint32_t>(10 + below(40));
    entries.push_back({page, {random_(), random_()}, {in, static_cast<std::uint32_t>(below(in))}});
    page += 1 + static_cast<std::uint32_t>(below(20'000));
  }
  const auto ref = put_piece(entries, packs);
  const auto piece = read_piece(store_, ref);
  EXPECT_EQ(piece.packs.size(), 40U);
  ASSERT_EQ(piece.entries.size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(piece.entries[i].page, entries[i].page);
    EXPECT_EQ(piece.entries[i].hash, entries[i].hash);
    EXPECT_EQ(piece.entries[i].place.slot, entries[i].place.slot);
    EXPECT_EQ(piece.packs[piece.entries[i].place.pack].name, packs[entries[i].place.pack].name);
  }
}

TEST_F(Format, AMapOfPagesInOrderIsItsHashes) {
  std::vector<PackRef> packs{pack(0, 2'048), pack(1, 2'048)};
  std::vector<MapEntry> entries;
  for (std::uint32_t i = 0; i < 4'096; ++i)
    entries.push_back({i, {random_(), random_()}, {i / 2'048, i % 2'048}});
  EXPECT_LE(encode_piece(entries, packs).size(), 4'096U * 16 + 600);
}

TEST_F(Format, PiecesThatCannotBeAreRefused) {
  const auto code = [&](const std::vector<MapEntry>& entries, const std::vector<PackRef>& packs,
                        std::uint32_t more = 0) {
    auto ref = put_piece(entries, packs);
    ref.entries += more;
    try {
      static_cast<void>(read_piece(store_, ref));
      return ErrorCode::kInternal;
    } catch (const Failure& failure) {
      return failure.error().code;
    }
  };
  const std::vector<PackRef> packs{pack(0, 4)};
  EXPECT_EQ(code({{0, {}, {0, 3}}}, packs), ErrorCode::kInternal);
  EXPECT_EQ(code({{0, {}, {0, 3}}}, packs, 1), ErrorCode::kCorruptData);
  EXPECT_EQ(code({{0, {}, {0, 4}}}, packs), ErrorCode::kCorruptData);
  EXPECT_EQ(code({{5, {}, {0, 0}}, {5, {}, {0, 1}}}, packs), ErrorCode::kCorruptData);
  EXPECT_EQ(code({{5, {}, {0, 0}}, {4, {}, {0, 1}}}, packs), ErrorCode::kCorruptData);
  EXPECT_EQ(code({{1U << 31, {}, {0, 0}}}, packs), ErrorCode::kCorruptData);
  EXPECT_EQ(code({{0, {}, {0, 0}}}, {pack(0, kPackPagesMax + 1)}), ErrorCode::kCorruptData);
}

TEST_F(Format, NamesOfContentAreKeysAndBack) {
  const auto name = put_content(store_, ContentKind::kPack, 0xabc, "bytes");
  const auto key = key_of(ContentKind::kPack, name);
  EXPECT_EQ(key, "packs/" + sha256("bytes") + "-0000000000000abc.zst");
  EXPECT_EQ(name_in_key(ContentKind::kPack, key), name);
  EXPECT_FALSE(name_in_key(ContentKind::kMap, key));
  EXPECT_FALSE(name_in_key(ContentKind::kPack, key.substr(0, key.size() - 4)));
  EXPECT_FALSE(name_in_key(ContentKind::kPack, "packs/readme.zst"));
  EXPECT_FALSE(name_in_key(ContentKind::kPack, ""));
}

TEST_F(Format, IdsSortByTime) {
  EXPECT_EQ(make_id(1'369'353'600'007, 42), "20130524T000000007Z-42");
  EXPECT_EQ(make_id(0, 0), "19700101T000000000Z-0");
  EXPECT_LT(make_id(999, 1), make_id(1'000, 1));
}

TEST_F(Format, KeysOfManifestsNameTheirBackup) {
  const auto name = backup_in_key(manifest_key("my_docs", "2013-7"));
  ASSERT_TRUE(name);
  EXPECT_EQ(name->collection, "my_docs");
  EXPECT_EQ(name->id, "2013-7");
  for (const std::string key : {"backups/x.json", "backups/a/b/c.json", "backups/a/b.txt",
                                "backups/../b.json", "packs/a/b.json", "backups//b.json"}) {
    EXPECT_FALSE(backup_in_key(key)) << key;
  }
}

TEST_F(Format, ANewerManifestIsRefusedByItsVersion) {
  auto text = encode_manifest({});
  const auto body = text.substr(0, text.find(R"(,"sha256")"));
  auto newer = body;
  newer.replace(newer.find(R"("version":1)"), 11, R"("version":2)");
  store_.objects[manifest_key("docs", "1")].bytes =
      newer + R"(,"sha256":")" + sha256(newer) + "\"}\n";
  try {
    static_cast<void>(read_manifest(store_, {"docs", "1"}));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, ErrorCode::kCorruptData);
    EXPECT_NE(failure.error().detail.find("version 2"), std::string::npos)
        << failure.error().detail;
  }
}

TEST_F(Format, ThePageTableKnowsWhatWasPutInto) {
  PageTable table;
  std::vector<PageHash> hashes;
  EXPECT_FALSE(table.find({1, 2}));
  for (std::uint32_t i = 0; i < 50'000; ++i) {
    hashes.push_back({random_(), random_()});
    table.insert(hashes.back(), {i, i / 2});
    table.insert(hashes.back(), {9, 9});
  }
  for (std::uint32_t i = 0; i < hashes.size(); ++i) {
    EXPECT_EQ(table.find(hashes[i]), (PagePlace{i, i / 2}));
    EXPECT_FALSE(table.find({hashes[i][0], hashes[i][1] + 1}));
  }
}

}  // namespace
}  // namespace mosaic::backup
