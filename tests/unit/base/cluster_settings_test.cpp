#include "base/cluster_settings.hpp"

#include <gtest/gtest.h>

namespace mosaic {
namespace {

NodeSettings listening_at(const std::string& address) {
  NodeSettings settings;
  settings.cluster.listen = address;
  return settings;
}

NodeSettings with_certificates(NodeSettings settings) {
  settings.cluster.certificate = "node.pem";
  settings.cluster.key = "node.key";
  settings.cluster.ca = "ca.pem";
  return settings;
}

std::string refusal(const NodeSettings& settings) {
  const auto checked = check_cluster(settings);
  return checked ? "" : checked.error().detail;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ClusterSettings, OfANodeThatWasToldNothingAreRight) {
  EXPECT_EQ(refusal({}), "");
}

TEST(ClusterSettings, MayListenWhereOnlyThisMachineReaches) {
  for (const auto* address : {"127.0.0.1:0", "localhost:4045", "[::1]:4045", "127.9.9.9:1"})
    EXPECT_EQ(refusal(listening_at(address)), "") << address;
}

TEST(ClusterSettings, RefuseToListenForStrangersAndSayWhatToDo) {
  for (const std::string address : {"0.0.0.0:4045", "[::]:4045", "10.0.0.1:0", "node-1:4045"}) {
    const auto error = refusal(listening_at(address));
    EXPECT_EQ(error.find("cluster.listen = '" + address + "': "), 0U) << error;
    EXPECT_TRUE(says(error, "cluster.certificate")) << error;
    EXPECT_TRUE(says(error, "cluster.insecure = true")) << error;
  }
}

TEST(ClusterSettings, MayListenAnywhereWithCertificatesOrWhenToldSo) {
  EXPECT_EQ(refusal(with_certificates(listening_at("0.0.0.0:4045"))), "");
  auto insecure = listening_at("0.0.0.0:4045");
  insecure.cluster.insecure = true;
  EXPECT_EQ(refusal(insecure), "");
}

TEST(ClusterSettings, LetClientsInFromThisMachineAloneUnlessToldOtherwise) {
  auto settings = with_certificates({});
  for (const auto* address : {"", "127.0.0.1:4043", "localhost:4043", "[::1]:0"}) {
    settings.caf.listen = address;
    EXPECT_EQ(refusal(settings), "") << address;
  }
  settings.caf.listen = "0.0.0.0:4043";
  const auto error = refusal(settings);
  EXPECT_EQ(error.find("caf.listen = '0.0.0.0:4043': "), 0U) << error;
  EXPECT_TRUE(says(error, "cluster.insecure = true")) << error;
  settings.cluster.insecure = true;
  EXPECT_EQ(refusal(settings), "");
}

TEST(ClusterSettings, OfANodeOnItsOwnLeaveItsHttpAddressAlone) {
  NodeSettings settings;
  settings.http.listen = "0.0.0.0:4040";
  EXPECT_EQ(refusal(settings), "");
}

TEST(ClusterSettings, RefuseToJoinWhereTheOthersCouldNotReachTheNode) {
  NodeSettings settings;
  settings.http.listen = "0.0.0.0:4040";
  settings.cluster.join = {"a:1", "b:2"};
  const auto error = refusal(settings);
  EXPECT_EQ(error.find("cluster.join = 'a:1,b:2': "), 0U) << error;
  EXPECT_TRUE(says(error, "'0.0.0.0:4040'")) << error;
  EXPECT_TRUE(says(error, "cluster.insecure = true")) << error;
  settings.cluster.insecure = true;
  EXPECT_EQ(refusal(settings), "");
  settings.cluster.insecure = false;
  settings.cluster.listen = "127.0.0.1:0";
  EXPECT_EQ(refusal(settings), "");
}

TEST(ClusterSettings, TakeCertificateKeyAndCaTogetherOrNotAtAll) {
  const auto without = [](std::string NodeSettings::Cluster::*file) {
    auto settings = with_certificates({});
    (settings.cluster.*file).clear();
    return refusal(settings);
  };
  using Cluster = NodeSettings::Cluster;
  EXPECT_EQ(without(&Cluster::certificate).find("cluster.certificate = '': "), 0U);
  EXPECT_EQ(without(&Cluster::key).find("cluster.key = '': "), 0U);
  EXPECT_EQ(without(&Cluster::ca).find("cluster.ca = '': "), 0U);
  EXPECT_EQ(refusal(with_certificates({})), "");
}

TEST(ClusterSettings, PartOfTheCertificatesIsNoneOfThem) {
  auto settings = with_certificates(listening_at("0.0.0.0:1"));
  settings.cluster.ca.clear();
  EXPECT_FALSE(may_listen_for_cluster(settings));
}

TEST(ClusterSettings, HaveAnOddNumberOfVoters) {
  for (std::uint32_t voters = 1; voters <= 7; ++voters) {
    NodeSettings settings;
    settings.cluster.voters = voters;
    const auto error = refusal(settings);
    const auto named = "cluster.voters = '" + std::to_string(voters) + "': must be odd";
    EXPECT_EQ(error.find(named) == 0, voters % 2 == 0) << error;
  }
}

TEST(ClusterSettings, AddressIsTheHostOfHttpAndAFreePortUnlessSaidOtherwise) {
  NodeSettings settings;
  settings.http.listen = "[::1]:4040";
  EXPECT_EQ(cluster_address(settings), "[::1]:0");
  settings.cluster.listen = "10.0.0.1:4045";
  EXPECT_EQ(cluster_address(settings), "10.0.0.1:4045");
}

}  // namespace
}  // namespace mosaic
