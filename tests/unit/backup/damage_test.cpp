// Whatever happens to an object of a backup: restore says so, names the object and leaves nothing
// behind.
#include "backup/manifest.hpp"
#include "unit/backup/backup_fixture.hpp"

namespace mosaic::backup {
namespace {

class Damage : public BackupFixture {
 protected:
  void SetUp() override {
    files_ = {{"a.db", random_bytes(2'100 * kPage)}, {"b.db", std::string(50 * kPage, 'b')}};
    must_back_up(files_);
    change_pages(files_["a.db"], 30);
    files_["b.db"] += random_bytes(10 * kPage + 1);
    id_ = must_back_up(files_).id;
    objects_ = store_.objects;
  }

  /// The restore of the damaged store.
  Error must_fail(const std::string& what) {
    const auto restored = restore(store_, "docs", id_, folder_ / "r");
    EXPECT_FALSE(restored) << what;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "r")) << what;
    store_.objects = objects_;
    return restored ? Error{} : restored.error();
  }

  void expect_named(const std::string& key, const std::string& what) {
    const auto error = must_fail(what);
    EXPECT_EQ(error.code, ErrorCode::kCorruptData) << what << ": " << error.detail;
    EXPECT_NE(error.detail.find(key), std::string::npos) << what << ": " << error.detail;
  }

  /// All that this backup needs.
  std::vector<std::string> needed() {
    auto manifest = read_manifest(store_, {"docs", id_});
    const auto contents = read_contents(store_, manifest);
    std::vector<std::string> keys{manifest_key("docs", id_),
                                  key_of(ContentKind::kMap, manifest.contents)};
    for (const auto& pack : contents.packs)
      keys.push_back(key_of(ContentKind::kPack, pack.pack.name));
    for (const auto& layers : contents.maps) {
      for (const auto& layer : layers) {
        for (const auto& piece : layer) keys.push_back(key_of(ContentKind::kMap, piece.name));
      }
    }
    return keys;
  }

  Files files_;
  std::string id_;
  std::map<std::string, MemoryStore::Object> objects_;
};

TEST_F(Damage, OfAnyBitIsFound) {
  for (const auto& key : needed()) {
    const auto size = objects_.at(key).bytes.size();
    // Every byte of what is small, some of what is large.
    const auto step = size < 3'000 ? 1 : size / 60;
    for (std::size_t at = below(step); at < size; at += step) {
      store_.objects[key].bytes[at] ^= static_cast<char>(1 << below(8));
      expect_named(key, key + " with a flipped bit in byte " + std::to_string(at));
      if (HasFailure()) return;
    }
  }
}

TEST_F(Damage, ByTruncationIsFound) {
  for (const auto& key : needed()) {
    const auto size = objects_.at(key).bytes.size();
    for (const auto left : {std::size_t{0}, std::size_t{1}, size / 2, size - 1}) {
      store_.objects[key].bytes.resize(left);
      expect_named(key, key + " cut to " + std::to_string(left));
    }
    store_.objects[key].bytes += '\n';
    expect_named(key, key + " with a byte more");
  }
}

TEST_F(Damage, ByALostObjectIsFound) {
  for (const auto& key : needed()) {
    if (key.starts_with("backups/")) continue;
    store_.objects.erase(key);
    expect_named(key, "without " + key);
  }
  store_.objects.erase(manifest_key("docs", id_));
  EXPECT_EQ(must_fail("without its manifest").code, ErrorCode::kNotFound);
}

TEST_F(Damage, BySwappedObjectsIsFound) {
  const auto keys = needed();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t k = 0; k < keys.size(); ++k) {
      if (i == k) continue;
      store_.objects[keys[i]] = objects_.at(keys[k]);
      expect_named(keys[i], keys[k] + " in the place of " + keys[i]);
    }
  }
}

TEST_F(Damage, ByTheManifestOfAnotherBackupIsFound) {
  const auto other = list_backups(store_)->front();
  ASSERT_NE(other.id, id_);
  store_.objects[manifest_key("docs", id_)] = objects_.at(manifest_key("docs", other.id));
  expect_named(manifest_key("docs", id_), "manifest of another");
  store_.objects[manifest_key("copy", id_)] = objects_.at(manifest_key("docs", id_));
  const auto copied = restore(store_, "copy", id_, folder_ / "r");
  EXPECT_EQ(copied.error().code, ErrorCode::kCorruptData);
}

TEST_F(Damage, OfAManifestIsListed) {
  store_.objects[manifest_key("docs", id_)].bytes[40] ^= 1;
  const auto listed = list_backups(store_, "docs");
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_TRUE((*listed)[0].damage.empty());
  EXPECT_EQ((*listed)[1].id, id_);
  EXPECT_NE((*listed)[1].damage.find(manifest_key("docs", id_)), std::string::npos);
}

TEST_F(Damage, OfOneReadIsTriedAgain) {
  for (const auto& key : needed()) {
    int reads = 0;
    store_.before = [&](const std::string& what, const std::string& read) {
      if (what == "get" && read == key)
        store_.objects[key].bytes[3] =
            static_cast<char>(objects_.at(key).bytes[3] ^ (++reads == 1));
    };
    expect_restores(files_, id_);
    EXPECT_GE(reads, 2) << key;
  }
}

TEST_F(Damage, OfWhatIsThereIsHealedByTheNextBackup) {
  for (const auto& key : needed()) {
    SCOPED_TRACE(key);
    // A pack that is there, as long as it was, is believed: only reading it all would tell.
    const bool pack = key.starts_with("packs/");
    if (pack) store_.objects.erase(key);
    if (!pack) store_.objects[key].bytes[10] ^= 1;
    const auto again = must_back_up(files_);
    expect_restores(files_, again.id);
    store_.objects = objects_;
  }
}

TEST_F(Damage, AManifestThatLeadsOutOfTheFolderIsRefused) {
  auto manifest = read_manifest(store_, {"docs", id_});
  manifest.files[0].name = "../escaped";
  store_.objects[manifest_key("docs", id_)].bytes = encode_manifest(manifest);
  expect_named(manifest_key("docs", id_), "a name with ..");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "escaped"));
}

}  // namespace
}  // namespace mosaic::backup
