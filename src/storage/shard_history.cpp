#include "storage/shard_history.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "storage/shard_file.hpp"

namespace mosaic::storage {
namespace {

constexpr std::int64_t kMsPerSecond = 1'000;

struct Mark {
  std::string_view key;
  std::uint64_t HistoryMarks::*value;
};

constexpr std::array<Mark, 7> kMarks = {{
    {"retention_s", &HistoryMarks::retention_s},
    {"history_from", &HistoryMarks::from},
    {"history_since", &HistoryMarks::since},
    {"vectors_from", &HistoryMarks::vectors_from},
    {"purged", &HistoryMarks::purged},
    {"purge_versions_from", &HistoryMarks::versions_from},
    {"purge_links_from", &HistoryMarks::links_from},
}};

bool has_marks(Database& database) {
  return database.query_int("SELECT count(*) FROM meta WHERE key = 'history_since'") != 0;
}

bool shown_by(std::span<const Seq> pins, Seq began, Seq ended) {
  const auto pin = std::lower_bound(pins.begin(), pins.end(), began);
  return pin != pins.end() && *pin < ended;
}

/// `sql` gives number, seq of the end and of the beginning of what ended in (?1, ?2], in the order
/// of their ends.
Expired expired(Database& database, const char* sql, Seq from, Seq floor, std::span<const Seq> pins,
                std::uint64_t limit) {
  Expired found;
  auto select = database.cached(sql);
  select->bind(1, static_cast<std::int64_t>(from)).bind(2, static_cast<std::int64_t>(floor));
  while (select->step()) {
    const auto ended = static_cast<Seq>(select->column_int(1));
    if (found.items.size() == limit) {
      // Of those that ended by the same entry some may still have to go.
      found.looked_to = std::max(from, ended - 1);
      return found;
    }
    if (shown_by(pins, static_cast<Seq>(select->column_int(2)), ended)) continue;
    found.items.push_back({select->column_int(0), ended});
  }
  found.looked_to = std::max(from, floor);
  return found;
}

/// Values of PageRank that were in force together.
struct PageRankRun {
  Seq ended = 0;
  Seq began = 0;
};

/// The first one that ended in (after, floor].
std::optional<PageRankRun> next_run(Database& database, Seq after, Seq floor) {
  auto select = database.cached(
      "SELECT seq_ended, seq FROM pagerank_history WHERE seq_ended > ?1 AND seq_ended <= ?2 "
      "ORDER BY seq_ended LIMIT 1");
  select->bind(1, static_cast<std::int64_t>(after)).bind(2, static_cast<std::int64_t>(floor));
  if (!select->step()) return std::nullopt;
  return PageRankRun{static_cast<Seq>(select->column_int(0)),
                     static_cast<Seq>(select->column_int(1))};
}

}  // namespace

HistoryMarks read_history_marks(Database& database) {
  HistoryMarks marks;
  if (!has_marks(database)) return marks;
  for (const auto& mark : kMarks)
    marks.*mark.value = static_cast<std::uint64_t>(read_meta(database, mark.key));
  return marks;
}

std::vector<Seq> read_pins(Database& database) {
  std::vector<Seq> pins;
  auto select = database.cached("SELECT DISTINCT seq FROM pins ORDER BY seq");
  while (select->step()) pins.push_back(static_cast<Seq>(select->column_int(0)));
  return pins;
}

Seq seq_at(Database& database, std::int64_t time_ms) {
  auto select =
      database.cached("SELECT seq FROM times WHERE time_ms <= ?1 ORDER BY time_ms DESC LIMIT 1");
  select->bind(1, time_ms);
  return select->step() ? static_cast<Seq>(select->column_int(0)) : 0;
}

// CROSS JOIN: SQLite then keeps the order of the tables, and so that of the ends.
Expired expired_versions(Database& database, Seq from, Seq floor, std::span<const Seq> pins,
                         std::uint64_t limit) {
  return expired(database,
                 "SELECT e.row, e.seq_ended, coalesce(a.seq, v.seq) FROM ended e CROSS JOIN "
                 "versions v ON v.row = e.row LEFT JOIN arrivals a ON a.row = e.row "
                 "WHERE e.seq_ended > ?1 AND e.seq_ended <= ?2 ORDER BY e.seq_ended, e.row",
                 from, floor, pins, limit);
}

Expired expired_links(Database& database, Seq from, Seq floor, std::span<const Seq> pins,
                      std::uint64_t limit) {
  return expired(database,
                 "SELECT x.edge, x.seq_ended, g.seq FROM ended_edges x CROSS JOIN edges g ON "
                 "g.edge = x.edge WHERE x.seq_ended > ?1 AND x.seq_ended <= ?2 "
                 "ORDER BY x.seq_ended, x.edge",
                 from, floor, pins, limit);
}

std::uint64_t expired_pagerank(Database& database, Seq floor, std::span<const Seq> pins) {
  std::uint64_t runs = 0;
  for (auto run = next_run(database, 0, floor); run; run = next_run(database, run->ended, floor))
    runs += shown_by(pins, run->began, run->ended) ? 0 : 1;
  return runs;
}

ShardHistory::ShardHistory(Database& database, Seq applied, std::uint64_t retention_s)
    : database_(database), marks_(read_history_marks(database)) {
  if (!has_marks(database)) {
    marks_.retention_s = retention_s;
    marks_.from = applied;
    marks_.since = retention_s > 0 ? applied : kNever;
    Transaction transaction(database);
    for (const auto& mark : kMarks)
      write_meta(database, mark.key, static_cast<std::int64_t>(marks_.*mark.value));
    transaction.commit();
  }
  marks_before_ = marks_;
}

void ShardHistory::write_marks() {
  for (const auto& mark : kMarks) {
    if (marks_.*mark.value == marks_before_.*mark.value) continue;
    write_meta(database_, mark.key, static_cast<std::int64_t>(marks_.*mark.value));
  }
}

void ShardHistory::version_ends(Row row) {
  if (!keeps()) return;
  auto remember = database_.cached(
      "INSERT INTO history_fts(rowid, title, text) SELECT row, title, text FROM versions "
      "WHERE row = ?1");
  remember->bind(1, row);
  remember->run();
}

void ShardHistory::pagerank_is_replaced(Seq seq) {
  if (!keeps()) return;
  auto remember = database_.cached(
      "INSERT INTO pagerank_history(seq_ended, id, value, seq) SELECT ?1, id, value, seq FROM "
      "pagerank");
  remember->bind(1, static_cast<std::int64_t>(seq));
  remember->run();
}

void ShardHistory::begin_snapshot(const SnapshotBegin& begin, Seq seq) {
  auto pin = database_.cached("INSERT OR IGNORE INTO pins(name, seq, kept) VALUES(?1, ?2, 0)");
  pin->bind_text(1, std::string_view(begin.name)).bind(2, static_cast<std::int64_t>(seq));
  pin->run();
}

void ShardHistory::keep_snapshot(const Snapshot& snapshot) {
  const auto pins = read_pins(database_);
  const bool whole =
      snapshot.seq >= marks_.from || std::binary_search(pins.begin(), pins.end(), snapshot.seq);
  drop_snapshot(snapshot.name);
  if (!whole) return;
  auto pin = database_.cached("INSERT INTO pins(name, seq, kept) VALUES(?1, ?2, 1)");
  pin->bind_text(1, std::string_view(snapshot.name));
  pin->bind(2, static_cast<std::int64_t>(snapshot.seq)).run();
}

void ShardHistory::drop_snapshot(std::string_view name) {
  auto drop = database_.cached("DELETE FROM pins WHERE name = ?1");
  drop->bind_text(1, name);
  drop->run();
  // What it alone has shown may go now.
  marks_.versions_from = 0;
  marks_.links_from = 0;
}

void ShardHistory::space_switched(Seq seq) {
  marks_.vectors_from = seq;
  marks_.from = std::max(marks_.from, seq);
}

std::uint64_t ShardHistory::purge(const Purge& purge, Seq seq, std::int64_t time_ms) {
  auto until_ms = purge.time_ms;
  // Whoever asked may not have known of a longer retention yet.
  if (marks_.retention_s > 0 && time_ms > 0)
    until_ms =
        std::min(until_ms, time_ms - static_cast<std::int64_t>(marks_.retention_s) * kMsPerSecond);
  const auto floor = std::min(seq_at(database_, until_ms), seq);
  if (floor == 0) return 0;
  const auto pins = read_pins(database_);
  const auto versions =
      expired_versions(database_, marks_.versions_from, floor, pins, purge.versions_max);
  for (const auto& version : versions.items) forget_version(version);
  marks_.versions_from = versions.looked_to;
  const auto links = expired_links(database_, marks_.links_from, floor, pins, purge.versions_max);
  for (const auto& link : links.items) {
    for (const auto* sql :
         {"DELETE FROM edges WHERE edge = ?1", "DELETE FROM ended_edges WHERE edge = ?1"}) {
      auto remove = database_.cached(sql);
      remove->bind(1, link.number);
      remove->run();
    }
  }
  marks_.links_from = links.looked_to;
  purge_pagerank(floor, pins, purge.versions_max);
  purge_times(floor, pins);
  marks_.purged = std::max(marks_.purged, floor);
  marks_.from = std::max(marks_.from, floor);
  return versions.items.size();
}

void ShardHistory::forget_version(const Expired::Item& version) {
  if (version.seq_ended > marks_.since) {
    // FTS5 over a view must be told the old text to forget it.
    auto forget = database_.cached(
        "INSERT INTO history_fts(history_fts, rowid, title, text) "
        "SELECT 'delete', row, title, text FROM versions WHERE row = ?1");
    forget->bind(1, version.number);
    forget->run();
  }
  for (const auto* sql :
       {"DELETE FROM versions WHERE row = ?1", "DELETE FROM ended WHERE row = ?1",
        "DELETE FROM vectors WHERE row = ?1", "DELETE FROM arrivals WHERE row = ?1",
        "DELETE FROM carried_links WHERE row = ?1"}) {
    auto remove = database_.cached(sql);
    remove->bind(1, version.number);
    remove->run();
  }
}

/// The values of one run end all at once.
void ShardHistory::purge_pagerank(Seq floor, std::span<const Seq> pins, std::uint64_t limit) {
  auto left = static_cast<std::int64_t>(limit);
  for (std::optional run = PageRankRun{}; left > 0;) {
    run = next_run(database_, run->ended, floor);
    if (!run) return;
    if (shown_by(pins, run->began, run->ended)) continue;
    auto remove = database_.cached(
        "DELETE FROM pagerank_history WHERE seq_ended = ?1 AND id IN (SELECT id FROM "
        "pagerank_history WHERE seq_ended = ?1 ORDER BY id LIMIT ?2)");
    remove->bind(1, static_cast<std::int64_t>(run->ended)).bind(2, left);
    remove->run();
    left -= database_.changes();
  }
}

/// A pin needs the moment it stood at first, and that of the state after it.
void ShardHistory::purge_times(Seq floor, std::span<const Seq> pins) {
  std::vector<std::int64_t> needed;
  for (const auto pin : pins) {
    auto select =
        database_.cached("SELECT time_ms FROM times WHERE seq >= ?1 ORDER BY time_ms LIMIT 2");
    select->bind(1, static_cast<std::int64_t>(pin));
    while (select->step()) needed.push_back(select->column_int(0));
  }
  auto remove =
      database_.prepare(fmt::format("DELETE FROM times WHERE seq < ?1 AND time_ms NOT IN "
                                    "({})",
                                    fmt::join(needed, ",")));
  remove.bind(1, static_cast<std::int64_t>(floor)).run();
}

void ShardHistory::entry_applied(Seq seq, std::int64_t time_ms, bool dated) {
  const bool kept = keeps();
  const bool wanted = is_wanted();
  if (wanted && !kept) marks_.since = seq;
  if (!wanted && kept) stop();
  if (!kept || !wanted) marks_.from = seq;
  if (time_ms <= 0 || !dated) return;
  auto note = database_.cached(
      "INSERT INTO times(time_ms, seq) VALUES(max(?1, coalesce((SELECT max(time_ms) FROM times), "
      "0)), ?2) ON CONFLICT(time_ms) DO UPDATE SET seq = excluded.seq");
  note->bind(1, time_ms).bind(2, static_cast<std::int64_t>(seq)).run();
}

bool ShardHistory::is_wanted() {
  if (marks_.retention_s > 0) return true;
  auto any = database_.cached("SELECT 1 FROM pins LIMIT 1");
  return any->step();
}

/// Nothing of before can be asked for any more; rows of it go with the next purges.
void ShardHistory::stop() {
  marks_.since = kNever;
  database_.execute(
      "INSERT INTO history_fts(history_fts) VALUES('delete-all'); DELETE FROM pagerank_history");
}

}  // namespace mosaic::storage
