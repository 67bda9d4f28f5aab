// The composition root: settings -> node -> server, and back down on a signal.
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>

#include "actors/node.hpp"
#include "base/log.hpp"
#include "base/version.hpp"
#include "cli/app.hpp"
#include "http/server.hpp"

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
  mosaic::log::configure(settings.log.level);
  const auto signals = block_end_signals();
  std::atomic<bool> failed{false};
  const auto main_thread = pthread_self();
  auto node = mosaic::actors::Node::start(settings, std::string(mosaic::kVersion),
                                          [&](const mosaic::Error&) {
                                            failed = true;
                                            pthread_kill(main_thread, SIGTERM);
                                          });
  if (!node) return fail(node.error());
  mosaic::http::Server server((*node)->engine(), settings);
  const auto port = server.start();
  if (!port) return fail(port.error());
  std::printf("listening on http://%s:%u\n", host_of(settings.http.listen).c_str(), *port);
  std::fflush(stdout);

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
  return mosaic::cli::run(argc, argv, serve);
}
