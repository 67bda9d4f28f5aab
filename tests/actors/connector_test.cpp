// Connecting to nodes: one that does not answer holds up nobody.
#include "actors/connector.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "support/deaf_port.hpp"

namespace mosaic::actors {
namespace {

constexpr std::chrono::seconds kPatience{30};

struct Connector : testing::Test {
  struct system_config : caf::actor_system_config {
    system_config() {
      add_network(*this);
      set("scheduler.max-threads", std::size_t{2});
    }
  };
  system_config config;
  caf::actor_system system{config};

  /// A port where something else than a node is published.
  std::uint16_t publish(const caf::actor& what) {
    std::uint16_t port = 0;
    caf::scoped_actor self{system};
    self->request(network_of(system, network::for_nodes), kPatience, caf::publish_atom::value,
                  std::uint16_t{0}, caf::actor_cast<caf::strong_actor_ptr>(what),
                  std::set<std::string>{"a protocol of others"}, std::string("127.0.0.1"), true)
        .receive([&](std::uint16_t opened) { port = opened; }, [](caf::error&) {});
    return port;
  }
};

TEST_F(Connector, AHostThatDoesNotAnswerHoldsUpNobody) {
  std::optional<test::DeafPort> deaf(std::in_place);
  const auto other =
      system.spawn([]() -> caf::behavior { return {[](int number) { return number; }}; });
  caf::scoped_actor self{system};
  const auto stuck = make_connector(system, network::for_nodes, kPatience, self->address());
  bool over = false;
  auto tried = self->request(stuck, 2 * kPatience, caf::connect_atom::value,
                             std::string("127.0.0.1"), deaf->port());
  const auto found = connect_peer(system, "127.0.0.1:" + std::to_string(publish(other)), kPatience);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().detail, "what is there speaks another version's protocol");
  EXPECT_FALSE(self->has_next_message()) << "it is still trying";
  deaf.reset();  // Now it is refused.
  tried.receive([&](const caf::node_id&, const caf::strong_actor_ptr&,
                    const std::set<std::string>&) { FAIL() << "nobody is there"; },
                [&](caf::error&) { over = true; });
  EXPECT_TRUE(over);
  caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
}

TEST_F(Connector, OneThatDoesNotAnswerIsGivenUp) {
  const test::DeafPort deaf;
  caf::scoped_actor self{system};
  const auto connector =
      make_connector(system, network::for_nodes, std::chrono::milliseconds(50), self->address());
  caf::error why;
  self->request(connector, kPatience, caf::connect_atom::value, std::string("127.0.0.1"),
                deaf.port())
      .receive([](const caf::node_id&, const caf::strong_actor_ptr&,
                  const std::set<std::string>&) { FAIL() << "nobody is there"; },
               [&](caf::error& error) { why = error; });
  EXPECT_EQ(why, caf::sec::cannot_connect_to_node) << system.render(why);
}

/// A node that is stopped: its system takes connections, and nobody greets back.
TEST(ConnectorAtTheEnd, ASystemEndsWhileTheOtherSideIsSilent) {
  test::LoopbackSocket silent;
  ::listen(silent.file, 8);
  Connector::system_config config;
  caf::actor_system system{config};
  const auto found = connect_peer(system, silent.address(), std::chrono::milliseconds(50));
  EXPECT_FALSE(found.ok());
}

}  // namespace
}  // namespace mosaic::actors
