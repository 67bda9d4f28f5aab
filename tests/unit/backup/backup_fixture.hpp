// Files of random pages that change from backup to backup, and what was in them at each.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "backup/backup.hpp"
#include "support/temporary_folder.hpp"
#include "unit/backup/memory_store.hpp"

namespace mosaic::backup {

constexpr std::size_t kPage = 4'096;

inline std::uint64_t test_seed() {
  const char* given = std::getenv("MOSAIC_TEST_SEED");
  const auto seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::printf("MOSAIC_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

inline std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class BackupFixture : public testing::Test {
 protected:
  using Files = std::map<std::string, std::string>;

  std::string random_bytes(std::size_t size) {
    std::string out(size, '\0');
    std::size_t at = 0;
    for (; at + 8 <= size; at += 8) {
      const std::uint64_t word = random_();
      std::memcpy(out.data() + at, &word, 8);
    }
    for (; at < size; ++at) out[at] = static_cast<char>(random_());
    return out;
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }

  void change_pages(std::string& bytes, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto page = below(bytes.size() / kPage);
      bytes.replace(page * kPage, kPage, random_bytes(kPage));
    }
  }

  BackupRequest request(const Files& files, const std::string& collection = "docs") {
    BackupRequest request{.collection = collection,
                          .seq = ++seq_,
                          .created_at_ms = store_.now_ms += 1'000,
                          .documents = 10 * seq_,
                          .settings = std::string("set\0tings", 9) + std::to_string(seq_),
                          .files = {}};
    for (const auto& [name, bytes] : files) {
      std::ofstream(folder_ / name, std::ios::binary) << bytes;
      request.files.push_back({name, folder_ / name});
    }
    return request;
  }

  BackupInfo must_back_up(const Files& files, const std::string& collection = "docs") {
    auto info = back_up(store_, request(files, collection));
    EXPECT_TRUE(info) << info.error().detail;
    return info ? *info : BackupInfo{};
  }

  void expect_restores(const Files& files, std::optional<std::string> id,
                       const std::string& collection = "docs") {
    const auto target = folder_ / "restored";
    const auto restored = restore(store_, collection, id, target);
    ASSERT_TRUE(restored) << restored.error().detail;
    ASSERT_EQ(restored->files.size(), files.size());
    for (const auto& [name, bytes] : files) {
      // Not EXPECT_EQ: nobody wants to read megabytes.
      EXPECT_TRUE(read_all(target / name) == bytes) << name << " has other bytes";
    }
    EXPECT_EQ(entries_in(target), files.size());
    std::filesystem::remove_all(target);
  }

  static std::size_t entries_in(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
  }

  test::TemporaryFolder folder_;
  MemoryStore store_;
  std::mt19937_64 random_{test_seed()};
  Seq seq_ = 0;
};

}  // namespace mosaic::backup
