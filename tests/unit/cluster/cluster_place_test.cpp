#include "cluster/cluster_place.hpp"

#include <gtest/gtest.h>

namespace mosaic::cluster {
namespace {

NodeSettings settings_of(const std::string& http, const std::string& cluster = "") {
  NodeSettings settings;
  settings.http.listen = http;
  settings.cluster.listen = cluster;
  return settings;
}

NodeSettings insecure(NodeSettings settings) {
  settings.cluster.insecure = true;
  return settings;
}

NodeSettings with_certificates(NodeSettings settings) {
  settings.cluster.certificate = "node.pem";
  settings.cluster.key = "node.key";
  settings.cluster.ca = "ca.pem";
  return settings;
}

const ClusterPlace kNowhere;

TEST(ClusterPlace, IsTheHostOfHttpAndAFreePort) {
  EXPECT_EQ(cluster_place({}), (ClusterPlace{true, "127.0.0.1", 0}));
  EXPECT_EQ(cluster_place(settings_of("localhost:1")), (ClusterPlace{true, "localhost", 0}));
  EXPECT_EQ(cluster_place(settings_of("[::1]:4040")), (ClusterPlace{true, "::1", 0}));
}

TEST(ClusterPlace, IsWhatClusterListenSays) {
  EXPECT_EQ(cluster_place(settings_of("0.0.0.0:4040", "127.0.0.1:4045")),
            (ClusterPlace{true, "127.0.0.1", 4045}));
  EXPECT_EQ(cluster_place(settings_of("127.0.0.1:4040", "[::1]:0")),
            (ClusterPlace{true, "::1", 0}));
}

TEST(ClusterPlace, IsNowhereWhereStrangersWouldReachIt) {
  EXPECT_EQ(cluster_place(settings_of("0.0.0.0:4040")), kNowhere);
  EXPECT_EQ(cluster_place(settings_of("10.0.0.1:4040")), kNowhere);
  EXPECT_EQ(cluster_place(settings_of("127.0.0.1:4040", "10.0.0.1:4045")), kNowhere);
}

TEST(ClusterPlace, IsAnywhereWithCertificatesOrWhenToldSo) {
  const ClusterPlace from_http{true, "0.0.0.0", 0};
  EXPECT_EQ(cluster_place(insecure(settings_of("0.0.0.0:4040"))), from_http);
  EXPECT_EQ(cluster_place(with_certificates(settings_of("0.0.0.0:4040"))), from_http);
  const ClusterPlace told{true, "10.0.0.1", 4045};
  EXPECT_EQ(cluster_place(insecure(settings_of("a:1", "10.0.0.1:4045"))), told);
  EXPECT_EQ(cluster_place(with_certificates(settings_of("a:1", "10.0.0.1:4045"))), told);
}

TEST(ClusterPlace, IsNowhereAtWhatIsNoAddress) {
  EXPECT_EQ(cluster_place(insecure(settings_of("127.0.0.1:1", "nonsense"))), kNowhere);
}

}  // namespace
}  // namespace mosaic::cluster
