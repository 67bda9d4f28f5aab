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

/// A log in memory that commits at once.
class MemoryLog final : public replication::Log {
 public:
  void listen(replication::LogListener listener) override { listener_ = std::move(listener); }
  void append(replication::Proposal proposal) override {
    if (refuse)
      return listener_.refused(proposal.ticket, {ErrorCode::kUnavailable, "disk is full"});
    if (mute) return;
    replication::Entry entry{entries.size() + 1, proposal.collection, proposal.kind,
                             std::make_shared<const std::string>(std::move(proposal.bytes)),
                             proposal.ticket};
    entries.push_back(entry);
    listener_.committed(entry);
  }
  void stop() override {}
  Seq last_seq() const override { return entries.size(); }
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
    for (const auto& entry : entries) last = entry.collection == collection ? entry.seq : last;
    return last;
  }
  void truncate(Seq to) override { floor = to; }

  std::vector<replication::Entry> entries;
  Seq floor = 0;
  bool refuse = false;
  bool mute = false;

 private:
  replication::LogListener listener_;
};

struct ActorFixture : ::testing::Test {
  test_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& scheduler =
      dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  caf::scoped_actor self{system};

  void run() { scheduler.run(); }

  void pass(std::chrono::milliseconds time) {
    scheduler.advance_time(time);
    scheduler.run();
  }

  /// Ends an actor as an error of its own would.
  template <class Handle>
  void crash(const Handle& actor, const Error& error) {
    caf::anon_send(caf::actor_cast<caf::actor>(actor),
                   caf::exit_msg{self->address(), to_caf(error)});
  }

  /// Sends, lets everything run, and gives what came back.
  template <class Reply, class Target, class... Message>
  Result<Reply> ask(const Target& target, Message... message) {
    auto pending = self->request(target, std::chrono::seconds(3600), std::move(message)...);
    run();
    Result<Reply> result = Error{ErrorCode::kInternal, "no answer yet"};
    if (self->mailbox().empty()) {
      ADD_FAILURE() << "no answer";
      return result;
    }
    pending.receive([&](Reply& reply) { result = std::move(reply); },
                    [&](caf::error& error) { result = from_caf(error); });
    return result;
  }
};

}  // namespace mosaic::actors
