#include <set>

#include "backup/backup_mark.hpp"
#include "backup/manifest.hpp"
#include "unit/backup/backup_fixture.hpp"

namespace mosaic::backup {
namespace {

class Prune : public BackupFixture {
 protected:
  struct Made {
    std::string collection;
    std::string id;
    Files files;
  };

  /// Backups of two collections with pages in common, in turn.
  std::vector<Made> make(std::size_t count) {
    std::vector<Made> made;
    std::map<std::string, Files> files{{"one", {{"a.db", random_bytes(150 * kPage)}}},
                                       {"two", {{"a.db", random_bytes(90 * kPage)}}}};
    for (std::size_t i = 0; i < count; ++i) {
      const std::string collection = i % 2 == 0 ? "one" : "two";
      auto& now = files[collection];
      change_pages(now["a.db"], 1 + below(30));
      made.push_back({collection, must_back_up(now, collection).id, now});
    }
    return made;
  }

  /// What is left is exactly what the backups that are left need.
  void expect_nothing_else() {
    std::set<std::string> needed;
    for (const auto& name : backup_names(store_)) {
      const auto manifest = read_manifest(store_, name);
      needed.insert(manifest_key(name.collection, name.id));
      needed.insert(key_of(ContentKind::kMap, manifest.contents));
      const auto contents = read_contents(store_, manifest);
      for (const auto& pack : contents.packs)
        needed.insert(key_of(ContentKind::kPack, pack.pack.name));
      for (const auto& layers : contents.maps)
        for (const auto& layer : layers)
          for (const auto& piece : layer) needed.insert(key_of(ContentKind::kMap, piece.name));
    }
    std::set<std::string> there;
    for (const auto& [key, object] : store_.objects) there.insert(key);
    EXPECT_EQ(there, needed);
  }

  Result<PruneReport> prune_one(std::size_t keep) {
    return prune(store_, "one", keep, store_.now_ms);
  }

  /// Runs `work` over the same store again and again, with `other` in the midst of it: before its
  /// first call on the store, its second, and so on. `check` sees what both have left, and last
  /// what `work` alone leaves. How often that was.
  std::size_t meet_at_every_call(const std::function<void()>& work,
                                 const std::function<void()>& other,
                                 const std::function<void(bool met)>& check) {
    const auto all = store_.objects;
    std::size_t steps = 0;
    for (bool met = true; met; ++steps) {
      store_.objects = all;
      std::size_t calls = 0;
      met = false;
      store_.before = [&](const std::string&, const std::string&) {
        if (met || calls++ != steps) return;
        met = true;
        other();
      };
      work();
      store_.before = nullptr;
      check(met);
    }
    return steps;
  }
};

template <class T>
T must(Result<T> result) {
  EXPECT_TRUE(result) << result.error().detail;
  return result ? *std::move(result) : T{};
}

TEST_F(Prune, KeepsTheNewestAndExactlyWhatTheyNeed) {
  const auto made = make(20);
  const auto report = prune_one(3);
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_FALSE(report->deferred);
  EXPECT_EQ(report->removed.size(), 7U);
  EXPECT_GE(report->objects, 7U);
  EXPECT_EQ(list_backups(store_, "one")->size(), 3U);
  EXPECT_EQ(list_backups(store_, "two")->size(), 10U);
  expect_nothing_else();
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (made[i].collection == "two" || i >= 14)
      expect_restores(made[i].files, made[i].id, made[i].collection);
  }
  const auto again = prune_one(3);
  EXPECT_TRUE(again->removed.empty());
  EXPECT_EQ(again->objects, 0U);
}

TEST_F(Prune, KeepsAllWhenThereAreNoMore) {
  make(4);
  const auto before = store_.objects.size();
  ASSERT_TRUE(prune_one(2));
  EXPECT_EQ(store_.objects.size(), before);
  EXPECT_EQ(prune_one(0).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(Prune, MayBeCutOffAnywhere) {
  const auto made = make(12);
  const auto all = store_.objects;
  std::size_t steps = 0;
  for (bool complete = false; !complete; ++steps) {
    store_.objects = all;
    std::size_t calls = 0;
    store_.before = [&](const std::string& what, const std::string&) {
      if ((what == "remove" || what == "put") && calls++ == steps)
        throw std::runtime_error("killed");
    };
    try {
      ASSERT_TRUE(prune_one(2));
      complete = true;
    } catch (const std::runtime_error&) {
    }
    store_.before = nullptr;
    for (const auto& one : made) {
      const auto left = list_backups(store_, one.collection);
      const bool is_left = std::any_of(left->begin(), left->end(),
                                       [&](const auto& info) { return info.id == one.id; });
      if (is_left) expect_restores(one.files, one.id, one.collection);
    }
    ASSERT_TRUE(prune_one(2));
    expect_nothing_else();
  }
  EXPECT_GE(steps, 8U);
}

// Whenever a prune meets a backup of the same store: the backup, if it is listed, can be restored.
TEST_F(Prune, TakesNothingFromABackupUnderWay) {
  make(8);
  Files files{{"a.db", random_bytes(2'100 * kPage)}};
  files["a.db"].replace(0, 100 * kPage, read_all(folder_ / "a.db"), 0, 60 * kPage);
  const auto asked = request(files, "one");
  const auto steps =
      meet_at_every_call([&] { must(back_up(store_, asked)); }, [&] { must(prune_one(1)); },
                         [&](bool) {
                           const auto id = make_id(asked.created_at_ms, asked.seq);
                           expect_restores(files, id, "one");
                           EXPECT_FALSE(must(prune_one(2)).deferred);
                           expect_nothing_else();
                           expect_restores(files, id, "one");
                         });
  EXPECT_GE(steps, 15U);
}

TEST_F(Prune, TakesNothingFromABackupThatRunsMeanwhile) {
  make(8);
  // What a run that died has left looks like what the next one brings.
  const Files files{{"a.db", random_bytes(300 * kPage)}};
  const auto died = request(files, "one");
  ASSERT_TRUE(back_up(store_, died));
  ASSERT_TRUE(remove_backup(store_, "one", make_id(died.created_at_ms, died.seq)).ok());
  const auto asked = request(files, "one");
  const auto steps =
      meet_at_every_call([&] { must(prune_one(2)); }, [&] { must(back_up(store_, asked)); },
                         [&](bool met) {
                           if (met)
                             expect_restores(files, make_id(asked.created_at_ms, asked.seq), "one");
                           must(prune_one(2));
                           expect_nothing_else();
                         });
  EXPECT_GE(steps, 20U);
}

TEST_F(Prune, BelievesThatAMarkIsDeadOnlyWhenItIsOld) {
  make(4);
  store_.objects["marks/two/x.mark"] = {"", store_.now_ms - kMarkStaleMs};
  EXPECT_TRUE(prune_one(1)->deferred);
  EXPECT_EQ(list_backups(store_, "one")->size(), 1U);
  store_.objects["marks/two/x.mark"] = {"", store_.now_ms - kMarkStaleMs - 1};
  const auto report = prune_one(1);
  EXPECT_FALSE(report->deferred);
  EXPECT_GE(report->objects, 1U);
  EXPECT_FALSE(store_.objects.contains("marks/two/x.mark"));
  EXPECT_TRUE(store_.objects.contains("marks/two/x.dead"));
}

// The process slept for so long that it was taken for dead; its contents may be gone.
TEST_F(Prune, ABackupThatWasTakenForDeadIsNeverListed) {
  make(4);
  const auto asked = request({{"a.db", random_bytes(50 * kPage)}}, "one");
  std::size_t refused = 0;
  meet_at_every_call(
      [&] {
        const auto info = back_up(store_, asked);
        if (info) return;
        ++refused;
        EXPECT_EQ(info.error().code, ErrorCode::kUnavailable);
        EXPECT_NE(info.error().detail.find("has taken it for dead"), std::string::npos);
      },
      [&] { must(prune(store_, "one", 1, store_.now_ms + kMarkStaleMs + 1)); },
      [&](bool) {
        for (const auto& listed : must(list_backups(store_, "one"))) {
          const auto restored = restore(store_, "one", listed.id, folder_ / "r");
          EXPECT_TRUE(restored) << listed.id << ": " << restored.error().detail;
          std::filesystem::remove_all(folder_ / "r");
        }
      });
  EXPECT_GE(refused, 5U);
}

TEST_F(Prune, RemovesNothingWhileAManifestThatStaysIsDamaged) {
  const auto made = make(8);
  store_.objects[manifest_key("two", made[3].id)].bytes[20] ^= 1;
  const auto before = store_.objects.size();
  const auto report = prune_one(1);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kCorruptData);
  EXPECT_NE(report.error().detail.find(manifest_key("two", made[3].id)), std::string::npos);
  EXPECT_EQ(store_.objects.size(), before);
  ASSERT_TRUE(remove_backup(store_, "two", made[3].id).ok());
  EXPECT_TRUE(prune_one(1));
  expect_nothing_else();
}

TEST_F(Prune, ADamagedManifestThatIsTooOldGoesWithTheOthers) {
  const auto made = make(8);
  store_.objects[manifest_key("one", made[0].id)].bytes[20] ^= 1;
  const auto report = prune_one(2);
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_EQ(report->removed.size(), 2U);
  expect_nothing_else();
}

TEST_F(Prune, RemovesOneBackupOnly) {
  const auto made = make(6);
  EXPECT_EQ(remove_backup(store_, "one", "nothing").error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(remove_backup(store_, "one", made[2].id).ok());
  EXPECT_EQ(list_backups(store_, "one")->size(), 2U);
  ASSERT_TRUE(prune_one(10));
  expect_nothing_else();
  expect_restores(made[4].files, made[4].id, "one");
}

// Pages that nobody needs are bound to packs in which others are needed. In the long run they must
// not pile up.
TEST_F(Prune, WhatIsStoredDoesNotGrowForEver) {
  constexpr std::size_t kPages = 5'000;
  Files files{{"a.db", random_bytes(kPages * kPage)}};
  std::uint64_t most = 0;
  std::uint64_t stored = 0;
  for (int day = 0; day < 250; ++day) {
    change_pages(files["a.db"], kPages / 50);
    const auto before = store_.bytes_put;
    must_back_up(files, "one");
    if (day > 0) {
      // 2.0% of the pages have changed, 0.5% may move, a map in full has 0.4%; the rest is small.
      EXPECT_LE(store_.bytes_put - before, kPages * kPage * 32 / 1'000);
    }
    ASSERT_TRUE(prune_one(3));
    stored = 0;
    for (const auto& [key, object] : store_.objects) stored += object.bytes.size();
    most = std::max(most, stored);
  }
  // Without moving pages it would be 600%, and growing.
  EXPECT_LE(most, kPages * kPage * 3);
  EXPECT_LE(stored, kPages * kPage * 5 / 2);
  expect_restores(files, std::nullopt, "one");
}

}  // namespace
}  // namespace mosaic::backup
