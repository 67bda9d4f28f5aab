// The same promises, kept by a folder and by a bucket.
#include <sys/stat.h>

#include "backup/file_store.hpp"
#include "backup/s3_store.hpp"
#include "support/s3_stub.hpp"
#include "unit/backup/backup_fixture.hpp"

namespace mosaic::backup {
namespace {

class Stores : public BackupFixture {
 protected:
  static void expect_promises(ObjectStore& store) {
    const std::string bytes("a\0b\n\xff", 5);
    ASSERT_TRUE(store.list("")) << store.list("").error().detail;
    EXPECT_TRUE(store.list("")->empty());
    const auto put = store.put("packs/one", bytes);
    ASSERT_TRUE(put.ok()) << put.error().detail;
    ASSERT_TRUE(store.put("packs/two.zst", "").ok());
    ASSERT_TRUE(store.put("packs-of-others/x", "x").ok());
    EXPECT_EQ(store.get("packs/one", 5).value(), bytes);
    EXPECT_EQ(store.get("packs/one", 4).error().code, ErrorCode::kCorruptData);
    EXPECT_EQ(store.get("packs/none", 4).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(store.exists("packs/one").value());
    EXPECT_FALSE(store.exists("packs/none").value());
    EXPECT_FALSE(store.exists("packs").value());
    const auto listed = store.list("packs/").value();
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_EQ(listed[0].key, "packs/one");
    EXPECT_EQ(listed[0].bytes, 5U);
    EXPECT_EQ(listed[1].key, "packs/two.zst");
    EXPECT_NEAR(static_cast<double>(listed[0].modified_ms),
                1e3 * static_cast<double>(time(nullptr)), 60e3);
    EXPECT_EQ(store.list("packs").value().size(), 3U);
    EXPECT_EQ(store.list("packs/t").value().size(), 1U);
    ASSERT_TRUE(store.put("packs/one", "other").ok());
    EXPECT_EQ(store.get("packs/one", 100).value(), "other");
    ASSERT_TRUE(store.remove("packs/one").ok());
    ASSERT_TRUE(store.remove("packs/one").ok());
    ASSERT_TRUE(store.remove("nowhere/at/all").ok());
    EXPECT_EQ(store.list("").value().size(), 2U);
    for (const std::string key :
         {"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", ".", "a/.", "a\\b", "a b", "\n"}) {
      EXPECT_EQ(store.put(key, "x").error().code, ErrorCode::kInvalidArgument) << key;
      EXPECT_EQ(store.get(key, 10).error().code, ErrorCode::kInvalidArgument) << key;
      EXPECT_EQ(store.remove(key).error().code, ErrorCode::kInvalidArgument) << key;
    }
    EXPECT_FALSE(store.put(std::string(kKeyBytesMax + 1, 'k'), "x").ok());
  }

  void expect_backups(ObjectStore& store) {
    Files files{{"a.db", random_bytes(2'200 * kPage)}, {"b.db", random_bytes(100)}};
    std::vector<std::pair<std::string, Files>> made;
    for (int i = 0; i < 3; ++i) {
      const auto info = back_up(store, request(files));
      ASSERT_TRUE(info) << info.error().detail;
      made.emplace_back(info->id, files);
      change_pages(files["a.db"], 20);
    }
    const auto report = prune(store, "docs", 2, 1'000 * std::int64_t{time(nullptr)});
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_FALSE(report->deferred);
    EXPECT_GE(report->objects, 1U);
    for (const auto& [id, content] : made) {
      const auto restored = restore(store, "docs", id, folder_ / "r");
      ASSERT_EQ(restored.ok(), id != made[0].first);
      if (!restored) continue;
      for (const auto& [name, bytes] : content)
        EXPECT_TRUE(read_all(folder_ / "r" / name) == bytes) << name;
      std::filesystem::remove_all(folder_ / "r");
    }
  }

  static net::S3Target target_of(const test::S3Stub& stub) {
    return {.endpoint = stub.endpoint(),
            .bucket = test::kStubBucket,
            .region = test::kStubRegion,
            .credentials = {test::kStubAccessKey, test::kStubSecretKey},
            .stall_timeout_s = 1};
  }

  static net::S3Surroundings no_pauses() {
    auto real = net::S3Surroundings::real();
    real.pause = [](auto, const auto&) {};
    return real;
  }
};

TEST_F(Stores, AFolderKeepsItsPromises) {
  FileStore store(folder_ / "new" / "store");
  expect_promises(store);
  EXPECT_EQ(store.put("tmp/x", "x").error().code, ErrorCode::kInvalidArgument);
}

TEST_F(Stores, AFolderTakesBackups) {
  FileStore store(folder_ / "store");
  expect_backups(store);
}

TEST_F(Stores, AFolderIsCleanedOfWhatDeadWritersLeft) {
  FileStore store(folder_ / "store");
  ASSERT_TRUE(store.put("a", "x").ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "store" / "tmp"));
  std::ofstream(folder_ / "store" / "tmp" / "old") << "x";
  std::ofstream(folder_ / "store" / "tmp" / "young") << "x";
  const timespec times[2] = {{time(nullptr) - 90'000, 0}, {time(nullptr) - 90'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (folder_ / "store" / "tmp" / "old").c_str(), times, 0), 0);
  EXPECT_EQ(store.list("").value().size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "store" / "tmp" / "old"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "store" / "tmp" / "young"));
}

TEST_F(Stores, AFolderThatCannotBeWrittenIsUnavailable) {
  std::ofstream(folder_ / "file") << "x";
  FileStore store(folder_ / "file");
  const auto put = store.put("a", "x");
  EXPECT_EQ(put.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(put.error().detail.find("cannot be made"), std::string::npos);
  EXPECT_EQ(back_up(store, request({{"a.db", "x"}})).error().code, ErrorCode::kUnavailable);
}

TEST_F(Stores, ABucketKeepsItsPromises) {
  const test::S3Stub stub({"--page-size", "2"});
  S3Store store(target_of(stub), "some/prefix", no_pauses());
  expect_promises(store);
  EXPECT_EQ(store.address("packs/x"), "s3://stub-bucket/some/prefix/packs/x");
  S3Store whole(target_of(stub), "", no_pauses());
  ASSERT_TRUE(whole.put("x", "1").ok());
  EXPECT_EQ(whole.list("some/prefix/packs").value().size(), 2U);
  EXPECT_EQ(store.list("").value().size(), 2U);
}

TEST_F(Stores, ABucketTakesBackups) {
  const test::S3Stub stub({"--page-size", "3", "--part-min", "100"});
  auto target = target_of(stub);
  target.part_bytes = 1 << 20;
  S3Store store(target, "prefix", no_pauses());
  expect_backups(store);
}

TEST_F(Stores, ABucketThatFailsNowAndThenTakesBackups) {
  test::S3Stub stub({"--page-size", "3", "--part-min", "100"});
  auto target = target_of(stub);
  target.part_bytes = 3 << 20;
  S3Store store(target, "prefix", no_pauses());
  stub.set_faults(R"([{"kind": "slow_down", "after": 3, "count": 2},
                      {"kind": "cut_after", "method": "PUT", "after": 2, "count": 1},
                      {"kind": "internal", "method": "POST", "after": 1, "count": 3},
                      {"kind": "cut_body", "method": "GET", "after": 4, "count": 2},
                      {"kind": "flip", "method": "GET", "match": "/packs/", "count": 1},
                      {"kind": "truncate", "method": "GET", "match": "/maps/", "count": 1},
                      {"kind": "flip", "method": "GET", "match": "/backups/", "count": 1},
                      {"kind": "cut", "after": 30, "count": 3}])");
  expect_backups(store);
}

TEST_F(Stores, ABucketThatDamagesIsNotBelieved) {
  test::S3Stub stub;
  S3Store store(target_of(stub), "prefix", no_pauses());
  ASSERT_TRUE(back_up(store, request({{"a.db", random_bytes(20 * kPage)}})));
  for (const std::string kind : {"flip", "truncate"}) {
    stub.set_faults(R"([{"method": "GET", "match": "/packs/", "count": 100, "kind": ")" + kind +
                    "\"}]");
    const auto restored = restore(store, "docs", {}, folder_ / "r");
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code, ErrorCode::kCorruptData);
    EXPECT_NE(restored.error().detail.find("s3://stub-bucket/prefix/packs/"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "r"));
  }
}

TEST_F(Stores, ABucketThatIsGoneFailsTheBackup) {
  test::S3Stub stub;
  S3Store store(target_of(stub), "prefix", no_pauses());
  stub.set_faults(R"([{"kind": "slow_down", "method": "PUT", "after": 1, "count": 1000}])");
  const auto info = back_up(store, request({{"a.db", random_bytes(20 * kPage)}}));
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(info.error().detail.find("SlowDown"), std::string::npos);
  stub.set_faults("[]");
  EXPECT_TRUE(list_backups(store)->empty());
}

}  // namespace
}  // namespace mosaic::backup
