#include "echo_process.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "wire_config.hpp"

namespace mosaic::actors {
namespace {

constexpr int kStartLimitMs = 30'000;
constexpr int kOut = 1;

/// Every message arrives as values of its types and is written from them again; a refusal that is
/// sent as one is answered with its error.
caf::behavior echo(caf::event_based_actor* self) {
  self->set_default_handler(caf::reflect);
  return {
      [](refused_atom, const refusal& x) -> caf::result<caf::unit_t> { return to_caf(x.error); }};
}

std::string line_from(int file) {
  std::string line;
  pollfd readable{file, POLLIN, 0};
  char byte = 0;
  while (::poll(&readable, 1, kStartLimitMs) == 1 && ::read(file, &byte, 1) == 1 && byte != '\n')
    line += byte;
  return line;
}

void wait_until_input_closes() {
  char byte = 0;
  while (::read(0, &byte, 1) > 0) {
  }
}

}  // namespace

int run_echo() {
  wire_config config;
  caf::actor_system system{config};
  const auto actor = system.spawn(echo);
  const auto port = system.middleman().publish(actor, 0, "127.0.0.1");
  if (!port) return 1;
  std::printf("%u\n", *port);
  std::fflush(stdout);
  wait_until_input_closes();
  // Nobody waits for an orderly end, and a network that does not end must not keep this process.
  std::_Exit(0);
}

EchoProcess::EchoProcess() {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe(in.data()) != 0 || ::pipe(out.data()) != 0) return;
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(in[0], 0);
    ::dup2(out[1], kOut);
    for (const auto file : {in[0], in[1], out[0], out[1]}) ::close(file);
    ::execl("/proc/self/exe", "wire_process", kEchoMode, nullptr);
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  to_child_ = in[1];
  port_ = static_cast<std::uint16_t>(std::atoi(line_from(out[0]).c_str()));
  ::close(out[0]);
}

EchoProcess::~EchoProcess() {
  if (to_child_ >= 0) ::close(to_child_);
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace mosaic::actors
