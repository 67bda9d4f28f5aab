// Facts, "name value", and how they stand behind one another in a section of `mosaic top`. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/styled_text.hpp"
#include "cli/top/interval.hpp"

namespace mosaic::cli::top {

constexpr std::size_t kTitleColumns = 9;
constexpr auto kNothingSeen = "-";

/// The facts behind a title, on as many lines as they need; none is torn.
std::vector<StyledText> flow(std::string_view title, const std::vector<StyledText>& facts,
                             std::size_t columns);

/// "name value": the name dimmed.
StyledText fact(std::string_view name, std::string_view value, Style style = Style::kPlain);

/// A fact with a bar that says how much of `limit` is taken; a warning where it is nearly all.
StyledText fill_fact(std::string_view name, const Number& value, const Number& limit,
                     const std::string& text);

/// "[███   ]"
StyledText framed_bar(const Number& share, Style style = Style::kPlain);

bool positive(const Number& number);
Style bad_if(bool bad);
Number ratio(const Number& value, const Number& whole);

}  // namespace mosaic::cli::top
