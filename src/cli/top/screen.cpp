#include "cli/top/screen.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/text_width.hpp"
#include "cli/top/numbers.hpp"
#include "cli/top/sections.hpp"

namespace mosaic::cli::top {
namespace {

constexpr std::size_t kAlarmsLeast = 3;
constexpr std::size_t kRoutesLeast = 5;
constexpr std::size_t kShardsLeast = 6;

struct Section {
  Lines lines;
  std::size_t least;  ///< with fewer lines it says too little
  unsigned turn;      ///< the lower ones get their lines first
  bool is_list = false;
  std::size_t granted = 0;
};

std::vector<Section> sections_of(const View& view, std::size_t columns) {
  std::vector<Section> sections = {{header_lines(view, columns), 1, 0},
                                   {alarm_lines(view), kAlarmsLeast, 1, true}};
  if (view.figures) {
    const auto& figures = *view.figures;
    sections.push_back({node_lines(figures, columns), 1, 7});
    sections.push_back({history_lines(view, columns), 1, 5});
    sections.push_back({request_lines(figures, columns), kRoutesLeast, 2, true});
    sections.push_back({search_lines(figures, columns), 3, 4});
    sections.push_back({ingest_lines(figures, columns), 1, 6});
    sections.push_back({shard_lines(figures, view.order, columns), kShardsLeast, 3, true});
    sections.push_back({cache_lines(figures, columns), 1, 9});
    sections.push_back({part_lines(figures, columns), 1, 10});
  }
  if (view.keys) sections.push_back({{key_line(view)}, 1, 8});
  return sections;
}

/// Grants the rows: to each its least by turn, then to each, by turn, what else it has to say; a
/// list takes the rest last, because it may be as long as it likes.
void grant(std::vector<Section>& sections, std::size_t rows) {
  std::vector<Section*> turns;
  for (auto& section : sections) turns.push_back(&section);
  std::sort(turns.begin(), turns.end(), [](auto* a, auto* b) { return a->turn < b->turn; });
  const auto give = [&rows](Section& section, std::size_t wanted) {
    const auto more = std::min(rows, std::min(wanted, section.lines.size()) - section.granted);
    section.granted += more;
    rows -= more;
  };
  for (auto* section : turns) give(*section, section->least);
  for (const bool list : {false, true}) {
    for (auto* section : turns) {
      if (section->is_list == list) give(*section, section->lines.size());
    }
  }
}

/// The lines of a section that there is room for; a list says how many are missing.
Lines shown(const Section& section) {
  Lines lines(section.lines.begin(),
              section.lines.begin() + static_cast<std::ptrdiff_t>(section.granted));
  const auto missing = section.lines.size() - section.granted;
  if (section.is_list && missing > 0 && lines.size() > 2) {
    lines.back() = StyledText(fmt::format("… and {} lines more", missing + 1), Style::kDim);
  }
  return lines;
}

/// Blank lines between sections are for terminals that have room for everything.
bool has_room_for_gaps(const std::vector<Section>& sections, std::size_t rows) {
  std::size_t lines = sections.size();
  for (const auto& section : sections) lines += section.lines.size();
  return lines <= rows;
}

Number hit_ratio(const Figures& figures) {
  Number all;
  Number hits;
  for (const auto& cache : figures.caches) {
    if (!cache.per_s || !cache.hit_ratio) continue;
    all = all.value_or(0) + *cache.per_s;
    hits = hits.value_or(0) + *cache.per_s * *cache.hit_ratio;
  }
  return all && *all > 0 ? Number(*hits / *all) : std::nullopt;
}

Number restarts(const Figures& figures) {
  Number sum;
  for (const auto& part : figures.parts) {
    if (part.restarts) sum = sum.value_or(0) + *part.restarts;
  }
  return sum;
}

}  // namespace

std::vector<std::string> render_screen(const View& view, ScreenSize size, bool styled) {
  auto sections = sections_of(view, size.columns);
  std::erase_if(sections, [](const Section& section) { return section.lines.empty(); });
  const bool gaps = has_room_for_gaps(sections, size.rows);
  grant(sections, size.rows);
  std::vector<std::string> out;
  for (const auto& section : sections) {
    if (gaps && !out.empty()) out.emplace_back();
    for (const auto& line : shown(section)) out.push_back(line.print(size.columns, styled));
  }
  return out;
}

std::string render_line(const View& view) {
  if (!view.trouble.empty()) return one_line(view.trouble);
  if (!view.figures) return "";
  const auto& figures = *view.figures;
  const auto& node = figures.node;
  return one_line(fmt::format(
      "{}: {}, {} req/s, {} failed/s, p50 {}, p99 {}, {} documents/s, lag {}, queue {}, cache hits "
      "{}, memory {}, cpu {}, shards up {}, down {}, restarts {}",
      node.name, node.status, rate_text(figures.requests.per_s),
      rate_text(figures.requests.failed_per_s), seconds_text(figures.requests.latency.p50_s),
      seconds_text(figures.requests.latency.p99_s), rate_text(figures.ingest.upserted_per_s),
      count_text(figures.ingest.lag_entries), bytes_text(figures.ingest.queue_bytes),
      percent_text(hit_ratio(figures)), bytes_text(node.memory_bytes), percent_text(node.cpu),
      count_text(node.shards_up), count_text(node.shards_down), count_text(restarts(figures))));
}

}  // namespace mosaic::cli::top
