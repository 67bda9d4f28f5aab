// The composition root: settings -> node -> server, and back down on a signal.
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>

#include "actors/node.hpp"
#include "base/log.hpp"
#include "base/open_files.hpp"
#include "base/version.hpp"
#include "check/check.hpp"
#include "cli/app.hpp"
#include "cli/default_collection.hpp"
#include "http/server.hpp"
#include "metrics/node_metrics.hpp"

namespace {

using mosaic::NodeSettings;

/// SIGINT and SIGTERM, taken by the main thread alone: every other thread inherits the mask.
sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A client that hangs up is an error of its connection, not of the process.
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

int fail(const mosaic::Error& error) {
  std::fprintf(stderr, "mosaic: %s\n", error.detail.c_str());
  return 1;
}

std::string host_of(const std::string& listen) {
  return listen.substr(0, listen.rfind(':'));
}

int serve(const NodeSettings& settings) {
  if (const auto logging = mosaic::log::configure(settings.log); !logging)
    return fail(logging.error());
  const auto open_files = mosaic::raise_open_files_limit();
  const auto signals = block_end_signals();
  std::atomic<bool> failed{false};
  const auto main_thread = pthread_self();
  const auto metrics = std::make_shared<mosaic::metrics::NodeMetrics>();
  mosaic::log::count_lines([metrics](mosaic::log::Level level) {
    metrics->log_lines.line(mosaic::log::to_string(level));
  });
  const auto end = [&](const mosaic::Error&) {
    failed = true;
    pthread_kill(main_thread, SIGTERM);
  };
  auto node = mosaic::actors::Node::start(settings, std::string(mosaic::kVersion), end, metrics);
  if (!node) return fail(node.error());
  // A node that cannot write, as on a full disk, still serves what it has.
  const auto made = mosaic::cli::create_default_collection((*node)->engine(), settings);
  if (!made) {
    mosaic::log::error("the default collection was not made: {}", made.error().detail);
  }
  mosaic::http::Server server((*node)->engine(), settings, metrics);
  const auto port = server.start();
  if (!port) return fail(port.error());
  std::printf("listening on http://%s:%u\n", host_of(settings.http.listen).c_str(), *port);
  std::fflush(stdout);
  if (const auto warning = mosaic::open_files_warning(open_files, settings.http.connections_max)) {
    mosaic::log::warn("{}", *warning);
  }

  int signal = 0;
  sigwait(&signals, &signal);
  mosaic::log::info("stopping: requests under way may finish");
  server.stop(std::chrono::seconds(settings.http.drain_timeout_s));
  node->reset();
  mosaic::log::info("stopped");
  return failed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  return mosaic::cli::run(argc, argv, serve, mosaic::check::check_folder);
}
