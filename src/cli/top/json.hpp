// The figures of `mosaic top` for programs: one JSON object on one line for each interval. Pure.
// What the node does not export is null; names end in their unit.
#pragma once

#include <string>
#include <string_view>

#include "cli/top/figures.hpp"

namespace mosaic::cli::top {

std::string figures_json(const Figures& figures, std::string_view url);

/// The interval brought no answer.
std::string trouble_json(std::string_view trouble, std::string_view url);

}  // namespace mosaic::cli::top
