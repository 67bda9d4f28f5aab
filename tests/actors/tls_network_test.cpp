// CAF under TLS: two systems in one process, and those who do not belong to them.
#include "actors/tls_network.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <list>

#include "actors/connector.hpp"
#include "support/authority_folder.hpp"
#include "support/loopback_socket.hpp"

namespace mosaic::actors {
namespace {

using mosaic::test::AuthorityFolder;
using mosaic::test::Caller;
using mosaic::test::LoopbackSocket;

constexpr std::chrono::seconds kPatience{30};

/// Answers with what it is told.
caf::behavior echo(caf::event_based_actor*) {
  return {[](const std::string& said) { return said; }};
}

/// A system, and what it publishes.
class Node {
 public:
  explicit Node(const tls::TlsFiles& files) : config_(files) {}
  ~Node() {
    if (echo_) caf::anon_send_exit(echo_, caf::exit_reason::user_shutdown);
  }

  std::uint16_t publish(network which = network::for_nodes) {
    if (!echo_) echo_ = system_.spawn(echo);
    std::uint16_t port = 0;
    caf::scoped_actor self{system_};
    self->request(network_of(system_, which), kPatience, caf::publish_atom::value, std::uint16_t{0},
                  caf::actor_cast<caf::strong_actor_ptr>(echo_), std::set<std::string>(),
                  std::string("127.0.0.1"), true)
        .receive([&](std::uint16_t opened) { port = opened; }, [](caf::error&) {});
    return port;
  }

  /// What comes back from there; else why nothing does.
  Result<std::string> say(const std::string& what, std::uint16_t port,
                          network which = network::for_nodes) {
    Result<std::string> answer = Error{};
    const auto fail = [&](caf::error& error) {
      answer = Error{ErrorCode::kUnavailable, system_.render(error)};
    };
    caf::scoped_actor self{system_};
    const auto connector = make_connector(system_, which, kPatience, self->address());
    caf::actor other;
    self->request(connector, kPatience, caf::connect_atom::value, std::string("127.0.0.1"), port)
        .receive([&](const caf::node_id&, const caf::strong_actor_ptr& found,
                     const std::set<std::string>&) { other = caf::actor_cast<caf::actor>(found); },
                 fail);
    if (!other) return answer;
    self->request(other, kPatience, what)
        .receive([&](std::string& said) { answer = std::move(said); }, fail);
    return answer;
  }

 private:
  struct system_config : caf::actor_system_config {
    explicit system_config(const tls::TlsFiles& files) {
      add_network(*this);
      if (!files.empty()) add_tls_network(*this, tls::TlsContext::load(files).value());
      set("scheduler.max-threads", std::size_t{2});
    }
  };

  system_config config_;
  caf::actor_system system_{config_};
  caf::actor echo_;
};

struct TlsNetwork : testing::Test {
  AuthorityFolder authority;
  Node one{authority.files_of("one")};
  Node two{authority.files_of("two")};

  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }
  static std::string address(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }
};

TEST_F(TlsNetwork, NodesOfOneAuthorityHearEachOther) {
  const auto port = one.publish();
  EXPECT_EQ(two.say("there and back", port).value(), "there and back");
}

TEST_F(TlsNetwork, LargeMessagesArriveWhole) {
  std::string large(8 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i)
    large[i] = static_cast<char>(i * 2'654'435'761U >> 13);
  const auto port = one.publish();
  EXPECT_TRUE(two.say(large, port).value() == large);
}

TEST_F(TlsNetwork, ClientsNeedNoCertificate) {
  Node client{{}};
  const auto port = one.publish(network::for_clients);
  EXPECT_EQ(client.say("hello", port, network::for_clients).value(), "hello");
}

TEST_F(TlsNetwork, ANodeOfAnotherAuthorityIsRefused) {
  const AuthorityFolder other;
  Node foreign{other.files_of("nine")};
  const auto port = one.publish();
  EXPECT_FALSE(foreign.say("hello", port).ok());
  const auto refused = two.say("hello", foreign.publish());
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().detail.find("certificate verify failed"), std::string::npos);
  EXPECT_EQ(two.say("hello", port).value(), "hello");
}

TEST_F(TlsNetwork, ANodeWithoutCertificateIsRefused) {
  Node open{{}};
  const auto port = one.publish();
  EXPECT_FALSE(open.say("hello", port).ok());
  EXPECT_FALSE(two.say("hello", open.publish()).ok());
  EXPECT_EQ(two.say("hello", port).value(), "hello");
}

TEST_F(TlsNetwork, OneThatDoesNotAnswerIsGivenUp) {
  LoopbackSocket mute;
  ::listen(mute.file, 8);
  EXPECT_FALSE(two.say("hello", mute.port).ok());
}

TEST_F(TlsNetwork, TheOldestOfTooManyStrangersGoes) {
  const auto port = one.publish();
  Caller first(address(port));
  std::list<Caller> others;
  for (std::size_t i = 0; i < kStrangersMax; ++i) others.emplace_back(address(port));
  EXPECT_EQ(first.hear_all(), "");
  EXPECT_FALSE(others.back().is_hung_up_on());
  EXPECT_EQ(two.say("hello", port).value(), "hello");
}

TEST_F(TlsNetwork, GarbageIsHungUpOn) {
  const auto port = one.publish();
  const Caller caller(address(port));
  // A header of CAF's that announces 4 GiB.
  caller.say(std::string(4, '\0') + std::string(28, '\xFF'));
  EXPECT_LT(caller.hear_all().size(), 16U);
  EXPECT_EQ(two.say("hello", port).value(), "hello");
}

TEST_F(TlsNetwork, ASystemEndsWithStrangersAtItsDoor) {
  std::list<Caller> callers;
  {
    Node short_lived{authority.files_of("three")};
    const auto port = short_lived.publish();
    for (int i = 0; i < 8; ++i) callers.emplace_back(address(port));
    EXPECT_EQ(two.say("hello", port).value(), "hello");
  }
  for (const auto& caller : callers) EXPECT_EQ(caller.hear_all(), "");
}

}  // namespace
}  // namespace mosaic::actors
