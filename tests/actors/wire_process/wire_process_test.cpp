// Every type of the protocol crosses to a real second process and back. CAF does not check at
// compile time that a type can: one that is not registered fails only here.
#include <gtest/gtest.h>

#include <caf/io/all.hpp>
#include <cstring>
#include <utility>

#include "echo_process.hpp"
#include "samples.hpp"
#include "wire_config.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;
constexpr auto kClockError = 5s;

/// Types that are no message of their own, and why.
template <class T>
constexpr bool kNeverAlone = false;
/// CAF makes a caf::error of it, in every message; that crosses in the test of errors.
template <>
constexpr bool kNeverAlone<ErrorCode> = true;

template <class T>
concept HasSample = requires {
  samples::of(samples::type<T>{});
};

template <class T>
concept HasDeadline = requires(T value) {
  value.deadline.at;
};

/// A deadline crosses as the time that is left: about the same moment. Then it is set aside, as the
/// time that is left depends on when one looks.
template <class T>
void expect_same_deadline(T& sent, T& back) {
  if constexpr (HasDeadline<T>) {
    EXPECT_LT(std::chrono::abs(back.deadline.at - sent.deadline.at), kClockError);
    sent.deadline = back.deadline = Deadline{TimePoint{}};
  }
}

struct WireProcess : ::testing::Test {
  EchoProcess process;
  wire_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  caf::actor echo;

  void SetUp() override {
    ASSERT_NE(process.port(), 0);
    self->request(system.middleman().actor_handle(), kPatience, caf::connect_atom::value,
                  std::string("127.0.0.1"), process.port())
        .receive([&](caf::node_id&, caf::strong_actor_ptr& found,
                     std::set<std::string>&) { echo = caf::actor_cast<caf::actor>(found); },
                 [&](caf::error& error) { ADD_FAILURE() << system.render(error); });
    ASSERT_TRUE(echo);
  }

  /// Whatever it is, so that there is one for all types: compilers take long over each of them.
  caf::message exchange(const caf::message& sent) {
    self->send(echo, sent);
    const auto latest = std::chrono::high_resolution_clock::now() + kPatience;
    if (!self->await_data(latest)) return {};
    return self->dequeue()->move_content_to_message();
  }

  template <class T>
  std::optional<T> there_and_back(const T& sent) {
    const caf::message back = exchange(caf::make_message(sent));
    if (back.match_elements<T>()) return back.get_as<T>(0);
    ADD_FAILURE() << "came back: " << caf::to_string(back);
    return std::nullopt;
  }

  template <class T>
  void expect_crosses(const char* name) {
    SCOPED_TRACE(name);
    if constexpr (kNeverAlone<T>) return;
    if constexpr (HasSample<T>) {
      auto sent = samples::of(samples::type<T>{});
      auto back = there_and_back(sent);
      ASSERT_TRUE(back);
      expect_same_deadline(sent, *back);
      EXPECT_EQ(to_bytes(*back), to_bytes(sent));
      EXPECT_NE(to_bytes(*back), to_bytes(T{})) << "the sample says nothing";
    } else {
      ADD_FAILURE() << "has no sample in samples.hpp";
    }
  }

  template <std::size_t... kOffsets>
  void expect_all_cross(std::index_sequence<kOffsets...>) {
    constexpr auto kBegin = caf::id_block::mosaic::begin;
    (expect_crosses<typename caf::type_by_id<kBegin + kOffsets>::type>(
         caf::type_name_by_id<kBegin + kOffsets>::value),
     ...);
  }
};

TEST_F(WireProcess, EveryTypeOfTheProtocolCrossesThereAndBack) {
  using block = caf::id_block::mosaic;
  expect_all_cross(std::make_index_sequence<block::end - block::begin>{});
}

TEST_F(WireProcess, HandlesThatNodesGiveEachOtherCross) {
  EXPECT_EQ(there_and_back(caf::actor_cast<copy_actor>(echo)), caf::actor_cast<copy_actor>(echo));
  EXPECT_EQ(there_and_back(caf::actor_cast<far_replicas_actor>(echo)),
            caf::actor_cast<far_replicas_actor>(echo));
}

TEST_F(WireProcess, ADeadlineThatNeverComesStillNeverComes) {
  const auto back = there_and_back(fetch_request{{1}, {}, Deadline{}});
  ASSERT_TRUE(back);
  EXPECT_FALSE(back->deadline.passed(std::chrono::steady_clock::now() + 24h));
}

TEST_F(WireProcess, AnErrorCrossesWithItsCodeAndDetail) {
  const Error sent{ErrorCode::kDimensionMismatch, "vector has 3 dimensions"};
  std::optional<Error> back;
  self->request(echo, kPatience, refused_atom_v, refusal{1, sent})
      .receive([] {}, [&](caf::error& error) { back = from_caf(error); });
  EXPECT_EQ(back, sent);
}

TEST_F(WireProcess, AMessageOfManyMegabytesCrosses) {
  UpsertRequest sent{"docs", {}};
  for (int i = 0; i < 64; ++i) {
    sent.documents.push_back(samples::document());
    sent.documents.back().vector.assign(kDimensionMax, static_cast<float>(i));
  }
  const auto back = there_and_back(sent);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->documents, sent.documents);
}

}  // namespace
}  // namespace mosaic::actors

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], mosaic::actors::kEchoMode) == 0)
    return mosaic::actors::run_echo();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
