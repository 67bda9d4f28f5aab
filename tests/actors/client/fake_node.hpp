// The server's side of a client's tests: a system of its own with an engine that a test scripts,
// published where a client finds it. Processes that are killed are in tests/system.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <string>

#include "actors/publish.hpp"

namespace mosaic::actors {

/// What the fake engine does with the next requests.
enum class FakeAnswer { kAtOnce, kError, kNever };

/// The writes that reached any engine of a test, by name: what a real log would keep. Of all
/// threads.
class FakeLog {
 public:
  /// How often the write has come, with this time.
  std::size_t note(const RequestId& id);
  /// Different writes.
  std::size_t size() const;
  /// How often the writes came that came most.
  std::size_t most() const;
  std::uint32_t shortest_window_s() const;

 private:
  mutable std::mutex mutex_;
  std::map<RequestId, std::size_t> writes_;
  std::uint32_t shortest_window_s_ = kIdempotencyWindowMaxS;
};

struct fake_engine_config {
  FakeAnswer answer = FakeAnswer::kAtOnce;
  std::function<void()> on_request{};  ///< on the engine's thread
  std::string name = "fake";
  std::shared_ptr<FakeLog> log = std::make_shared<FakeLog>();
  Error error{ErrorCode::kNotFound, "collection 'docs' does not exist"};
  /// So many requests get it, the others an answer.
  std::size_t errors = std::numeric_limits<std::size_t>::max();
};

engine_actor::behavior_type fake_engine(engine_actor::pointer self, fake_engine_config config);

class FakeNode {
 public:
  explicit FakeNode(fake_engine_config config, std::string listen = "127.0.0.1:0");
  ~FakeNode();

  /// 0 when it could not be published.
  std::uint16_t port() const { return port_; }

  /// The engine dies and another takes its place at the same port.
  void restart_engine(fake_engine_config config);

 private:
  struct system_config : caf::actor_system_config {
    system_config() {
      add_protocol(*this);
      add_network(*this);
      set("scheduler.max-threads", std::size_t{2});
    }
  };

  void start_engine(fake_engine_config config);

  system_config config_;
  caf::actor_system system_{config_};
  actor_port publication_;
  engine_actor engine_;
  std::uint16_t port_ = 0;
};

}  // namespace mosaic::actors
