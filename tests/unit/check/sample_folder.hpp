// A data folder for tests of checks: one collection of three shards with documents, links, a log of
// all that was written to them, and the hand of somebody who damages files.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <random>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/durable_file.hpp"
#include "base/snapshot_json.hpp"
#include "check/check.hpp"
#include "replication/raft_log.hpp"
#include "storage/catalog.hpp"
#include "storage/data_folder.hpp"
#include "storage/shard_writer.hpp"
#include "support/temporary_folder.hpp"
#include "unit/replication/heard.hpp"

namespace mosaic::check::test {

namespace fs = std::filesystem;

constexpr std::uint32_t kShards = 3;
constexpr std::uint32_t kDimension = 4;
constexpr int kDocuments = 300;
constexpr int kBatch = 50;
constexpr std::size_t kPage = 4'096;

inline std::mt19937 seeded() {
  const char* given = std::getenv("MOSAIC_TEST_SEED");
  const auto seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                     : std::random_device()();
  std::cout << "MOSAIC_TEST_SEED=" << seed << std::endl;
  return std::mt19937(seed);
}

inline Document document(int number) {
  Document made;
  made.id = fmt::format("d{}", number);
  made.title = fmt::format("title {}", number);
  made.text = fmt::format("common word{} ", number) + std::string(200, 'x');
  made.metadata = fmt::format(R"({{"n":{}}})", number);
  const auto x = static_cast<float>(number);
  made.vector = {x, x / 2, 1, -1};
  made.links = {{fmt::format("d{}", (number * 7 + 1) % kDocuments), "next", 1.0}};
  return made;
}

inline WriteBatch batch_from(int first) {
  WriteBatch batch;
  for (int i = first; i < first + kBatch; ++i) batch.documents.push_back(document(i));
  return batch;
}

inline void apply(storage::ShardWriter& writer, const WriteBatch& batch, Seq seq) {
  storage::RowChanges changes;
  writer.begin();
  writer.apply(batch, seq, changes);
  writer.commit(seq);
}

class SampleFolder {
 public:
  SampleFolder() {
    fs::create_directories(root_ / "collections");
    std::ofstream(root_ / "LOCK");
    write_log();
    write_catalog();
    for (std::uint32_t number = 0; number < kShards; ++number) write_shard(number);
    write_snapshot();
  }

  const fs::path& root() const { return root_; }
  fs::path shard(std::uint32_t number) const {
    return root_ / "collections" / "docs-1" / fmt::format("shard-{}.db", number);
  }
  storage::ShardIdentity identity(std::uint32_t number) const {
    return {{1}, {number}, kShards, kDimension};
  }

  /// Applies the log's last entry and leaves the folder as a process does that is killed: with
  /// write-ahead logs that are not in the files yet.
  void kill() {
    std::vector<std::unique_ptr<storage::ShardWriter>> writers;
    for (std::uint32_t number = 0; number < kShards; ++number) {
      writers.push_back(std::make_unique<storage::ShardWriter>(shard(number), identity(number)));
      apply(*writers.back(), batch_from(0), last_seq());
    }
    const auto killed = folder_ / "killed";
    fs::copy(root_, killed, fs::copy_options::recursive);
    writers.clear();
    root_ = killed;
  }

  /// That the log holds; all but the last are in the shards.
  static Seq last_seq() { return 2 + kDocuments / kBatch; }

  CheckReport check(bool repair = false) const {
    CheckProgress progress;
    auto report = check_folder(root_, repair, progress);
    if (!report) throw std::runtime_error(report.error().detail);
    return std::move(*report);
  }

  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(root_)) {
      if (entry.is_regular_file()) files[entry.path().string()] = *read_whole(entry.path());
    }
    return files;
  }

 private:
  CollectionSettings settings() const {
    CollectionSettings made;
    made.name = "docs";
    made.shards = kShards;
    made.dimension = kDimension;
    made.embedder = "none";
    made.metric = Metric::kL2;
    return made;
  }

  void write_log() {
    replication::RaftLogOptions options;
    options.folder = root_ / "log";
    replication::test::Heard heard;
    replication::RaftLog log(options);
    log.listen(heard.listener());
    log.append({{0}, EntryKind::kCreateCollection, encode_collection({settings(), {}}), 1});
    for (int first = 0; first < kDocuments; first += kBatch) {
      log.append({{1}, EntryKind::kWrite, encode_write(batch_from(first)), 2});
    }
    log.append({{1}, EntryKind::kWrite, encode_write(batch_from(0)), 3});
    heard.await(last_seq());
    log.stop();
    EXPECT_EQ(log.last_seq(), last_seq());
  }

  void write_catalog() {
    storage::Catalog catalog(root_ / "catalog.db");
    EXPECT_TRUE(catalog.create(1, {settings(), {}}));
    for (std::uint32_t number = 0; number < kShards; ++number) {
      catalog.set_shard({1}, {number}, {true, last_seq() - 1});
    }
  }

  void write_shard(std::uint32_t number) {
    storage::create_shard_file(shard(number), identity(number));
    storage::ShardWriter writer(shard(number), identity(number));
    Seq seq = 1;
    for (int first = 0; first < kDocuments; first += kBatch) {
      apply(writer, batch_from(first), ++seq);
    }
    writer.checkpoint();
  }

  void write_snapshot() {
    const auto place = root_ / "snapshots" / "docs-1" / "then";
    fs::create_directories(place);
    Snapshot snapshot{.name = "then", .seq = 2, .documents = kDocuments, .files = {}};
    for (std::uint32_t number = 0; number < kShards; ++number) {
      const auto copy = place / shard(number).filename();
      fs::copy_file(shard(number), copy);
      const auto bytes = *read_whole(copy);
      snapshot.files.push_back({copy.lexically_relative(root_), bytes.size(), sha256(bytes)});
    }
    std::ofstream(place / "snapshot.json") << snapshot_file_json(snapshot, settings());
    storage::Catalog catalog(root_ / "catalog.db");
    EXPECT_TRUE(catalog.begin_snapshot(2, {1}, "then"));
    EXPECT_TRUE(catalog.keep_snapshot(3, {1}, snapshot));
  }

  mosaic::test::TemporaryFolder folder_;
  fs::path root_ = folder_ / "data";
};

/// Changes bytes of a file, without anything noticing but who reads them.
inline void overwrite(const fs::path& file, std::size_t at, const std::string& bytes) {
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  out.seekp(static_cast<std::streamoff>(at));
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline void flip(const fs::path& file, std::size_t at, int bit) {
  const auto byte = static_cast<char>((*read_whole(file))[at] ^ (1 << bit));
  overwrite(file, at, {byte});
}

/// SQL by the right hand: pages stay whole.
inline void execute(const fs::path& file, const std::string& sql) {
  storage::Database database(file, storage::OpenMode::kReadWrite);
  database.execute(sql);
}

inline std::int64_t query(const fs::path& file, const std::string& sql) {
  storage::Database database(file, storage::OpenMode::kReadOnly);
  return database.query_int(sql);
}

/// One line for all findings, to see why a test failed.
inline std::string told(const CheckReport& report) {
  std::string text;
  for (const auto& finding : report.findings) {
    text += fmt::format("{} {} [{}] {} lost: {} repaired: {}\n", to_string(finding.severity),
                        finding.file, finding.place, finding.what, finding.lost, finding.repaired);
  }
  return text;
}

}  // namespace mosaic::check::test
