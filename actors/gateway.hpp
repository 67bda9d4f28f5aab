// Gateway: the way from threads that know no actors into the actor system. An actor by name only:
// it has neither a mailbox nor a thread. A request goes straight from the caller's thread into the
// mailbox of who is asked, and the answer is taken on the thread that gives it, so that each way is
// one switch between threads. It does nothing that could fail.
#pragma once

#include <functional>
#include <mutex>

#include "actors/front.hpp"
#include "actors/pending_requests.hpp"

namespace mosaic::actors {

/// Those who are asked keep deadlines of their own; one that never answers is given up so late.
constexpr std::chrono::milliseconds kGuardTick{10};

class gateway final : public caf::monitorable_actor {
 public:
  explicit gateway(caf::actor_config& config) : caf::monitorable_actor(config) {}

  const char* name() const override { return "gateway"; }

  /// Whom to ask from now on.
  void use(node_parts_ptr parts);

  /// Sends `message` to whom `choose` picks of the parts. One of `answered` and `failed` is called
  /// exactly once, on any thread; sec::request_timeout says that the time was up.
  template <class Reply, class Choose, class... Message>
  void ask(Choose choose, std::chrono::nanoseconds timeout, std::function<void(Reply&)> answered,
           std::function<void(caf::error&)> failed, Message&&... message) {
    using handle = std::decay_t<decltype(choose(parts_))>;
    using answer = caf::response_type_t<typename handle::signatures, std::decay_t<Message>...>;
    using wanted = std::conditional_t<std::is_same_v<Reply, caf::unit_t>, void, Reply>;
    static_assert(std::is_same_v<answer, caf::detail::type_list<wanted>>, "another reply comes");
    send<handle>(choose, {now() + timeout, from_element(std::move(answered)), std::move(failed)},
                 std::forward<Message>(message)...);
  }

  /// Fails what is under way and whatever comes after.
  void close();

  /// An answer, or the tick.
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* host) override;

 private:
  using request = pending_requests::request;

  template <class Reply>
  static std::function<void(void*)> from_element(std::function<void(Reply&)> answered) {
    return [answered = std::move(answered)](void* element) {
      if constexpr (std::is_same_v<Reply, caf::unit_t>) {
        caf::unit_t nothing;
        answered(nothing);
      } else {
        answered(*static_cast<Reply*>(element));
      }
    };
  }

  template <class Handle, class Choose, class... Message>
  void send(Choose choose, request added, Message&&... message) {
    Handle whom;
    std::uint64_t number = 0;
    bool tick = false;
    {
      const std::lock_guard lock(mutex_);
      if (parts_.known) whom = choose(parts_);
      if (whom) {
        number = requests_.add(std::move(added));
        tick = !std::exchange(ticking_, true);
      }
    }
    if (!whom) return refuse(added);
    if (tick) tick_later();
    const auto id = caf::message_id(number).with_normal_priority();
    caf::actor_cast<caf::abstract_actor*>(whom)->enqueue(
        caf::make_mailbox_element(caf::strong_actor_ptr(ctrl()), id, {},
                                  std::forward<Message>(message)...),
        nullptr);
  }

  static void refuse(const request& asked);
  TimePoint now() const { return home_system().clock().now(); }
  void tick_later();
  void give_up_late();
  void take_answer(std::uint64_t number, caf::message answer);

  std::mutex mutex_;  ///< guards everything below; held while nobody is called
  front_parts parts_;
  pending_requests requests_;
  bool ticking_ = false;
};

}  // namespace mosaic::actors
