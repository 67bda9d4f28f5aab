#include <fmt/format.h>

#include <algorithm>

#include "cli/top/facts.hpp"
#include "cli/top/numbers.hpp"
#include "cli/top/sections.hpp"
#include "cli/top/table.hpp"

namespace mosaic::cli::top {
namespace {

using Cell = TopTable::Cell;

constexpr std::size_t kBarColumns = 10;

/// Dimmed where nothing happened, so that the eye goes to what did.
Cell rate_cell(const Number& per_s) {
  return {rate_text(per_s), positive(per_s) ? Style::kPlain : Style::kDim};
}

Cell trouble_cell(const Number& per_s, Style style) {
  return {rate_text(per_s), positive(per_s) ? style : Style::kDim};
}

std::string latency_text(const Latency& latency) {
  return seconds_text(latency.p50_s) + " / " + seconds_text(latency.p99_s);
}

/// The collection of most routes is left out: their ends tell them apart.
std::string route_name(const RouteFigures& route) {
  constexpr std::string_view kCollection = "/api/v1/collections/{name}/";
  const auto path = route.route.starts_with(kCollection)
                        ? "…/" + route.route.substr(kCollection.size())
                        : route.route;
  return route.method + ' ' + path;
}

void add_latency(std::vector<Cell>& cells, const Latency& latency) {
  for (const auto& number : {latency.p50_s, latency.p95_s, latency.p99_s}) {
    cells.push_back({seconds_text(number), number ? Style::kPlain : Style::kDim});
  }
}

void add_route(TopTable& table, const std::string& name, const RouteFigures& route, Style style) {
  std::vector<Cell> cells = {{name, style},
                             rate_cell(route.per_s),
                             trouble_cell(route.refused_per_s, Style::kWarn),
                             trouble_cell(route.failed_per_s, Style::kBad)};
  add_latency(cells, route.latency);
  cells.push_back({route.share ? bar(*route.share, kBarColumns) : ""});
  table.add_row(std::move(cells));
}

StyledText door_fact(const DoorFigures& door) {
  const auto text = of_text(count_text(door.in_flight), count_text(door.limit));
  auto out = fill_fact(door.door + " door", door.in_flight, door.limit, text);
  return out.add(" ")
      .add(rate_text(door.refused_per_s),
           positive(door.refused_per_s) ? Style::kBad : Style::kPlain)
      .add(" refused/s", Style::kDim);
}

Lines doors_of(const Figures& figures, std::string_view name) {
  Lines facts;
  for (const auto& door : figures.doors) {
    if (door.door == name) facts.push_back(door_fact(door));
  }
  return facts;
}

void append(Lines& lines, Lines more) {
  std::move(more.begin(), more.end(), std::back_inserter(lines));
}

/// "packages/0"; the node adds up what has no series of its own.
std::string shard_name(const ShardFigures& shard) {
  if (shard.collection == "_other") return "(all others)";
  return shard.collection + '/' + shard.shard;
}

Style state_style(const ShardFigures& shard) {
  if (shard.state == "up") return Style::kGood;
  if (shard.state == "-") return Style::kDim;
  return shard.state == "starting" ? Style::kWarn : Style::kBad;
}

}  // namespace

Lines request_lines(const Figures& figures, std::size_t columns) {
  TopTable table({{"REQUESTS", 28, 0, true},
                  {"req/s", 7, 0},
                  {"4xx/s", 6, 4},
                  {"5xx/s", 6, 1},
                  {"p50", 7, 3},
                  {"p95", 7, 5},
                  {"p99", 7, 2},
                  {"share", kBarColumns, 6, true}});
  add_route(table, "all", figures.requests, Style::kBold);
  for (const auto& route : figures.routes) {
    if (!positive(route.requests)) continue;  // A node has series of routes that nobody calls, too.
    add_route(table, route_name(route), route, positive(route.per_s) ? Style::kPlain : Style::kDim);
  }
  return table.lines(columns);
}

Lines search_lines(const Figures& figures, std::size_t columns) {
  TopTable table({{"SEARCH", 28, 0, true},
                  {"per s", 7, 0},
                  {"part/s", 6, 4},
                  {"err/s", 6, 1},
                  {"p50", 7, 3},
                  {"p95", 7, 5},
                  {"p99", 7, 2}});
  bool searched = false;
  for (const auto& mode : figures.search.modes) {
    if (!positive(mode.searches)) continue;
    searched = true;
    std::vector<Cell> cells = {{mode.mode, positive(mode.per_s) ? Style::kPlain : Style::kDim},
                               rate_cell(mode.per_s),
                               trouble_cell(mode.partial_per_s, Style::kWarn),
                               trouble_cell(mode.failed_per_s, Style::kBad)};
    add_latency(cells, mode.latency);
    table.add_row(std::move(cells));
  }
  if (!searched) {
    table.add_row(std::vector<Cell>(7, Cell{kNothingSeen, Style::kDim}));
  }
  auto lines = table.lines(columns);
  Lines stages;
  for (const auto& stage : figures.search.stages) {
    if (!stage.mean_s) continue;
    stages.push_back(
        fact(stage.stage, seconds_text(stage.mean_s)).add(" ").add(framed_bar(stage.share)));
  }
  append(lines, flow(" stages", stages, columns));
  auto doors = doors_of(figures, "search");
  doors.push_back(fact("started again", rate_text(figures.search.retries_per_s) + "/s"));
  doors.push_back(fact("slow", rate_text(figures.search.slow_per_s) + "/s"));
  append(lines, flow(" queue", doors, columns));
  return lines;
}

Lines ingest_lines(const Figures& figures, std::size_t columns) {
  const auto& ingest = figures.ingest;
  Lines lines = flow(
      "INGEST",
      {fact("documents", rate_text(ingest.upserted_per_s) + "/s"),
       fact("deleted", rate_text(ingest.deleted_per_s) + "/s"),
       fact("batches", rate_text(ingest.batches_per_s) + "/s"),
       fact("errors", rate_text(ingest.failed_per_s) + "/s", bad_if(positive(ingest.failed_per_s))),
       fact("commit p50 / p99", latency_text(ingest.commit)),
       fact("apply p50 / p99", latency_text(ingest.apply))},
      columns);
  append(lines,
         flow(" log",
              {fact("seq", count_text(ingest.log_seq)), fact("lag", count_text(ingest.lag_entries)),
               fact("entries", count_text(ingest.log_entries)),
               fact("size", bytes_text(ingest.log_bytes))},
              columns));
  auto queues = doors_of(figures, "write");
  queues.push_back(
      fill_fact("apply queue", ingest.queue_bytes, ingest.queue_bytes_max,
                of_text(bytes_text(ingest.queue_bytes), bytes_text(ingest.queue_bytes_max))));
  queues.push_back(fact("waiting for commit", count_text(ingest.waiting_commit)));
  queues.push_back(fact("for apply", count_text(ingest.waiting_apply)));
  append(lines, flow(" queue", queues, columns));
  return lines;
}

Lines shard_lines(const Figures& figures, ShardOrder order, std::size_t columns) {
  TopTable table({{"SHARDS by " + std::string(to_string(order)), 28, 0, true},
                  {"state", 8, 0, true},
                  {"search/s", 8, 1},
                  {"mean", 7, 2},
                  {"docs", 7, 3},
                  {"bytes", 8, 5},
                  {"memory", 8, 6},
                  {"restarts", 8, 4}});
  auto shards = figures.shards;
  sort_shards(shards, order);
  for (const auto& shard : shards) {
    table.add_row(
        {{shard_name(shard), bad_if(shard.failing())},
         {shard.state, state_style(shard)},
         rate_cell(shard.searches_per_s),
         {seconds_text(shard.search_mean_s)},
         {count_text(shard.documents)},
         {bytes_text(shard.bytes)},
         {bytes_text(shard.memory_bytes)},
         {count_text(shard.restarts), positive(shard.restarts) ? Style::kWarn : Style::kDim}});
    if (!shard.error.empty()) table.add_note({shard.error, Style::kBad});
  }
  if (shards.empty()) table.add_row(std::vector<Cell>(8, Cell{kNothingSeen, Style::kDim}));
  const auto& node = figures.node;
  const auto counts = flow(
      " all",
      {fact("up", count_text(node.shards_up)), fact("starting", count_text(node.shards_starting)),
       fact("down", count_text(node.shards_down), bad_if(positive(node.shards_down))),
       fact("parked", count_text(node.shards_parked), bad_if(positive(node.shards_parked)))},
      columns);
  // The counts stand above the list, which may be cut.
  auto lines = table.lines(columns);
  lines.insert(lines.begin() + 1, counts.begin(), counts.end());
  return lines;
}

}  // namespace mosaic::cli::top
