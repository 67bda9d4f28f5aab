// Backups and restores on a whole node in virtual time, to a folder.
#include <fstream>

#include "actors/backup_requests.hpp"
#include "jobs_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kHourMs = 3'600'000;

struct BackupTest : JobsFixture {
  std::string target() const { return "file://" + (folder.path() / "target").string(); }

  template <class Request>
  Result<Job> wait_for(const Answer<Job>& asked, const Request&) {
    for (int i = 0; i < 20'000 && !asked->answered(); ++i) pass(1ms);
    EXPECT_TRUE(asked->answered());
    return asked->answered() ? *asked->result : Error{ErrorCode::kInternal, "no answer"};
  }

  Result<Job> back_up(const std::string& snapshot = "") {
    const BackupRequest request{"docs", target(), snapshot};
    return wait_for(begin<Job>(jobs, backup_atom_v, request), request);
  }

  Result<Job> restore(const std::string& as, bool replace = false) {
    const RestoreRequest request{target(), "docs", as, "", replace};
    return wait_for(begin<Job>(jobs, restore_atom_v, request), request);
  }

  std::vector<Backup> backups() {
    const auto listed = ask<backups_reply>(jobs, list_atom_v, BackupListRequest{target(), "docs"});
    EXPECT_TRUE(listed) << listed.error().detail;
    return listed ? listed->backups : std::vector<Backup>{};
  }

  /// id -> the seq it was written at
  std::map<std::string, Seq> documents(const std::string& name) {
    ListRequest request;
    request.collection = name;
    request.limit = 1'000;
    const auto page = ask<ListReply>(reader, list_atom_v, request);
    EXPECT_TRUE(page) << page.error().detail;
    std::map<std::string, Seq> found;
    if (!page) return found;
    for (const auto& stored : page->documents) found[stored.document.id] = stored.seq;
    return found;
  }

  std::set<std::string> ids(const std::string& name) {
    std::set<std::string> found;
    for (const auto& [id, seq] : documents(name)) found.insert(id);
    return found;
  }

  bool clean() const {
    std::error_code missing;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder.path() / "incoming", missing)) {
      ADD_FAILURE() << entry.path();
      return false;
    }
    return true;
  }
};

TEST_F(BackupTest, ACollectionComesBackUnderAnotherName) {
  make_collection(3);
  upsert({"a", "b", "c", "d"});
  upsert({"a", "e"});
  const auto before = ids("docs");
  const auto made = back_up();
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_NE(made->result.find(R"("documents":5)"), std::string::npos) << made->result;
  upsert({"later"});
  const auto restored = restore("again");
  ASSERT_TRUE(restored) << restored.error().detail;
  EXPECT_EQ(ids("again"), before);
  const auto& record = *catalog->find("again");
  for (const auto& [id, seq] : documents("again")) EXPECT_LT(seq, record.id.value) << id;
  EXPECT_EQ(record.settings.shards, 3U);
  EXPECT_FALSE(record.token.empty());
  SearchRequest request;
  request.collection = "again";
  request.vector = {1, 0};
  request.k = 10;
  const auto found = ask<SearchReply>(reader, search_atom_v, request);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->hits.size(), 5U);
  EXPECT_FALSE(found->partial);
  EXPECT_TRUE(clean());
  // What was begun for the copies is gone.
  pass(2s);
  EXPECT_TRUE(catalog->find("docs")->snapshots->empty());
  EXPECT_EQ(backups().size(), 1U);
}

TEST_F(BackupTest, ATakenNameIsReplacedOnlyWhenAsked) {
  make_collection(2);
  upsert({"a", "b"});
  ASSERT_TRUE(back_up());
  upsert({"c"});
  EXPECT_EQ(restore("").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(ids("docs").size(), 3U);
  const auto before = catalog->find("docs")->id;
  const auto restored = restore("", true);
  ASSERT_TRUE(restored) << restored.error().detail;
  EXPECT_EQ(ids("docs"), (std::set<std::string>{"a", "b"}));
  EXPECT_NE(catalog->find("docs")->id, before);
  EXPECT_EQ(catalog->collections().size(), 1U);
  upsert({"d"});
  EXPECT_EQ(ids("docs").size(), 3U);
}

TEST_F(BackupTest, ASnapshotCanGoUpLater) {
  make_collection(2);
  upsert({"a"});
  const auto asked = begin<Job>(jobs, snapshot_atom_v, SnapshotRequest{"docs", "s"});
  ASSERT_TRUE(wait_for(asked, 0));
  upsert({"b"});
  ASSERT_TRUE(back_up("s"));
  ASSERT_TRUE(restore("then"));
  EXPECT_EQ(ids("then"), std::set<std::string>{"a"});
  wall_ms += 1;
  EXPECT_EQ(back_up("never").error().code, ErrorCode::kNotFound);
  const auto& file = catalog->find("docs")->snapshots->at(0).snapshot.files.at(0);
  std::ofstream(folder.path() / file.path, std::ios::in | std::ios::out).seekp(5'000).put('!');
  EXPECT_EQ(back_up("s").error().code, ErrorCode::kCorruptData);
}

TEST_F(BackupTest, ADamagedSourceMakesNoCollection) {
  make_collection(2);
  upsert({"a", "b"});
  ASSERT_TRUE(back_up());
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder.path() / "target")) {
    if (!entry.is_regular_file() || entry.file_size() < 100) continue;
    std::ofstream(entry.path(), std::ios::in | std::ios::out).seekp(50).put('!').put('?');
  }
  const auto refused = restore("again");
  EXPECT_EQ(refused.error().code, ErrorCode::kCorruptData) << refused.error().detail;
  EXPECT_EQ(catalog->find("again"), nullptr);
  EXPECT_TRUE(clean());
  const RestoreRequest nowhere{"file:///no/such/folder", "docs", "x", "", false};
  EXPECT_FALSE(wait_for(begin<Job>(jobs, restore_atom_v, nowhere), nowhere));
  const RestoreRequest odd{"ftp://x", "docs", "x", "", false};
  EXPECT_EQ(wait_for(begin<Job>(jobs, restore_atom_v, odd), odd).error().code,
            ErrorCode::kInvalidArgument);
}

struct ScheduledBackupTest : BackupTest {
  void schedule(const std::string& text, std::uint32_t keep = 0) {
    caf::anon_send_exit(jobs, caf::exit_reason::kill);
    run();
    plan = {*parse_backup_schedule(text), target(), keep};
    start_jobs("t2");
  }

  std::size_t count_after(std::int64_t ms) {
    wall_ms += ms;
    for (int i = 0; i < 200; ++i) pass(20ms);
    return backups().size();
  }
};

TEST_F(ScheduledBackupTest, AreMadeWhenTheNewestIsTooOldAndOnlySomeStay) {
  make_collection(2);
  upsert({"a"});
  schedule("24h", 2);
  EXPECT_EQ(count_after(0), 1U);
  EXPECT_EQ(count_after(23 * kHourMs), 1U);
  EXPECT_EQ(count_after(2 * kHourMs), 2U);
  // Another start asks the target first.
  schedule("24h", 2);
  EXPECT_EQ(count_after(kHourMs), 2U);
  const auto second = backups().back().id;
  EXPECT_EQ(count_after(25 * kHourMs), 2U);
  EXPECT_EQ(backups().front().id, second);
}

TEST_F(ScheduledBackupTest, ThatFailAreTriedAgainLater) {
  make_collection(1);
  upsert({"a"});
  std::ofstream(folder.path() / "target") << "in the way";
  schedule("24h");
  for (int i = 0; i < 200; ++i) pass(20ms);
  const auto failures = [&] {
    const auto text = node_metrics->text();
    const auto at = text.find("\nmosaic_backup_failures_total ") + 30;
    return text.substr(at, text.find('\n', at) - at);
  };
  EXPECT_EQ(failures(), "1");
  std::filesystem::remove(folder.path() / "target");
  EXPECT_EQ(count_after(kBackupRetryMs - 1), 0U);
  EXPECT_EQ(count_after(1), 1U);
  EXPECT_EQ(failures(), "1");
}

}  // namespace
}  // namespace mosaic::actors
