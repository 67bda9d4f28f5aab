// Snapshots on a whole node in virtual time: one state over all shards whatever is written
// meanwhile, and nothing left of those that nobody finished.
#include <fstream>

#include "actors/file_copies.hpp"
#include "actors/snapshot_requests.hpp"
#include "base/digest.hpp"
#include "jobs_fixture.hpp"
#include "storage/shard_reader.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

struct SnapshotTest : JobsFixture {
  Result<Job> snapshot(const std::string& name = "s") {
    const auto asked = begin<Job>(jobs, snapshot_atom_v, SnapshotRequest{"docs", name});
    pass_slowly(200ms);
    EXPECT_TRUE(asked->answered());
    return asked->answered() ? *asked->result : Error{ErrorCode::kInternal, "no answer"};
  }

  std::vector<Snapshot> list() {
    const auto listed = ask<snapshots_reply>(jobs, list_atom_v, std::string("docs"));
    EXPECT_TRUE(listed) << listed.error().detail;
    return listed ? listed->snapshots : std::vector<Snapshot>{};
  }

  CollectionId id() const { return catalog->find("docs")->id; }
  const std::vector<SnapshotRecord>& records() const { return *catalog->find("docs")->snapshots; }

  std::set<std::string> folders() const {
    std::set<std::string> names;
    const auto all = supervision.folder->snapshots(id(), "docs");
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(all, missing))
      names.insert(entry.path().filename().string());
    return names;
  }

  std::filesystem::path path(const SnapshotFile& file) const {
    return supervision.folder->root() / file.path;
  }

  static std::string sum(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return sha256(
        std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()));
  }

  /// What the log appends on behalf of a worker that is not there.
  Seq append(EntryKind kind, const std::string& bytes) {
    const auto reply = ask<append_reply>(
        log, append_atom_v,
        append_request{
            id(), kind, std::make_shared<const std::string>(bytes), {}, Deadline::in(now(), 60s)});
    EXPECT_TRUE(reply) << reply.error().detail;
    return reply ? reply->seq : 0;
  }
};

TEST_F(SnapshotTest, IsOneStateOfAllShardsWhateverIsWrittenMeanwhile) {
  make_collection(3);
  for (int i = 0; i < 5; ++i) upsert({fmt::format("a{}", i), fmt::format("b{}", i), "same"});
  const auto asked = begin<Job>(jobs, snapshot_atom_v, SnapshotRequest{"docs", "s"});
  std::vector<Answer<UpsertReply>> writes;
  for (int i = 0; i < 20; ++i) {
    UpsertRequest request{"docs", {}};
    for (const auto* prefix : {"x", "y", "z"}) {
      Document document;
      document.id = fmt::format("{}{}", prefix, i);
      document.vector = {1, 1};
      request.documents.push_back(document);
    }
    writes.push_back(begin<UpsertReply>(writer, upsert_atom_v, request, RequestId{}));
    for (int step = 0; step < 7; ++step) scheduler.try_run_once();
  }
  pass_slowly(200ms);
  ASSERT_TRUE(asked->answered());
  ASSERT_TRUE(*asked->result) << asked->error().detail;
  for (const auto& write : writes) ASSERT_TRUE(write->answered() && *write->result);
  const auto listed = list();
  ASSERT_EQ(listed.size(), 1U);
  const auto& made = listed[0];
  ASSERT_EQ(made.files.size(), 3U);
  std::uint64_t held = 0;
  std::map<std::string, int> seen;
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(made.files[i].path, fmt::format("snapshots/docs-{}/s/shard-{}.db", id().value, i));
    EXPECT_EQ(made.files[i].sha256, sum(path(made.files[i])));
    EXPECT_EQ(made.files[i].bytes, std::filesystem::file_size(path(made.files[i])));
    storage::ShardReader file(path(made.files[i]));
    EXPECT_EQ(file.pin(), made.seq);
    for (const auto& [row, key] : file.live_after(0, 1'000)) {
      ++held;
      if (key[0] == 'x' || key[0] == 'y' || key[0] == 'z') ++seen[key.substr(1)];
    }
  }
  // Each write is there whole or not at all, and those of before are.
  for (const auto& [batch, count] : seen) EXPECT_EQ(count, 3) << batch;
  EXPECT_EQ(held, made.documents);
  EXPECT_EQ(held, 11 + 3 * seen.size());
  EXPECT_EQ(records().size(), 1U);
  EXPECT_TRUE(records()[0].kept);
  EXPECT_EQ(folders(), std::set<std::string>{"s"});
  EXPECT_NE((*asked->result)->result.find("\"created_at\":\"2026-11-29T23:04:05.007Z\""),
            std::string::npos);
}

TEST_F(SnapshotTest, HasANameOfItsOwn) {
  make_collection(2);
  upsert({"a"});
  ASSERT_TRUE(snapshot());
  EXPECT_EQ(snapshot().error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(snapshot("12").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(snapshot(".hidden").error().code, ErrorCode::kInvalidArgument);
  for (int i = 0; i < 2; ++i) {
    const auto unnamed = snapshot("");
    ASSERT_TRUE(unnamed) << unnamed.error().detail;
  }
  const auto listed = list();
  ASSERT_EQ(listed.size(), 3U);
  EXPECT_EQ(listed[0].name, "2026-11-29T23-04-05.008Z");
  EXPECT_EQ(listed[1].name, "2026-11-29T23-04-05.007Z");
  EXPECT_EQ(listed[2].name, "s");
  const auto nowhere = ask<Job>(jobs, snapshot_atom_v, SnapshotRequest{"nowhere", "s"});
  EXPECT_EQ(nowhere.error().code, ErrorCode::kNotFound);
}

TEST_F(SnapshotTest, IsDroppedWithItsFiles) {
  make_collection(2);
  for (const auto* name : {"one", "two", "three"}) {
    upsert({name});
    ASSERT_TRUE(snapshot(name));
  }
  ASSERT_TRUE(ask<PrunedSnapshots>(jobs, drop_atom_v, drop_snapshot_request{"docs", "two"}));
  EXPECT_EQ(folders(), (std::set<std::string>{"one", "three"}));
  const auto again = ask<PrunedSnapshots>(jobs, drop_atom_v, drop_snapshot_request{"docs", "two"});
  EXPECT_EQ(again.error().code, ErrorCode::kNotFound);
  const auto pruned = ask<PrunedSnapshots>(jobs, prune_atom_v, PruneRequest{"docs", 1});
  ASSERT_TRUE(pruned);
  EXPECT_EQ(pruned->deleted, std::vector<std::string>{"one"});
  ASSERT_EQ(pruned->kept.size(), 1U);
  EXPECT_EQ(pruned->kept[0].name, "three");
  EXPECT_EQ(folders(), std::set<std::string>{"three"});
  ASSERT_TRUE(ask<append_reply>(writer, drop_atom_v, std::string("docs"), RequestId{}));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "snapshots"));
}

TEST_F(SnapshotTest, ThatAWorkerLeftBehindIsDropped) {
  make_collection(2);
  upsert({"a"});
  idle = true;
  const auto asked = begin<Job>(jobs, snapshot_atom_v, SnapshotRequest{"docs", "s"});
  run();
  append(EntryKind::kBeginSnapshot, encode_snapshot_begin({"s"}));
  ASSERT_EQ(records().size(), 1U);
  pass(5s);
  EXPECT_EQ(records().size(), 1U) << "a worker may still be at it";
  crash(worker, {ErrorCode::kInternal, "killed by a test"});
  pass(2s);
  EXPECT_TRUE(records().empty());
  ASSERT_TRUE(asked->answered());
  EXPECT_NE(asked->error().detail.find("died"), std::string::npos);
  idle = false;
  EXPECT_TRUE(snapshot());
}

TEST_F(SnapshotTest, ThatWasBegunBeforeTheNodeStoppedIsDropped) {
  make_collection(2);
  upsert({"a"});
  caf::anon_send_exit(jobs, caf::exit_reason::kill);
  run();
  append(EntryKind::kBeginSnapshot, encode_snapshot_begin({".backup-x-1"}));
  append(EntryKind::kBeginSnapshot, encode_snapshot_begin({"s"}));
  EXPECT_EQ(records().size(), 2U);
  start_jobs("t2");
  pass(2s);
  EXPECT_TRUE(records().empty());
  EXPECT_TRUE(list().empty());
}

TEST_F(SnapshotTest, BeginsAnewWhenAShardHasLostItsReader) {
  make_collection(2);
  upsert({"a", "b"});
  const auto asked = begin<Job>(jobs, snapshot_atom_v, SnapshotRequest{"docs", "s"});
  // Until the entry is there, and the worker waits for the shards.
  while (records().empty() && scheduler.try_run_once()) continue;
  const auto begun = records().at(0).snapshot.seq;
  kill_shard({1});
  for (int i = 0; i < 30'000 && !asked->answered(); ++i) pass(1ms);
  ASSERT_TRUE(asked->answered());
  ASSERT_TRUE(*asked->result) << asked->error().detail;
  const auto listed = list();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_GE(listed[0].seq, begun);
  EXPECT_EQ(listed[0].documents, 2U);
  EXPECT_EQ(folders(), std::set<std::string>{"s"});
}

TEST_F(SnapshotTest, ThatIsCancelledLeavesNothing) {
  make_collection(2);
  upsert({"a", "b"});
  const auto asked = begin<Job>(jobs, snapshot_atom_v, SnapshotRequest{"docs", "s"});
  while (records().empty() && scheduler.try_run_once()) continue;
  const auto all = jobs_now().jobs.list();
  ASSERT_EQ(all.size(), 1U);
  const auto id_of_job = all[0].id;
  caf::anon_send(jobs, cancel_atom_v, id_of_job);
  pass(2s);
  ASSERT_TRUE(asked->answered());
  EXPECT_EQ(asked->error().code, ErrorCode::kUnavailable) << asked->error().detail;
  EXPECT_EQ(job(id_of_job).state, JobState::kCancelled);
  EXPECT_TRUE(records().empty());
  EXPECT_TRUE(folders().empty());
}

TEST_F(SnapshotTest, IsNotKeptWhenTheDiskFails) {
  make_collection(1);
  upsert({"a"});
  // A file where the folder of all snapshots should be.
  std::ofstream(folder.path() / "snapshots") << "in the way";
  const auto failed = snapshot();
  EXPECT_EQ(failed.error().code, ErrorCode::kUnavailable) << failed.error().detail;
  pass(2s);
  EXPECT_TRUE(records().empty());
  std::filesystem::remove(folder.path() / "snapshots");
  EXPECT_TRUE(snapshot());
}

TEST_F(SnapshotTest, ReadersThatNobodyTakesGoWithTheSnapshot) {
  make_collection(1);
  upsert({"a"});
  caf::anon_send_exit(jobs, caf::exit_reason::kill);
  run();
  const auto begun = append(EntryKind::kBeginSnapshot, encode_snapshot_begin({"s"}));
  upsert({"b"});
  const auto searchers = [&] {
    const auto& state = dynamic_cast<supervisor_actor::stateful_base<supervisor_state>&>(
                            *caf::actor_cast<caf::abstract_actor*>(supervisor))
                            .state;
    return state.children.begin()->second.searchers;
  }();
  const auto other =
      ask<kept_reader_ptr>(searchers.at(0), snapshot_atom_v, std::string("s"), Seq{begun + 1});
  EXPECT_EQ(other.error().code, ErrorCode::kNotFound);
  const auto ahead =
      ask<kept_reader_ptr>(searchers.at(0), snapshot_atom_v, std::string("s"), Seq{begun + 100});
  EXPECT_EQ(ahead.error().code, ErrorCode::kUnavailable);
  append(EntryKind::kDropSnapshot, encode_snapshot_name("s"));
  const auto gone = ask<kept_reader_ptr>(searchers.at(0), snapshot_atom_v, std::string("s"), begun);
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
  jobs = nullptr;
}

}  // namespace
}  // namespace mosaic::actors
