#include "storage/past_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/rfc3339.hpp"
#include "storage/shard_file.hpp"

namespace mosaic::storage {
namespace {

/// A few moments alone are worth no purge.
constexpr std::uint64_t kTimesWorthAPurge = 1'000;

std::int64_t number(Seq seq) {
  return static_cast<std::int64_t>(seq);
}

}  // namespace

Result<Seq> PastReader::resolve(const AsOf& as_of) {
  if (as_of.text.empty()) {
    if (const auto last = newest(); as_of.seq > last) {
      return invalid(fmt::format("as_of is {}, the newest state of the collection is seq {}",
                                 as_of.seq, last));
    }
    if (const auto kept = check(as_of.seq); !kept) return kept.error();
    return as_of.seq;
  }
  if (const auto time_ms = parse_rfc3339(as_of.text)) return at_time(*time_ms, as_of.text);
  return no_such_state(as_of.text);
}

Result<Seq> PastReader::at_time(std::int64_t time_ms, const std::string& text) {
  const auto last = database_.query_int("SELECT coalesce(max(time_ms), 0) FROM times");
  if (last <= time_ms) return newest();
  const auto seq = seq_at(database_, time_ms);
  if (seq != 0 && check(seq)) return seq;
  return Error{ErrorCode::kNotFound,
               fmt::format("as_of is '{}', but the state of that time is not kept: the oldest that "
                           "is is seq {}{}",
                           text, oldest(), moment_of(oldest()))};
}

Status PastReader::check(Seq seq) {
  const auto marks = read_history_marks(database_);
  const auto pins = read_pins(database_);
  const bool pinned = std::binary_search(pins.begin(), pins.end(), seq);
  if (pinned && seq < marks.vectors_from) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("the state at seq {} is kept, but its vectors are not: at seq {} the "
                             "collection went over to another embedder",
                             seq, marks.vectors_from)};
  }
  if (pinned || seq >= oldest()) return {};
  return Error{ErrorCode::kNotFound,
               fmt::format("the state at seq {} is not kept: the oldest that is is seq {}{}", seq,
                           oldest(), moment_of(oldest()))};
}

/// A collection begins with the entry that made it.
Seq PastReader::oldest() {
  const auto made = static_cast<Seq>(read_meta(database_, "collection"));
  return std::max(read_history_marks(database_).from, made);
}

Seq PastReader::newest() {
  const auto made = static_cast<Seq>(read_meta(database_, "collection"));
  return std::max(static_cast<Seq>(read_meta(database_, "applied_seq")), made);
}

Seq PastReader::purged() {
  return read_history_marks(database_).purged;
}

/// For an error: when the state came to be, as far as is known.
std::string PastReader::moment_of(Seq seq) {
  auto select =
      database_.cached("SELECT time_ms FROM times WHERE seq >= ?1 ORDER BY time_ms LIMIT 1");
  select->bind(1, number(seq));
  if (!select->step()) return "";
  return fmt::format(" of {}", to_rfc3339(select->column_int(0)));
}

Past PastReader::open(Seq seq) {
  Past past{seq, last_row_at(seq), 0};
  auto select = database_.cached(
      "SELECT seq_ended FROM pagerank_history WHERE seq_ended > ?1 ORDER BY seq_ended LIMIT 1");
  select->bind(1, number(seq));
  if (select->step()) past.pagerank_ended = static_cast<Seq>(select->column_int(0));
  return past;
}

Row PastReader::last_row_at(Seq seq) {
  // [low, high): the rows among which the first later one is.
  Row low = 1;
  Row high = database_.query_int("SELECT coalesce(max(row), 0) FROM versions") + 1;
  while (low < high) {
    const Row middle = low + (high - low) / 2;
    auto select = database_.cached(
        "SELECT v.row, coalesce(a.seq, v.seq) FROM versions v LEFT JOIN arrivals a ON a.row = "
        "v.row WHERE v.row >= ?1 ORDER BY v.row LIMIT 1");
    select->bind(1, middle);
    if (select->step() && static_cast<Seq>(select->column_int(1)) <= seq) {
      low = select->column_int(0) + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

RowSet PastReader::live(const Past& past) {
  RowSet live;
  auto rows = database_.cached("SELECT row FROM versions WHERE row <= ?1");
  rows->bind(1, past.last_row);
  while (rows->step()) live.insert(rows->column_int(0));
  RowSet gone;
  auto ended = database_.cached("SELECT row FROM ended WHERE seq_ended <= ?1");
  ended->bind(1, number(past.seq));
  while (ended->step()) gone.insert(ended->column_int(0));
  live -= gone;
  return live;
}

std::optional<Row> PastReader::find(const Past& past, std::string_view id) {
  // Only the newest version of then can have been live.
  auto newest = database_.cached(
      "SELECT v.row, e.seq_ended FROM versions v LEFT JOIN ended e ON e.row = v.row "
      "WHERE v.id = ?1 AND v.row <= ?2 ORDER BY v.row DESC LIMIT 1");
  newest->bind_text(1, id).bind(2, past.last_row);
  if (!newest->step()) return std::nullopt;
  if (!newest->is_null(1) && static_cast<Seq>(newest->column_int(1)) <= past.seq)
    return std::nullopt;
  return newest->column_int(0);
}

std::vector<std::pair<Row, std::string>> PastReader::list_after(const Past& past,
                                                                std::string_view after,
                                                                std::size_t limit) {
  auto select = database_.cached(
      "SELECT row, id FROM versions v WHERE id > ?1 AND +row <= ?3 AND NOT EXISTS "
      "(SELECT 1 FROM ended e WHERE e.row = v.row AND e.seq_ended <= ?4) ORDER BY id LIMIT ?2");
  select->bind_text(1, after).bind(2, static_cast<std::int64_t>(limit));
  select->bind(3, past.last_row).bind(4, number(past.seq));
  std::vector<std::pair<Row, std::string>> documents;
  while (select->step()) documents.emplace_back(select->column_int(0), select->column_text(1));
  return documents;
}

std::optional<double> PastReader::pagerank_of(const Past& past, std::string_view id) {
  auto select = database_.cached(
      "SELECT value FROM pagerank_history WHERE seq_ended = ?1 AND id = ?2 AND seq <= ?3 "
      "UNION ALL SELECT value FROM pagerank WHERE id = ?2 AND seq <= ?3");
  select->bind(1, number(past.pagerank_ended)).bind_text(2, id).bind(3, number(past.seq));
  if (!select->step()) return std::nullopt;
  return select->column_double(0);
}

std::vector<Link> PastReader::links_of(const Past& past, Row row, std::string_view id) {
  std::vector<Link> links;
  const auto read = [&](Statement& select) {
    while (select.step()) {
      links.push_back({std::string(select.column_text(0)), std::string(select.column_text(1)),
                       select.column_double(2)});
    }
  };
  auto carried = database_.cached(
      "SELECT target, kind, weight FROM carried_links WHERE row = ?1 ORDER BY position");
  carried->bind(1, row);
  read(*carried);
  if (!links.empty()) return links;
  auto select = database_.cached(
      "SELECT target, kind, weight FROM edges e WHERE source = ?1 AND seq <= ?2 AND NOT EXISTS "
      "(SELECT 1 FROM ended_edges x WHERE x.edge = e.edge AND x.seq_ended <= ?2) ORDER BY edge");
  select->bind_text(1, id).bind(2, number(past.seq));
  read(*select);
  return links;
}

void PastReader::for_each_ended_vector(
    const Past& past, const RowSet& rows,
    const std::function<void(Row, std::string_view, std::string_view)>& visit) {
  auto ended = database_.cached("SELECT row FROM ended WHERE seq_ended > ?1");
  ended->bind(1, number(past.seq));
  auto stored = database_.cached(
      "SELECT v.id, x.vector FROM vectors x JOIN versions v ON v.row = x.row WHERE x.row = ?1");
  while (ended->step()) {
    const Row row = ended->column_int(0);
    if (!rows.contains(row)) continue;
    stored->reset();
    stored->bind(1, row);
    if (stored->step()) visit(row, stored->column_text(0), stored->column_blob(1));
  }
}

std::uint64_t PastReader::purgeable(std::int64_t time_ms, std::uint64_t limit) {
  const auto floor = seq_at(database_, time_ms);
  if (floor == 0) return 0;
  const auto marks = read_history_marks(database_);
  const auto pins = read_pins(database_);
  const auto versions = expired_versions(database_, marks.versions_from, floor, pins, limit);
  const auto links = expired_links(database_, marks.links_from, floor, pins, limit);
  auto times =
      database_.cached("SELECT count(*) FROM (SELECT 1 FROM times WHERE seq < ?1 LIMIT ?2)");
  times->bind(1, number(floor));
  times->bind(2, static_cast<std::int64_t>(kTimesWorthAPurge + 2 * pins.size()));
  times->step();
  const auto moments = static_cast<std::uint64_t>(times->column_int(0));
  return versions.items.size() + links.items.size() + expired_pagerank(database_, floor, pins) +
         (moments < kTimesWorthAPurge + 2 * pins.size() ? 0 : moments);
}

}  // namespace mosaic::storage
