#include <thread>

#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/top/json.hpp"
#include "cli/top/sampler.hpp"
#include "cli/top/terminal.hpp"
#include "cli/top/watch.hpp"

namespace mosaic::cli {
namespace {

using std::chrono::steady_clock;

constexpr int kRedrawMs = 1'000;  ///< the time since the last answer goes on

top::Watch watch_of(const TopArguments& arguments) {
  return {arguments.server.url, arguments.interval, steady_clock::now()};
}

/// Ends by a key or a signal.
int run_screen(const TopArguments& arguments, const Console& console) {
  auto watch = watch_of(arguments);
  top::TopTerminal terminal(console.out);
  top::Sampler sampler(arguments.server, arguments.interval);
  if (terminal.has_keys()) watch.show_keys();
  for (auto wish = top::Wish::kRedraw; wish != top::Wish::kQuit && console.out;) {
    if (wish == top::Wish::kSort) watch.next_order();
    if (wish == top::Wish::kPause) watch.pause_or_go_on();
    if (auto sample = sampler.take()) watch.take(std::move(*sample));
    terminal.draw(top::render_screen(watch.view(steady_clock::now()), terminal.size(),
                                     console.out_terminal.styled));
    wish = terminal.wait(sampler.descriptor(), kRedrawMs);
  }
  return kExitDone;
}

/// One interval for programs or for a file.
void print_interval(const top::View& view, bool json, const Console& console) {
  if (!json) {
    const auto line = top::render_line(view);
    if (!line.empty()) console.out << line << std::endl;
  } else if (!view.trouble.empty()) {
    console.out << top::trouble_json(view.trouble, view.url) << std::endl;
  } else if (view.figures) {
    console.out << top::figures_json(*view.figures, view.url) << std::endl;
  }
}

/// Until it is ended from outside or nobody reads any more.
int run_lines(const TopArguments& arguments, const Console& console) {
  auto watch = watch_of(arguments);
  ApiClient client(arguments.server, top::kAnswerTimeoutMs);
  for (auto due = steady_clock::now(); console.out; std::this_thread::sleep_until(due)) {
    watch.take(top::read_sample(client));
    print_interval(watch.view(steady_clock::now()), arguments.json, console);
    due = std::max(due + arguments.interval, steady_clock::now());
  }
  return kExitDone;
}

void take_or_throw(top::Watch& watch, ApiClient& client) {
  auto sample = top::read_sample(client);
  if (!sample) throw Failure(sample.error());
  watch.take(std::move(sample));
}

/// Two samples one interval apart.
int run_once(const TopArguments& arguments, const Console& console) {
  auto watch = watch_of(arguments);
  ApiClient client(arguments.server, top::kAnswerTimeoutMs);
  take_or_throw(watch, client);
  std::this_thread::sleep_for(arguments.interval);
  take_or_throw(watch, client);
  const auto& view = watch.view(steady_clock::now());
  if (arguments.json) {
    print_interval(view, true, console);
    return kExitDone;
  }
  const auto& terminal = console.out_terminal;
  // The prompt needs a row, too.
  const top::ScreenSize size{terminal.columns, std::max<std::size_t>(terminal.rows, 2) - 1};
  for (const auto& line : top::render_screen(view, size, terminal.styled)) {
    console.out << line << '\n';
  }
  return kExitDone;
}

}  // namespace

int run_top(const TopArguments& arguments, const Console& console) {
  if (arguments.once) return run_once(arguments, console);
  const bool draws = console.out_terminal.moves_cursor && !arguments.json;
  return draws ? run_screen(arguments, console) : run_lines(arguments, console);
}

}  // namespace mosaic::cli
