#include "cli/top/sections.hpp"

#include <fmt/format.h>

#include "cli/top/facts.hpp"
#include "cli/top/numbers.hpp"

namespace mosaic::cli::top {
namespace {

constexpr double kLittle = 0.1;

Style status_style(const std::string& status) {
  if (status == "ok") return Style::kGood;
  return status == "not ready" ? Style::kBad : Style::kWarn;
}

void add_limit_alarms(const Figures& figures, Lines& lines) {
  for (const auto& limit : figures.limits) {
    if (!limit.reached) continue;
    lines.emplace_back(fmt::format("limit reached: {}; writes are refused ({}/s)", limit.limit,
                                   rate_text(limit.refused_per_s)),
                       Style::kBad);
  }
  for (const auto& door : figures.doors) {
    if (!door.overloaded) continue;
    lines.emplace_back(fmt::format("overloaded: the {} door refuses {}/s", door.door,
                                   rate_text(door.refused_per_s)),
                       Style::kBad);
  }
}

void add_node_alarms(const Figures& figures, Lines& lines) {
  const auto& node = figures.node;
  for (const auto& part : figures.parts) {
    if (part.up == 0.0) lines.emplace_back("down: " + part.part, Style::kBad);
    if (positive(part.new_restarts)) {
      lines.emplace_back(fmt::format("restarted: {} ({} times since the start of the node)",
                                     part.part, count_text(part.restarts)),
                         Style::kWarn);
    }
  }
  if (positive(node.refused_connections_per_s)) {
    lines.emplace_back(
        fmt::format("connections refused: {}/s", rate_text(node.refused_connections_per_s)),
        Style::kBad);
  }
  if (positive(node.logged_errors)) {
    lines.emplace_back(fmt::format("errors in the log: {}", count_text(node.logged_errors)),
                       Style::kWarn);
  }
}

}  // namespace

Lines header_lines(const View& view, std::size_t columns) {
  StyledText line;
  if (view.figures) {
    const auto& node = view.figures->node;
    auto status = node.status;
    if (status == "not ready") status = "NOT READY";
    // What the node said last is no news while it is silent.
    const auto style = view.trouble.empty() ? status_style(node.status) : Style::kDim;
    line.add(node.name.empty() ? "node" : node.name, Style::kBold)
        .add("  ")
        .add(view.trouble.empty() ? status : status + " (last answer)", style)
        .add("  mosaic " + (node.version.empty() ? kNothingSeen : node.version), Style::kDim)
        .add("  ")
        .add(fact("up", uptime_text(node.uptime_s)));
  } else {
    line.add("mosaic top", Style::kBold);
    if (view.trouble.empty()) line.add("  waiting for a second sample", Style::kDim);
  }
  StyledText right(view.url, Style::kDim);
  right.add("  ").add(fmt::format("every {:g} s", view.interval_s), Style::kDim);
  if (view.paused) right.add("  ").add("PAUSED", Style::kWarn);
  line.add("  ");
  if (line.width() + right.width() <= columns) line.pad_to(columns - right.width());
  return {line.add(right)};
}

Lines alarm_lines(const View& view) {
  Lines lines;
  if (!view.trouble.empty()) lines.emplace_back(view.trouble, Style::kBad);
  if (!view.figures) return lines;
  add_limit_alarms(*view.figures, lines);
  add_node_alarms(*view.figures, lines);
  return lines;
}

Lines node_lines(const Figures& figures, std::size_t columns) {
  const auto& node = figures.node;
  const auto free_share = ratio(node.disk_free_bytes, node.disk_bytes);
  Number memory_limit;
  for (const auto& limit : figures.limits) {
    if (limit.limit == "memory" && positive(limit.value)) memory_limit = limit.value;
  }
  return flow(
      "NODE",
      {fact("memory", of_text(bytes_text(node.memory_bytes), bytes_text(memory_limit))),
       fact("cpu", percent_text(node.cpu)), fact("threads", count_text(node.threads)),
       fact("files", of_text(count_text(node.files), count_text(node.files_max))),
       fact("disk free", of_text(bytes_text(node.disk_free_bytes), bytes_text(node.disk_bytes)),
            bad_if(free_share && *free_share < kLittle)),
       fact("connections", of_text(count_text(node.connections), count_text(node.connections_max))),
       fact("bodies", of_text(bytes_text(node.bodies_bytes), bytes_text(node.bodies_bytes_max))),
       fact("collections", count_text(node.collections)),
       fact("documents", count_text(node.documents)),
       fact("jobs running", count_text(node.jobs_running))},
      columns);
}

Lines history_lines(const View& view, std::size_t columns) {
  const auto& requests = view.figures->requests;
  const auto tail = " " + rate_text(requests.per_s);
  // Two curves side by side, else one above the other.
  const auto half = columns / 2 > kTitleColumns + 16 ? columns / 2 - kTitleColumns - 10 : 10;
  const auto curve = [&](const std::vector<Number>& values) {
    const auto cells = std::min(half, kHistoryMax);
    StyledText line;
    line.add(std::string(cells - std::min(cells, values.size()), ' '));
    return line.add(sparkline(values, cells), Style::kGood);
  };
  return flow("LOAD",
              {StyledText("req/s ", Style::kDim)
                   .add(curve(view.history.requests_per_s()))
                   .add(" ")
                   .add(rate_text(requests.per_s), Style::kBold),
               StyledText("p99 ", Style::kDim)
                   .add(curve(view.history.p99_s()))
                   .add(" ")
                   .add(seconds_text(requests.latency.p99_s), Style::kBold)},
              columns);
}

Lines cache_lines(const Figures& figures, std::size_t columns) {
  Lines facts;
  for (const auto& cache : figures.caches) {
    auto text = fact(cache.cache, percent_text(cache.hit_ratio));
    text.add(" ").add(framed_bar(cache.hit_ratio));
    text.add(fmt::format(" of {}/s, {} entries, {}", rate_text(cache.per_s),
                         count_text(cache.entries), bytes_text(cache.bytes)));
    if (positive(cache.failed_per_s)) {
      text.add(fmt::format(", {} errors/s", rate_text(cache.failed_per_s)), Style::kBad);
    }
    facts.push_back(std::move(text));
  }
  if (facts.empty()) facts.emplace_back(kNothingSeen, Style::kDim);
  return flow("CACHES", facts, columns);
}

Lines part_lines(const Figures& figures, std::size_t columns) {
  Lines facts;
  for (const auto& part : figures.parts) {
    if (!part.up && !positive(part.restarts)) continue;  // Some are only counted when they restart.
    auto text = fact(part.part, part.up ? count_text(part.up) : "", bad_if(part.up == 0.0));
    if (positive(part.restarts)) {
      text.add(fmt::format(" ({} restarts)", count_text(part.restarts)), Style::kWarn);
    }
    facts.push_back(std::move(text));
  }
  if (facts.empty()) facts.emplace_back(kNothingSeen, Style::kDim);
  return flow("PARTS", facts, columns);
}

StyledText key_line(const View& view) {
  return StyledText("q", Style::kBold)
      .add(" quit  ", Style::kDim)
      .add("s", Style::kBold)
      .add(fmt::format(" shards by {}  ", to_string(next(view.order))), Style::kDim)
      .add("p", Style::kBold)
      .add(view.paused ? " go on" : " pause", Style::kDim)
      .add("   …/ is /api/v1/collections/{name}/", Style::kDim);
}

}  // namespace mosaic::cli::top
