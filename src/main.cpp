// The composition root: settings -> node -> server, and back down on a signal.
#include <atomic>
#include <cstdio>

#include "actors/node.hpp"
#include "base/end_signals.hpp"
#include "base/log.hpp"
#include "base/open_files.hpp"
#include "base/version.hpp"
#include "check/check.hpp"
#include "cli/app.hpp"
#include "cli/default_collection.hpp"
#include "http/server.hpp"
#include "metrics/node_metrics.hpp"

namespace {

using mosaic::End;
using mosaic::NodeSettings;

int fail(const mosaic::Error& error) {
  std::fprintf(stderr, "mosaic: %s\n", error.detail.c_str());
  return 1;
}

std::string host_of(const std::string& listen) {
  return listen.substr(0, listen.rfind(':'));
}

/// One life of the node; its exit code, or nothing when it is to be started again. `settings` learn
/// the port that was picked.
std::optional<int> run(NodeSettings& settings, const mosaic::EndSignals& signals,
                       std::uint64_t open_files) {
  const auto metrics = std::make_shared<mosaic::metrics::NodeMetrics>();
  mosaic::log::count_lines([metrics](mosaic::log::Level level) {
    metrics->log_lines.line(mosaic::log::to_string(level));
  });
  std::atomic<bool> failed{false};
  const auto end = [&](const mosaic::Error& why) {
    if (!failed.exchange(true)) mosaic::log::critical("the node ends: {}", why.detail);
    signals.ask_to_stop();
  };
  auto node = mosaic::actors::Node::start(
      settings, std::string(mosaic::kVersion),
      {end, [&] { signals.ask_to_restart(); }, [&] { return signals.stop_is_pending(); }}, metrics);
  if (!node && signals.stop_is_pending()) {
    mosaic::log::info("stopped before it ran");
    return 0;
  }
  if (!node) return fail(node.error());
  // A node that cannot write, as on a full disk, still serves what it has.
  const auto made = mosaic::cli::create_default_collection((*node)->engine(), settings);
  if (!made) {
    mosaic::log::error("the default collection was not made: {}", made.error().detail);
  }
  mosaic::http::Server server((*node)->engine(), settings, metrics);
  const auto port = server.start();
  if (!port) return fail(port.error());
  settings.http.listen = host_of(settings.http.listen) + ":" + std::to_string(*port);
  (*node)->announce(settings.http.listen);
  std::printf("listening on http://%s\n", settings.http.listen.c_str());
  std::fflush(stdout);
  if (const auto warning = mosaic::open_files_warning(open_files, settings.http.connections_max)) {
    mosaic::log::warn("{}", *warning);
  }
  const auto how = signals.wait();
  mosaic::log::info("stopping: requests under way may finish");
  server.stop(std::chrono::seconds(settings.http.drain_timeout_s));
  node->reset();
  mosaic::log::info("stopped");
  if (how == End::kRestart && !failed && !signals.stop_is_pending()) return std::nullopt;
  return failed ? 1 : 0;
}

int serve(const NodeSettings& settings) {
  if (const auto logging = mosaic::log::configure(settings.log); !logging)
    return fail(logging.error());
  const mosaic::EndSignals signals;
  const auto open_files = mosaic::raise_open_files_limit();
  auto now = settings;
  for (;;) {
    if (const auto code = run(now, signals, open_files)) return *code;
    mosaic::log::info("starting anew: the cluster has gone on without this node");
  }
}

}  // namespace

int main(int argc, char** argv) {
  return mosaic::cli::run(argc, argv, serve, mosaic::check::check_folder);
}
