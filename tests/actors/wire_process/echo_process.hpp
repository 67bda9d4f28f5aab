// This test program a second time, as another process: publishes an actor that sends back whatever
// it gets. It ends when its standard input closes, so it never outlives the test.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace mosaic::actors {

/// The argument that makes the program the echo.
constexpr const char* kEchoMode = "--echo";

/// What the other process does; its exit code.
int run_echo();

class EchoProcess {
 public:
  EchoProcess();
  ~EchoProcess();
  EchoProcess(const EchoProcess&) = delete;
  EchoProcess& operator=(const EchoProcess&) = delete;

  /// Where its actor is; 0 when it did not say so in time.
  std::uint16_t port() const { return port_; }

 private:
  pid_t pid_ = -1;
  int to_child_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace mosaic::actors
