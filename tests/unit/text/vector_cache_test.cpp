#include "text/vector_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <random>

#include "text/document_text.hpp"

namespace mosaic::text {
namespace {

TEST(VectorCache, GivesWhatWasPut) {
  VectorCache cache(1 << 20);
  EXPECT_EQ(cache.get("a"), nullptr);
  cache.put("a", {1, 2});
  ASSERT_NE(cache.get("a"), nullptr);
  EXPECT_EQ(*cache.get("a"), (Vector{1, 2}));
  cache.put("a", {3});
  EXPECT_EQ(*cache.get("a"), (Vector{3}));
  EXPECT_EQ(cache.bytes(), VectorCache::bytes_of("a", {3}));
}

TEST(VectorCache, LetsTheLeastRecentlyUsedGoFirst) {
  VectorCache cache(2 * VectorCache::bytes_of("a", {1}));
  cache.put("a", {1});
  cache.put("b", {2});
  cache.get("a");
  cache.put("c", {3});
  EXPECT_NE(cache.get("a"), nullptr);
  EXPECT_EQ(cache.get("b"), nullptr);
  EXPECT_NE(cache.get("c"), nullptr);
}

TEST(VectorCache, DoesNotKeepWhatIsLargerThanTheWhole) {
  VectorCache cache(VectorCache::bytes_of("a", {1}));
  cache.put("a", {1});
  cache.put("b", {1, 2});
  EXPECT_EQ(cache.get("b"), nullptr);
  EXPECT_NE(cache.get("a"), nullptr);
  cache.put("a", {1, 2});
  EXPECT_EQ(cache.get("a"), nullptr);
  EXPECT_EQ(cache.bytes(), 0U);
  VectorCache none(0);
  none.put("", {});
  EXPECT_EQ(none.get(""), nullptr);
}

/// A new one in each run, or the one that a failed run named.
std::uint32_t seed_of_run() {
  const char* given = std::getenv("MOSAIC_TEST_SEED");
  return given != nullptr ? static_cast<std::uint32_t>(std::stoul(given)) : std::random_device()();
}

/// The same by the book: a list from the most to the least recently used.
struct Model {
  std::deque<std::pair<std::string, Vector>> entries;
  std::uint64_t bytes_max;

  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [key, vector] : entries) sum += VectorCache::bytes_of(key, vector);
    return sum;
  }
  const Vector* get(const std::string& key) {
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const auto& entry) { return entry.first == key; });
    if (found == entries.end()) return nullptr;
    std::rotate(entries.begin(), found, std::next(found));
    return &entries.front().second;
  }
  void put(const std::string& key, Vector vector) {
    std::erase_if(entries, [&](const auto& entry) { return entry.first == key; });
    if (VectorCache::bytes_of(key, vector) > bytes_max) return;
    entries.emplace_front(key, std::move(vector));
    while (bytes() > bytes_max) entries.pop_back();
  }
};

TEST(VectorCache, DoesWhatAPlainListDoes) {
  const auto seed = seed_of_run();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  VectorCache cache(2'000);
  Model model{{}, 2'000};
  for (int step = 0; step < 20'000; ++step) {
    const auto key = std::to_string(random() % 20);
    if (random() % 2 == 0) {
      const auto* found = cache.get(key);
      const auto* expected = model.get(key);
      ASSERT_EQ(found == nullptr, expected == nullptr);
      ASSERT_EQ(found == nullptr ? Vector{} : *found, expected == nullptr ? Vector{} : *expected);
    } else {
      const Vector vector(random() % 500, static_cast<float>(step));
      cache.put(key, vector);
      model.put(key, vector);
    }
    ASSERT_LE(cache.bytes(), 2'000U);
    ASSERT_EQ(cache.bytes(), model.bytes());
    ASSERT_EQ(cache.size(), model.entries.size());
  }
}

TEST(EmbeddingKey, TellsItsPartsApart) {
  EXPECT_NE(embedding_key("a", 1, "b"), embedding_key("a1", 0, "b"));
  EXPECT_NE(embedding_key("a", 1, "1b"), embedding_key("a", 11, "b"));
  EXPECT_NE(embedding_key("a", 1, "b"), embedding_key("a", 2, "b"));
  EXPECT_NE(embedding_key("a", 1, "b"), embedding_key("a", 1, "c"));
}

TEST(DocumentText, JoinsTitleAndText) {
  EXPECT_EQ(document_text("title", "text"), "title\ntext");
  EXPECT_EQ(document_text("title", " "), "title");
  EXPECT_EQ(document_text("", "text"), "text");
  EXPECT_TRUE(is_blank(document_text("\n", " \t")));
}

TEST(VectorCache, TellsEveryLookupAndWhatItHolds) {
  CacheChange all;
  {
    VectorCache cache(2 * VectorCache::bytes_of("a", {1}), [&](const CacheChange& change) {
      all.hits += change.hits;
      all.misses += change.misses;
      all.entries += change.entries;
      all.bytes += change.bytes;
    });
    for (const auto* key : {"a", "b", "c", "c"}) cache.put(key, {1});
    cache.get("c");
    cache.get("a");
    EXPECT_EQ(all.hits, 1U);
    EXPECT_EQ(all.misses, 1U);
    EXPECT_EQ(all.entries, 2);
    EXPECT_EQ(static_cast<std::uint64_t>(all.bytes), cache.bytes());
  }
  EXPECT_EQ(all.entries, 0) << "it takes back what it held";
  EXPECT_EQ(all.bytes, 0);
}

}  // namespace
}  // namespace mosaic::text
