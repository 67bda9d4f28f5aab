// A shard-like file for tests of the lower half of the room: the real schema with rows in every
// table, filled by plain SQL.
#pragma once

#include <filesystem>
#include <random>
#include <string>

#include <fmt/format.h>

#include "storage/database.hpp"
#include "storage/schema.hpp"

namespace mosaic::storage {

inline std::string random_words(std::mt19937& random, int count) {
  std::string words;
  for (int i = 0; i < count; ++i) words += fmt::format("w{} ", random() % 2'000);
  return words;
}

/// Rows 1 to `documents`: id `d<row>`, a title, text, and metadata {"section","size","tags"}. Every
/// tenth is ended, every third has a PageRank.
inline void fill_sample_shard(Database& database, int documents, std::mt19937& random) {
  Transaction transaction(database);
  database.execute(kShardSchema);
  for (int row = 1; row <= documents; ++row) {
    const auto text = random_words(random, 60);
    const auto title = random_words(random, 3);
    auto version = database.cached(
        "INSERT INTO versions(id, seq, title, metadata, text) VALUES(?1, ?2, ?3, ?4, ?5)");
    const auto id = fmt::format("d{}", row);
    const auto metadata = fmt::format(R"({{"section":"s{}","size":{},"tags":["t{}","t{}"]}})",
                                      row % 7, row * 10, row % 3, row % 5);
    version->bind_text(1, std::string_view(id)).bind(2, std::int64_t{row});
    version->bind_text(3, std::string_view(title)).bind_text(4, std::string_view(metadata));
    version->bind_text(5, std::string_view(text)).run();
    auto index =
        database.cached("INSERT INTO documents_fts(rowid, title, text) VALUES(?1, ?2, ?3)");
    index->bind(1, std::int64_t{row}).bind_text(2, std::string_view(title));
    index->bind_text(3, std::string_view(text)).run();
    auto vector = database.cached("INSERT INTO vectors(row, vector) VALUES(?1, randomblob(1536))");
    vector->bind(1, std::int64_t{row}).run();
  }
  database.execute("INSERT INTO pagerank SELECT id, 1.0 / row, 1 FROM versions WHERE row % 3 = 0");
  database.execute(
      "INSERT INTO documents_fts(documents_fts, rowid, title, text) "
      "SELECT 'delete', row, title, text FROM versions WHERE row % 10 = 0");
  database.execute("INSERT INTO ended SELECT row, 99999 FROM versions WHERE row % 10 = 0");
  database.execute(
      "INSERT INTO edges(source, target, kind, weight, seq) "
      "SELECT id, 'd' || (row % 100), 'depends', 1.0, seq FROM versions");
  transaction.commit();
}

/// A checkpointed file without free pages, so that every one of its bytes belongs to something.
inline void make_sample_file(const std::filesystem::path& path, int documents,
                             std::mt19937& random) {
  Database database(path, OpenMode::kCreate);
  fill_sample_shard(database, documents, random);
  database.execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace mosaic::storage
