// A node with its membership, over a log in memory that says of the cluster what a test wants.
// Other nodes are actors of the test, found at addresses that name them.
#pragma once

#include "actors/membership.hpp"
#include "node_fixture.hpp"

namespace mosaic::actors {

/// Commits only what is appended while it leads.
class ClusterLog final : public MemoryLog {
 public:
  replication::LogStanding standing() const override {
    auto now = at;
    now.last = last_seq() + ahead;
    return now;
  }
  void append(replication::Proposal proposal) override {
    appended.push_back(proposal);
    if (at.leads() && commits) MemoryLog::append(std::move(proposal));
  }
  /// As if the leader had committed it: this node's ticket if `ticket` is not 0.
  void commit(const append_request& request, replication::Ticket ticket) {
    MemoryLog::append({request.collection, request.kind, *request.bytes, ticket, request.request});
  }
  void lose(replication::Ticket ticket, bool unknown) {
    tell_refused(ticket, {ErrorCode::kUnavailable, "leadership was lost"}, unknown);
  }
  Seq forgotten() const override { return gone; }
  void add(const replication::LogMember& member, replication::LogDone done) override {
    changed("add", member.id, done);
  }
  void set_vote(replication::NodeId id, bool votes, replication::LogDone done) override {
    changed(votes ? "vote" : "no vote", id, done);
  }
  void remove(replication::NodeId id, replication::LogDone done) override {
    changed("remove", id, done);
  }

  replication::LogStanding at{1, 0, 1, 1, 0, 0, {{1, "n1:3", true}}};
  bool commits = true;
  Seq ahead = 0;  ///< of what this node has told
  Seq gone = 0;   ///< up to here nothing is kept
  std::vector<replication::Proposal> appended;
  std::vector<std::string> changes;

 private:
  void changed(const std::string& what, replication::NodeId id, const replication::LogDone& done) {
    changes.push_back(what + " " + std::to_string(id));
    done(Error{ErrorCode::kUnavailable, "not now"});
  }
};

/// Another node: answers what a test has told it to.
struct fake_peer {
  node_report report;
  bool mute = false;                  ///< answers no report
  std::optional<Error> verdict = {};  ///< on whoever reports
  std::vector<forwarded_append> forwarded;
  std::optional<Error> refusal;  ///< of what is forwarded
  bool outdated = false;
  std::vector<std::string> to_forget;  ///< asked for, and never answered
  std::size_t barriers = 0;            ///< likewise
};

caf::behavior fake_peer_behavior(caf::event_based_actor* self, fake_peer* peer);

struct ClusterFixture : NodeFixture {
  std::shared_ptr<ClusterLog> cluster_log = std::make_shared<ClusterLog>();
  std::map<std::string, caf::actor> places;  ///< who is found at an address
  std::size_t connects = 0;
  std::map<std::uint64_t, fake_peer> peers;
  std::vector<Error> removed;

  static NodeRecord record(std::uint64_t id) {
    const auto name = "n" + std::to_string(id);
    return {id, name, name + ":1", name + ":2", name + ":3"};
  }

  void SetUp() override;
  void TearDown() override;

  caf::actor start_peer(std::uint64_t id);

  /// The catalog knows nodes 1 to `count`, and all of them vote; all but this one are fakes.
  void form(std::uint64_t count);

  void lead(std::uint64_t id) {
    cluster_log->at.leader = id;
    ++cluster_log->at.term;
  }

  static append_request about_nodes(EntryKind kind, std::string bytes) {
    return {{}, kind, bytes_of(std::move(bytes)), {}, {}};
  }

  static SharedBytes bytes_of(std::string bytes) {
    return std::make_shared<const std::string>(std::move(bytes));
  }

  ClusterStatus status();
};

}  // namespace mosaic::actors
