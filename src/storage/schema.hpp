// The tables of a shard file. docs/SHARD_FORMAT.md explains them for people with only `sqlite3` at
// hand.
#pragma once

namespace mosaic::storage {

constexpr int kShardFormatVersion = 1;
constexpr int kApplicationId = 0x4d4f5341;  // "MOSA"

inline constexpr const char* kShardSchema = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE versions(
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL, seq INTEGER NOT NULL, title TEXT, metadata TEXT, text TEXT) STRICT;
CREATE INDEX versions_by_id ON versions(id);
CREATE TABLE ended(row INTEGER PRIMARY KEY, seq_ended INTEGER NOT NULL) STRICT;
CREATE TABLE vectors(row INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT;
CREATE TABLE pagerank(id TEXT PRIMARY KEY, value REAL NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIEW documents AS
  SELECT v.row, v.id, v.title, v.text, v.metadata, p.value AS pagerank, v.seq
  FROM versions v LEFT JOIN pagerank p ON p.id = v.id
  WHERE NOT EXISTS (SELECT 1 FROM ended e WHERE e.row = v.row);
CREATE VIRTUAL TABLE documents_fts USING fts5(
  title, text, content='documents', content_rowid='row', tokenize='porter unicode61');
CREATE TABLE edges(
  edge INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL, weight REAL NOT NULL,
  seq INTEGER NOT NULL) STRICT;
CREATE INDEX edges_by_source ON edges(source);
CREATE INDEX edges_by_target ON edges(target);
CREATE TABLE ended_edges(edge INTEGER PRIMARY KEY, seq_ended INTEGER NOT NULL) STRICT;
)sql";

/// What came later than the first files: those get it when they are next opened for writing.
inline constexpr const char* kShardAdditions = R"sql(
CREATE INDEX IF NOT EXISTS ended_by_seq ON ended(seq_ended);
CREATE TABLE IF NOT EXISTS arrivals(row INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS written_meanwhile(id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS carried_links(
  row INTEGER NOT NULL, position INTEGER NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL,
  weight REAL NOT NULL, PRIMARY KEY(row, position)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ended_edges_by_seq ON ended_edges(seq_ended);
CREATE TABLE IF NOT EXISTS times(time_ms INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS pins(name TEXT PRIMARY KEY, seq INTEGER NOT NULL, kept INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pagerank_history(
  seq_ended INTEGER NOT NULL, id TEXT NOT NULL, value REAL NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY(seq_ended, id)) STRICT, WITHOUT ROWID;
CREATE VIEW IF NOT EXISTS history AS
  SELECT v.row, v.title, v.text FROM ended e CROSS JOIN versions v ON v.row = e.row
  WHERE e.seq_ended > (SELECT value FROM meta WHERE key = 'history_since');
CREATE VIRTUAL TABLE IF NOT EXISTS history_fts USING fts5(
  title, text, content='history', content_rowid='row', tokenize='porter unicode61');
INSERT OR IGNORE INTO meta VALUES('moving', 0);
INSERT OR IGNORE INTO meta VALUES('index_seq', 0);
INSERT OR IGNORE INTO meta VALUES('space', 0);
INSERT OR IGNORE INTO meta VALUES('staging', 0);
INSERT OR IGNORE INTO meta VALUES('staging_dimension', 0);
INSERT OR IGNORE INTO meta VALUES('staged', 0);
INSERT OR IGNORE INTO meta VALUES('staged_without', 0);
)sql";

/// While vectors of another embedder are staged; an empty one stands for a version without one. In
/// the end it takes the place of `vectors`, or goes.
inline constexpr const char* kStagingSchema = R"sql(
CREATE TABLE staged_vectors(row INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT;
)sql";

}  // namespace mosaic::storage
