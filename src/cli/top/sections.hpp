// The parts of the screen of `mosaic top`, each a few lines with the most important first. Pure.
#pragma once

#include <vector>

#include "cli/styled_text.hpp"
#include "cli/top/screen.hpp"

namespace mosaic::cli::top {

using Lines = std::vector<StyledText>;

Lines header_lines(const View& view, std::size_t columns);
/// What is wrong, one line each; empty when nothing is.
Lines alarm_lines(const View& view);
Lines node_lines(const Figures& figures, std::size_t columns);
Lines history_lines(const View& view, std::size_t columns);
Lines request_lines(const Figures& figures, std::size_t columns);
Lines search_lines(const Figures& figures, std::size_t columns);
Lines ingest_lines(const Figures& figures, std::size_t columns);
Lines shard_lines(const Figures& figures, ShardOrder order, std::size_t columns);
Lines cache_lines(const Figures& figures, std::size_t columns);
Lines part_lines(const Figures& figures, std::size_t columns);
StyledText key_line(const View& view);

}  // namespace mosaic::cli::top
