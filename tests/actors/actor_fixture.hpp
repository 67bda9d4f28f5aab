// Actors under CAF's testing scheduler: one thread, virtual time, nothing runs until told to.
#pragma once

#include <gtest/gtest.h>

#include "actors/coordinator.hpp"
#include "actors/ingest.hpp"
#include "actors/log.hpp"
#include "actors/ranker.hpp"
#include "actors/supervisor.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::actors {

struct test_config : caf::actor_system_config {
  test_config() {
    set("scheduler.policy", caf::atom("testing"));
    add_protocol(*this);
  }
};

/// Of a node that is alone.
class LogOfOne : public replication::Log {
 public:
  replication::LogStanding standing() const override {
    return {1, 0, 1, 1, last_seq(), 0, {{1, "alone", true}}};
  }
  void add(const replication::LogMember&, replication::LogDone done) override { done({}); }
  void set_vote(replication::NodeId, bool, replication::LogDone done) override { done({}); }
  void remove(replication::NodeId, replication::LogDone done) override { done({}); }
  void barrier(std::function<void(Result<Seq>)> done) override { done(last_seq()); }
  Seq forgotten() const override { return 0; }
};

/// A log in memory that commits at once.
class MemoryLog : public LogOfOne {
 public:
  void listen(replication::LogListener listener) override { listener_ = std::move(listener); }
  void append(replication::Proposal proposal) override {
    if (refuse)
      return listener_.refused(proposal.ticket, {ErrorCode::kUnavailable, "disk is full"}, false);
    if (mute) return;
    replication::Entry entry{
        entries.size() + 1, proposal.collection,
        proposal.kind,      std::make_shared<const std::string>(std::move(proposal.bytes)),
        proposal.ticket,    time_ms,
        proposal.request};
    entries.push_back(entry);
    listener_.committed(entry);
  }
  void stop() override {}
  Seq last_seq() const override { return entries.size(); }
  replication::LogSize size() const override { return {entries.size() - floor, 0}; }
  std::uint64_t kept_bytes() const override { return kept; }
  Result<std::vector<replication::Entry>> read(Seq after, CollectionId collection,
                                               std::size_t) override {
    std::vector<replication::Entry> found;
    for (const auto& entry : entries) {
      if (entry.seq > after && entry.collection == collection) found.push_back(entry);
    }
    return found;
  }
  Result<std::vector<replication::Entry>> read_catalog(Seq after) override {
    std::vector<replication::Entry> found;
    for (const auto& entry : entries) {
      if (entry.seq > after && is_catalog(entry.kind)) found.push_back(entry);
    }
    return found;
  }
  Seq last_seq_of(CollectionId collection) override {
    Seq last = 0;
    for (const auto& entry : entries)
      last = entry.collection == collection && entry.seq > floor ? entry.seq : last;
    return last;
  }
  void truncate(Seq to) override { floor = to; }

  std::vector<replication::Entry> entries;
  Seq floor = 0;
  std::uint64_t kept = 0;
  std::int64_t time_ms = 1'000'000;  ///< of entries from now on
  bool refuse = false;
  bool mute = false;

 protected:
  void tell_refused(replication::Ticket ticket, const Error& error, bool unknown) {
    listener_.refused(ticket, error, unknown);
  }

 private:
  replication::LogListener listener_;
};

/// What came back to a request, and when.
template <class Reply>
struct answer_slot {
  std::optional<Result<Reply>> result;
  TimePoint at;

  bool answered() const { return result.has_value(); }
  const Error& error() const { return result->error(); }
};

template <class Reply>
using Answer = std::shared_ptr<answer_slot<Reply>>;

struct ActorFixture : ::testing::Test {
  /// Virtual time begins ahead of the clock on the wall and passes only when told to: no deadline
  /// is ever met because the machine is slow.
  static constexpr std::chrono::hours kAhead{24};
  /// Longer than anything under test takes.
  static constexpr std::chrono::seconds kPatience{86'400};

  test_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& scheduler =
      dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  caf::scoped_actor self{system};
  std::vector<caf::actor> askers;

  ActorFixture() {
    scheduler.advance_time(std::chrono::steady_clock::now().time_since_epoch() + kAhead);
  }

  /// Who still waits for an answer must not keep the system from ending.
  ~ActorFixture() override {
    for (const auto& asker : askers) caf::anon_send_exit(asker, caf::exit_reason::kill);
    run();
  }

  void run() { scheduler.run(); }

  TimePoint now() { return system.clock().now(); }

  void pass(std::chrono::milliseconds time) {
    scheduler.advance_time(time);
    scheduler.run();
  }

  /// Like pass(), but whatever happens meanwhile happens at its own millisecond.
  void pass_slowly(std::chrono::milliseconds time) {
    for (; time.count() > 0; --time) pass(std::chrono::milliseconds(1));
  }

  /// Ends an actor as an error of its own would.
  template <class Handle>
  void crash(const Handle& actor, const Error& error) {
    caf::anon_send(caf::actor_cast<caf::actor>(actor),
                   caf::exit_msg{self->address(), to_caf(error)});
  }

  /// Ends an actor as the end of the node does.
  template <class Handle>
  void end(const Handle& actor) {
    if (actor) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }

  /// Sends, and lets nothing run yet but the sender.
  template <class Reply, class Target, class... Message>
  Answer<Reply> begin(const Target& target, Message... message) {
    auto slot = std::make_shared<answer_slot<Reply>>();
    const auto asker = system.spawn([=, this](caf::event_based_actor* me) {
      const auto keep = [=, this](const Result<Reply>& result) {
        slot->result.emplace(result);
        slot->at = now();
      };
      auto pending = me->request(target, kPatience, message...);
      const auto failed = [=](caf::error& error) { keep(from_caf(error)); };
      if constexpr (std::is_void_v<Reply>) {
        pending.then([=] { keep({}); }, failed);
      } else {
        pending.then([=](Reply& reply) { keep(reply); }, failed);
      }
    });
    askers.push_back(asker);
    scheduler.prioritize(asker);
    scheduler.run_once();
    return slot;
  }

  /// Sends, lets everything run, and gives what came back.
  template <class Reply, class Target, class... Message>
  Result<Reply> ask(const Target& target, Message... message) {
    const auto answer = begin<Reply>(target, std::move(message)...);
    run();
    if (answer->answered()) return *answer->result;
    ADD_FAILURE() << "no answer";
    return Error{ErrorCode::kInternal, "no answer yet"};
  }
};

}  // namespace mosaic::actors
