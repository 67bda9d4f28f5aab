// `mosaic check`: shows what a check of a data folder finds, while it runs and at its end.
#pragma once

#include <filesystem>
#include <functional>

#include "base/check_report.hpp"
#include "cli/terminal.hpp"
#include "mosaic/result.hpp"

namespace mosaic::cli {

struct CheckArguments {
  std::string folder;
  bool repair = false;
  bool json = false;
};

/// Checks a folder, repairs if told so; writes how far it is. invalid_argument when it is no data
/// folder, unavailable when a node is using it.
using Check =
    std::function<Result<CheckReport>(const std::filesystem::path&, bool repair, CheckProgress&)>;

/// 0: sound. 1: something is damaged and was not repaired. Throws UsageError when the folder cannot
/// be checked.
int run_check(const CheckArguments& arguments, const Console& console, const Check& check);

}  // namespace mosaic::cli
