#include "storage/shard_writer.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/checksum.hpp"
#include "base/log.hpp"
#include "storage/vector_bytes.hpp"

namespace mosaic::storage {
namespace {

namespace fs = std::filesystem;

/// The way people write the path in `where`: metadata->>'section', or metadata->>'$.a.b' when
/// nested.
std::string where_operand(std::string_view path) {
  const bool nested = path.find('.') != std::string_view::npos;
  return fmt::format("metadata->>'{}{}'", nested ? "$." : "", path);
}

/// Checks the file and brings it to today's schema. Returns its seq.
Seq complete(Database& database, const ShardIdentity& identity) {
  check_identity(database, identity);
  // The log is durable first, so the file need not be synced at every commit.
  database.execute("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384");
  complete_schema(database);
  check_dimension(database, identity);
  return static_cast<Seq>(read_meta(database, "applied_seq"));
}

}  // namespace

ShardWriter::ShardWriter(const fs::path& path, const ShardIdentity& identity,
                         std::uint64_t retention_s)
    : database_(path, OpenMode::kReadWrite),
      identity_(identity),
      applied_seq_(complete(database_, identity)),
      history_(database_, applied_seq_, retention_s) {
  counts_.documents = static_cast<std::uint64_t>(read_meta(database_, "documents"));
  counts_.edges = static_cast<std::uint64_t>(read_meta(database_, "edges"));
  counts_before_ = counts_;
  moving_ = moving_before_ = static_cast<Seq>(read_meta(database_, "moving"));
  space_ = space_before_ = read_space(database_);
  index_seq_ = static_cast<Seq>(read_meta(database_, "index_seq"));
}

void ShardWriter::note_index(Seq seq) {
  begin();
  try {
    write_meta(database_, "index_seq", static_cast<std::int64_t>(seq));
    commit(applied_seq_);
  } catch (...) {
    rollback();
    throw;
  }
  index_seq_ = seq;
}

void ShardWriter::begin() {
  database_.execute("BEGIN IMMEDIATE");
  // While one shard actor ends and the next begins, both may hold the file open for a moment.
  if (const auto stored = static_cast<Seq>(read_meta(database_, "applied_seq"));
      stored != applied_seq_) {
    rollback();
    throw Failure(ErrorCode::kInternal,
                  fmt::format("the shard file moved from seq {} to {} by another hand",
                              applied_seq_, stored));
  }
}

void ShardWriter::commit(Seq seq) {
  write_meta(database_, "applied_seq", static_cast<std::int64_t>(seq));
  write_meta(database_, "documents", static_cast<std::int64_t>(counts_.documents));
  write_meta(database_, "edges", static_cast<std::int64_t>(counts_.edges));
  if (space_ != space_before_) write_space(database_, space_);
  history_.write_marks();
  database_.execute("COMMIT");
  history_.committed();
  applied_seq_ = seq;
  counts_before_ = counts_;
  moving_before_ = moving_;
  space_before_ = space_;
}

void ShardWriter::rollback() noexcept {
  counts_ = counts_before_;
  moving_ = moving_before_;
  space_ = space_before_;
  history_.rolled_back();
  try {
    database_.execute("ROLLBACK");
  } catch (const Failure&) {
    // SQLite has rolled back by itself, as it does after a full disk.
  }
}

bool ShardWriter::is_home(std::string_view id) const {
  return home_shard(id, identity_.shards) == identity_.shard;
}

bool ShardWriter::is_here(ShardId home, std::string_view id) const {
  if (home.value < identity_.shards) return home == identity_.shard;
  throw Failure(ErrorCode::kCorruptData, fmt::format("document '{}' is placed on shard {} of {}",
                                                     id, home.value, identity_.shards));
}

std::uint64_t ShardWriter::apply(const WriteBatch& batch, Seq seq, RowChanges& changes) {
  if (!batch.documents.empty() && batch.space != space_.seq) {
    log::error("entry {} is not applied: its vectors are of space {}, the shard's of {}", seq,
               batch.space, space_.seq);
    return 0;
  }
  for (std::size_t i = 0; i < batch.documents.size(); ++i) {
    const auto& document = batch.documents[i];
    const bool lives_here =
        batch.homes.empty() ? is_home(document.id) : is_here(batch.homes[i], document.id);
    note_written(document.id, seq);
    end_links(document.id, seq);
    insert_links(document, seq);
    if (!may_hold(document.id)) continue;
    if (const auto live = find_live(document.id)) end_version(live->row, seq, changes);
    if (lives_here) insert_version(document, seq, changes);
  }
  std::uint64_t deleted = 0;
  for (const auto& deletion : batch.deletions) {
    note_written(deletion.id, seq);
    // Links carry the seq of their document's version, so a mirror can check the condition as well.
    end_links(deletion.id, seq, deletion.expected);
    if (!may_hold(deletion.id)) continue;
    const auto live = find_live(deletion.id);
    if (!live || (deletion.expected != 0 && live->seq != deletion.expected)) continue;
    end_version(live->row, seq, changes);
    ++deleted;
  }
  return deleted;
}

std::uint64_t ShardWriter::apply(const Move& move, Seq seq, RowChanges& changes) {
  // What was written before the moves began was not noted.
  if (move.centroids != moving_ || move.read_at < moving_) return 0;
  std::uint64_t left = 0;
  for (std::size_t i = 0; i < move.documents.size(); ++i) {
    const auto& document = move.documents[i];
    if (written_since(document.id, move.read_at)) continue;
    const auto live = find_live(document.id);
    const bool belongs_here = is_here(move.homes[i], document.id);
    if (live && !belongs_here) {
      end_version(live->row, seq, changes);
      ++left;
    }
    if (live || !belongs_here) continue;
    auto arrive = database_.cached("INSERT INTO arrivals(row, seq) VALUES(?1, ?2)");
    arrive->bind(1, insert_version(document, move.written[i], changes));
    arrive->bind(2, static_cast<std::int64_t>(seq));
    arrive->run();
  }
  return left;
}

void ShardWriter::begin_moves(Seq seq) {
  set_moving(seq);
}

void ShardWriter::end_moves(Seq centroids) {
  if (centroids == moving_) set_moving(0);
}

void ShardWriter::set_moving(Seq centroids) {
  moving_ = centroids;
  write_meta(database_, "moving", static_cast<std::int64_t>(centroids));
  database_.execute("DELETE FROM written_meanwhile");
}

void ShardWriter::note_written(std::string_view id, Seq seq) {
  if (moving_ == 0) return;
  auto note = database_.cached("INSERT OR REPLACE INTO written_meanwhile VALUES(?1, ?2)");
  note->bind_text(1, id).bind(2, static_cast<std::int64_t>(seq));
  note->run();
}

bool ShardWriter::written_since(std::string_view id, Seq seq) {
  auto select = database_.cached("SELECT seq > ?2 FROM written_meanwhile WHERE id = ?1");
  select->bind_text(1, id).bind(2, static_cast<std::int64_t>(seq));
  return select->step() && select->column_int(0) != 0;
}

std::optional<ShardWriter::Live> ShardWriter::find_live(std::string_view id) {
  // Only the newest version of an id can be live.
  auto newest =
      database_.cached("SELECT row, seq FROM versions WHERE id = ?1 ORDER BY row DESC LIMIT 1");
  newest->bind_text(1, id);
  if (!newest->step()) return std::nullopt;
  const Live live{newest->column_int(0), static_cast<Seq>(newest->column_int(1))};
  auto ended = database_.cached("SELECT 1 FROM ended WHERE row = ?1");
  ended->bind(1, live.row);
  if (ended->step()) return std::nullopt;
  return live;
}

void ShardWriter::end_version(Row row, Seq seq, RowChanges& changes) {
  // FTS5 over a view must be told the old text to forget it.
  auto forget = database_.cached(
      "INSERT INTO documents_fts(documents_fts, rowid, title, text) "
      "SELECT 'delete', row, title, text FROM versions WHERE row = ?1");
  forget->bind(1, row);
  forget->run();
  history_.version_ends(row);
  auto end = database_.cached("INSERT INTO ended(row, seq_ended) VALUES(?1, ?2)");
  end->bind(1, row).bind(2, static_cast<std::int64_t>(seq));
  end->run();
  unstage(row);
  changes.ended.push_back({row, seq});
  --counts_.documents;
}

Row ShardWriter::insert_version(const Document& document, Seq seq, RowChanges& changes) {
  auto insert = database_.cached(
      "INSERT INTO versions(id, seq, title, metadata, text) VALUES(?1, ?2, ?3, ?4, ?5)");
  insert->bind_text(1, std::string_view(document.id)).bind(2, static_cast<std::int64_t>(seq));
  insert->bind_text(3, document.title).bind_text(5, document.text);
  if (document.metadata.empty()) {
    insert->bind_null(4);
  } else {
    insert->bind_text(4, std::string_view(document.metadata));
  }
  insert->run();
  const Row row = database_.last_insert_row();

  auto index = database_.cached("INSERT INTO documents_fts(rowid, title, text) VALUES(?1, ?2, ?3)");
  index->bind(1, row).bind_text(2, document.title).bind_text(3, document.text);
  index->run();
  if (!document.vector.empty()) {
    auto store = database_.cached("INSERT INTO vectors(row, vector) VALUES(?1, ?2)");
    store->bind(1, row).bind_blob(2, as_bytes(document.vector));
    store->run();
  }
  if (!is_home(document.id)) carry_links(row, document.links);
  changes.added.push_back({row, &document});
  ++counts_.documents;
  return row;
}

void ShardWriter::carry_links(Row row, const std::vector<Link>& links) {
  for (std::size_t i = 0; i < links.size(); ++i) {
    auto insert = database_.cached("INSERT INTO carried_links VALUES(?1, ?2, ?3, ?4, ?5)");
    insert->bind(1, row).bind(2, static_cast<std::int64_t>(i));
    insert->bind_text(3, std::string_view(links[i].to));
    insert->bind_text(4, std::string_view(links[i].kind)).bind(5, links[i].weight);
    insert->run();
  }
}

void ShardWriter::end_links(std::string_view source, Seq seq, Seq expected) {
  auto end = database_.cached(
      "INSERT INTO ended_edges(edge, seq_ended) SELECT edge, ?2 FROM edges e WHERE source = ?1 "
      "AND (?3 = 0 OR seq = ?3) AND NOT EXISTS (SELECT 1 FROM ended_edges x WHERE x.edge = "
      "e.edge)");
  end->bind_text(1, source).bind(2, static_cast<std::int64_t>(seq));
  end->bind(3, static_cast<std::int64_t>(expected));
  end->run();
  if (is_home(source)) counts_.edges -= static_cast<std::uint64_t>(database_.changes());
}

void ShardWriter::insert_links(const Document& document, Seq seq) {
  const bool source_here = is_home(document.id);
  for (const auto& link : document.links) {
    if (!source_here && !is_home(link.to)) continue;
    auto insert = database_.cached(
        "INSERT INTO edges(source, target, kind, weight, seq) VALUES(?1, ?2, ?3, ?4, ?5)");
    insert->bind_text(1, std::string_view(document.id)).bind_text(2, std::string_view(link.to));
    insert->bind_text(3, std::string_view(link.kind))
        .bind(4, link.weight)
        .bind(5, static_cast<std::int64_t>(seq));
    insert->run();
    if (source_here) ++counts_.edges;
  }
}

void ShardWriter::set_pagerank(const PageRankValues& values, Seq seq) {
  history_.pagerank_is_replaced(seq);
  database_.execute("DELETE FROM pagerank");
  auto insert = database_.cached("INSERT INTO pagerank(id, value, seq) VALUES(?1, ?2, ?3)");
  for (std::size_t i = 0; i < values.ids.size(); ++i) {
    if (!may_hold(values.ids[i])) continue;
    insert->bind_text(1, std::string_view(values.ids[i])).bind(2, values.values[i]);
    insert->bind(3, static_cast<std::int64_t>(seq)).run();
  }
}

void ShardWriter::set_indexed(const std::vector<std::string>& paths) {
  const auto present = indexed_paths();
  for (const auto& path : present) {
    if (std::find(paths.begin(), paths.end(), path) != paths.end()) continue;
    database_.execute(fmt::format("DROP INDEX \"{}\"; DROP INDEX \"{}\"",
                                  index_name("filter", path), index_name("where", path)));
  }
  for (const auto& path : paths) {
    if (std::find(present.begin(), present.end(), path) != present.end()) continue;
    // One for filters, which compare within a type; one for `where`, which is plain SQL.
    database_.execute(
        fmt::format("CREATE INDEX \"{}\" ON versions(json_type(metadata, '{}'), metadata->>'{}');"
                    "CREATE INDEX \"{}\" ON versions({})",
                    index_name("filter", path), json_path(path), json_path(path),
                    index_name("where", path), where_operand(path)));
  }
}

RowSet ShardWriter::rows() {
  RowSet rows;
  auto select = database_.cached("SELECT row FROM versions");
  while (select->step()) rows.insert(select->column_int(0));
  return rows;
}

bool ShardWriter::checkpoint() {
  // Readers of the newest state may stay: everything reaches the file, and the WAL starts anew once
  // they go.
  auto run = database_.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  run.step();
  const auto busy = run.column_int(0) != 0;
  return !busy && run.column_int(1) == run.column_int(2);
}

}  // namespace mosaic::storage
