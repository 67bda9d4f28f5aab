#include "cluster_fixture.hpp"

namespace mosaic::actors {
namespace {

using namespace std::chrono_literals;

struct MembershipTest : ClusterFixture {};

TEST_F(MembershipTest, ANodeThatWasNeverJoinedIsAClusterOfOne) {
  const auto one = status();
  EXPECT_EQ(one.leader, "n1");
  ASSERT_EQ(one.nodes.size(), 1U);
  EXPECT_EQ(one.nodes[0].address, "n1:1");
  EXPECT_EQ(one.nodes[0].role, NodeRole::kLeader);
  EXPECT_TRUE(catalog->nodes().empty()) << "nobody else has to know of it";
}

TEST_F(MembershipTest, WhoJoinsFirstMakesBothKnown) {
  const auto hello = ask<cluster_hello>(member, join_atom_v, record(2));
  ASSERT_TRUE(hello) << hello.error().detail;
  EXPECT_EQ(catalog->nodes().size(), 2U);
  EXPECT_EQ(catalog->nodes().at(2), record(2));
  EXPECT_EQ(hello->nodes.size(), 2U);
}

TEST_F(MembershipTest, WhoJoinsIsTakenIntoTheLog) {
  ASSERT_TRUE(ask<cluster_hello>(member, join_atom_v, record(2)));
  EXPECT_EQ(cluster_log->changes, std::vector<std::string>{"add 2"});
}

TEST_F(MembershipTest, RefusesARecordThatNamesNoAddress) {
  auto nowhere = record(2);
  nowhere.log_address.clear();
  const auto joined = ask<cluster_hello>(member, join_atom_v, nowhere);
  ASSERT_FALSE(joined);
  EXPECT_EQ(joined.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(catalog->nodes().empty());
}

TEST_F(MembershipTest, RefusesTheNameOfANodeThatIsUp) {
  form(2);
  auto other = record(9);
  other.name = "n2";
  const auto joined = ask<cluster_hello>(member, join_atom_v, other);
  ASSERT_FALSE(joined);
  EXPECT_EQ(joined.error().code, ErrorCode::kAlreadyExists);
  other.name = "n1";
  EXPECT_EQ(ask<cluster_hello>(member, join_atom_v, other).error().code, ErrorCode::kAlreadyExists);
}

TEST_F(MembershipTest, ANodeThatHasLostItsFilesTakesItsNameBack) {
  form(2);
  caf::anon_send_exit(places.at("n2:2"), caf::exit_reason::kill);
  run();
  auto back = record(9);
  back.name = "n2";
  ASSERT_TRUE(ask<cluster_hello>(member, join_atom_v, back));
  EXPECT_FALSE(catalog->nodes().contains(2));
  EXPECT_TRUE(catalog->nodes().contains(9));
}

TEST_F(MembershipTest, ShowsHowTheOthersFare) {
  form(3);
  peers[2].report.seq = 3;
  peers[3].report.level = false;
  pass(kReportInterval);
  const auto all = status();
  ASSERT_EQ(all.nodes.size(), 3U);
  EXPECT_EQ(all.nodes[1].state, NodeState::kUp);
  EXPECT_EQ(all.nodes[1].seq, 3U);
  EXPECT_EQ(all.nodes[2].state, NodeState::kJoining);
}

TEST_F(MembershipTest, ANodeWhoseActorsDiedIsDownAtOnce) {
  form(2);
  EXPECT_EQ(status().nodes[1].state, NodeState::kUp);
  caf::anon_send_exit(places.at("n2:2"), caf::exit_reason::kill);
  run();
  EXPECT_EQ(status().nodes[1].state, NodeState::kDown);
}

TEST_F(MembershipTest, ANodeThatIsSilentIsDown) {
  form(2);
  peers[2].mute = true;
  pass(kReportInterval);
  pass(kPeerSilenceMax + kReportInterval);
  EXPECT_EQ(status().nodes[1].state, NodeState::kDown);
}

TEST_F(MembershipTest, ANodeThatComesBackIsFoundAgain) {
  form(2);
  caf::anon_send_exit(places.at("n2:2"), caf::exit_reason::kill);
  places.erase("n2:2");
  run();
  const auto before = connects;
  pass_slowly(1s);
  EXPECT_GE(connects, before + 2);
  EXPECT_LE(connects, before + 5) << "pauses grow";
  start_peer(2);
  pass_slowly(2s);
  pass(kReportInterval);
  EXPECT_EQ(status().nodes[1].state, NodeState::kUp);
}

TEST_F(MembershipTest, ANodeThatMovesIsFoundAtItsNewAddress) {
  form(2);
  auto moved = record(2);
  moved.cluster_address = "elsewhere:2";
  places["elsewhere:2"] = system.spawn(fake_peer_behavior, &peers[2]);
  cluster_log->commit(about_nodes(EntryKind::kSetNode, encode_node(moved)), 0);
  run();
  pass_slowly(500ms);
  EXPECT_EQ(status().nodes[1].cluster_address, "elsewhere:2");
  EXPECT_EQ(status().nodes[1].state, NodeState::kUp);
}

TEST_F(MembershipTest, LetsTwoMoreVoteOnceBothHaveEverything) {
  form(3);
  peers[3].report.level = false;
  pass(kReportInterval);
  cluster_log->at.members[1].votes = cluster_log->at.members[2].votes = false;
  pass(kReportInterval);
  pass(kReportInterval);
  EXPECT_TRUE(cluster_log->changes.empty());
  peers[3].report.level = true;
  pass(kReportInterval);
  pass(kReportInterval);
  ASSERT_FALSE(cluster_log->changes.empty());
  EXPECT_EQ(cluster_log->changes.front(), "vote 2");
}

TEST_F(MembershipTest, WhoLacksMuchOfTheLogDoesNotVote) {
  form(3);
  cluster_log->at.members[1].votes = cluster_log->at.members[2].votes = false;
  cluster_log->ahead = 10'000;
  pass(kReportInterval);
  pass(kReportInterval);
  EXPECT_TRUE(cluster_log->changes.empty());
}

TEST_F(MembershipTest, WhoDoesNotLeadChangesNothing) {
  form(3);
  cluster_log->at.members[1].votes = cluster_log->at.members[2].votes = false;
  lead(2);
  pass(kReportInterval);
  pass(kReportInterval);
  EXPECT_TRUE(cluster_log->changes.empty());
}

TEST_F(MembershipTest, RemovesANodeThatIsForgotten) {
  form(3);
  const auto left = ask<ClusterStatus>(member, leader_atom_v, forget_atom_v, std::string("n3"));
  ASSERT_TRUE(left) << left.error().detail;
  EXPECT_EQ(left->nodes.size(), 2U);
  EXPECT_EQ(cluster_log->changes, std::vector<std::string>{"remove 3"});
}

TEST_F(MembershipTest, NamesTheNodeThatIsNotThere) {
  form(2);
  const auto left = ask<ClusterStatus>(member, leader_atom_v, forget_atom_v, std::string("n7"));
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, ErrorCode::kNotFound);
  EXPECT_NE(left.error().detail.find("'n7'"), std::string::npos);
}

TEST_F(MembershipTest, WhoAsksALeaderThatIsLostMeanwhileHearsSoAtOnce) {
  form(3);
  lead(2);
  const auto left = begin<ClusterStatus>(member, leader_atom_v, forget_atom_v, std::string("n3"));
  run();
  EXPECT_EQ(peers[2].to_forget, std::vector<std::string>{"n3"});
  EXPECT_FALSE(left->answered());
  caf::anon_send_exit(places.at("n2:2"), caf::exit_reason::kill);
  run();
  ASSERT_TRUE(left->answered());
  EXPECT_EQ(left->error().code, ErrorCode::kUnavailable);
}

TEST_F(MembershipTest, KeepsTheOnlyOneThatVotes) {
  form(2);
  cluster_log->at.members[1].votes = false;
  const auto left = ask<ClusterStatus>(member, leader_atom_v, forget_atom_v, std::string("n1"));
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(catalog->nodes().size(), 2U);
}

TEST_F(MembershipTest, ANodeThatWasRemovedSaysSo) {
  form(3);
  cluster_log->commit(about_nodes(EntryKind::kForgetNode, encode_node_id(1)), 0);
  run();
  EXPECT_EQ(removed.size(), 1U);
}

TEST_F(MembershipTest, ANodeThatWasRemovedInItsAbsenceIsToldByTheOthers) {
  form(3);
  peers[2].verdict = Error{ErrorCode::kNotFound, "the node has been removed from its cluster"};
  pass(kReportInterval);
  EXPECT_FALSE(removed.empty());
}

TEST_F(MembershipTest, TellsANodeThatItWasRemoved) {
  form(3);
  ASSERT_TRUE(ask<ClusterStatus>(member, leader_atom_v, forget_atom_v, std::string("n3")));
  const auto told = ask<node_report>(member, report_atom_v, node_report{record(3), 0, true, {}});
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(ask<node_report>(member, report_atom_v, node_report{record(9), 0, true, {}}))
      << "one that is only about to join";
}

TEST_F(MembershipTest, PromotesOnlyWhereAVoteIsFree) {
  form(4);
  cluster_log->at.members[3].votes = false;
  const auto promote = [&] {
    return ask<ClusterStatus>(member, leader_atom_v, promote_atom_v, std::string("n4"));
  };
  EXPECT_EQ(promote().error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(cluster_log->changes.empty());
  caf::anon_send_exit(places.at("n3:2"), caf::exit_reason::kill);
  run();
  static_cast<void>(promote());
  EXPECT_EQ(cluster_log->changes, std::vector<std::string>{"vote 4"});
}

TEST_F(MembershipTest, WhatWasAskedOfALeaderThatDiesFailsAtOnce) {
  form(3);
  lead(2);
  const auto answer = begin<Seq>(member, leader_atom_v, barrier_atom_v);
  run();
  EXPECT_EQ(peers[2].barriers, 1U);
  EXPECT_FALSE(answer->answered());
  caf::anon_send_exit(places.at("n2:2"), caf::exit_reason::kill);
  run();
  ASSERT_TRUE(answer->answered());
  EXPECT_EQ(answer->error().code, ErrorCode::kUnavailable);
}

TEST_F(MembershipTest, WithoutALeaderWhatNeedsOneFailsAtOnce) {
  form(3);
  lead(0);
  EXPECT_EQ(ask<Seq>(member, leader_atom_v, barrier_atom_v).error().code, ErrorCode::kUnavailable);
}

TEST_F(MembershipTest, TellsTheOthersWhereItsHttpServerIsNow) {
  form(2);
  caf::anon_send(member, address_atom_v, std::string("n1:8080"));
  pass(kReportInterval);
  EXPECT_EQ(catalog->nodes().at(1).http_address, "n1:8080");
}

TEST_F(MembershipTest, TheLeaderWritesDownWhereAnotherNodeIsNow) {
  form(2);
  auto moved = record(2);
  moved.log_address = "elsewhere:3";
  ASSERT_TRUE(ask<node_report>(member, report_atom_v, node_report{moved, 0, true, {}}));
  EXPECT_EQ(catalog->nodes().at(2), moved);
}

TEST_F(MembershipTest, WhoDoesNotLeadLeavesThatToTheLeader) {
  form(2);
  lead(2);
  auto moved = record(2);
  moved.log_address = "elsewhere:3";
  ASSERT_TRUE(ask<node_report>(member, report_atom_v, node_report{moved, 0, true, {}}));
  EXPECT_EQ(catalog->nodes().at(2), record(2));
}

}  // namespace
}  // namespace mosaic::actors
