#include "cluster_fixture.hpp"

namespace mosaic::actors {

caf::behavior fake_peer_behavior(caf::event_based_actor* self, fake_peer* peer) {
  return {
      [=](report_atom, const node_report&) -> caf::result<node_report> {
        if (peer->mute) return self->make_response_promise<node_report>();
        if (peer->verdict) return to_caf(*peer->verdict);
        return peer->report;
      },
      [=](forward_atom, const forwarded_append& x) -> caf::result<leader_reply> {
        peer->forwarded.push_back(x);
        if (peer->refusal) return to_caf(*peer->refusal);
        return leader_reply{peer->outdated};
      },
      [=](forget_atom, const std::string& name) -> caf::result<leader_reply> {
        peer->to_forget.push_back(name);
        return self->make_response_promise<leader_reply>();
      },
      [=](barrier_atom) -> caf::result<Seq> {
        ++peer->barriers;
        return self->make_response_promise<Seq>();
      },
  };
}

void ClusterFixture::SetUp() {
  memory = cluster_log;
  NodeFixture::SetUp();
  membership_config others;
  others.self = record(1);
  others.log = memory;
  others.addresses = std::make_shared<replication::AddressBook>();
  others.connect = [this](membership_pointer, const std::string& address, peer_found then) {
    ++connects;
    const auto found = places.find(address);
    if (found == places.end()) return then(Error{ErrorCode::kUnavailable, "nobody is there"});
    then(caf::actor_cast<peer_actor>(found->second));
  };
  others.on_removed = [this](const Error& error) { removed.push_back(error); };
  member = system.spawn(membership, others);
  wire();
}

void ClusterFixture::TearDown() {
  for (const auto& [address, peer] : places)
    caf::anon_send_exit(peer, caf::exit_reason::user_shutdown);
  places.clear();
  NodeFixture::TearDown();
}

caf::actor ClusterFixture::start_peer(std::uint64_t id) {
  auto& peer = peers[id];
  peer.report = {record(id), 0, true, {}};
  return places[record(id).cluster_address] = system.spawn(fake_peer_behavior, &peer);
}

void ClusterFixture::form(std::uint64_t count) {
  for (std::uint64_t id = 1; id <= count; ++id) {
    if (id > 1) start_peer(id);
    cluster_log->commit(about_nodes(EntryKind::kSetNode, encode_node(record(id))), 0);
  }
  run();
  cluster_log->at.members.clear();
  for (std::uint64_t id = 1; id <= count; ++id)
    cluster_log->at.members.push_back({id, record(id).log_address, true});
  pass(kReportInterval);
  pass(kReportInterval);
  cluster_log->changes.clear();
}

ClusterStatus ClusterFixture::status() {
  return *ask<ClusterStatus>(member, cluster_atom_v);
}

}  // namespace mosaic::actors
