// The program `mosaic`: reads its command line, runs the command and turns whatever happens into an
// exit code and at most one line on stderr.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/node_settings.hpp"
#include "cli/check_command.hpp"
#include "cli/config.hpp"
#include "cli/terminal.hpp"

namespace mosaic::cli {

constexpr int kExitDone = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

/// Runs a node until it is told to stop and gives back the exit code; may throw Failure.
using Serve = std::function<int(const NodeSettings&)>;

/// For main(): everything from the process.
int run(int argc, char** argv, const Serve& serve, const Check& check);

/// The same with its surroundings given. `words` come without the program's name.
int run(const std::vector<std::string>& words, const Environment& environment,
        const Console& console, const Serve& serve, const Check& check = {});

}  // namespace mosaic::cli
