// What `mosaic top` is asked to do, and its options on the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>

#include "cli/api_client.hpp"

namespace mosaic::cli {

constexpr std::chrono::milliseconds kTopIntervalMin{200};
constexpr std::chrono::milliseconds kTopIntervalMax{60'000};

struct TopArguments {
  Server server;
  std::chrono::milliseconds interval{1'000};
  bool once = false;
  bool json = false;
};

/// Adds the options to the command. They write into `arguments`, which stays where it is.
void add_top_options(CLI::App& command, TopArguments& arguments);

}  // namespace mosaic::cli
