#include "actors/cluster_ports.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_folder.hpp"

namespace mosaic::actors {
namespace {

TEST(ClusterPorts, AreChosenOnceAndKept) {
  const test::TemporaryFolder folder;
  const auto chosen = kept_ports(folder.path(), "127.0.0.1", {});
  EXPECT_NE(chosen.actors, 0);
  EXPECT_NE(chosen.log, 0);
  const auto again = kept_ports(folder.path(), "127.0.0.1", {});
  EXPECT_EQ(again.actors, chosen.actors);
  EXPECT_EQ(again.log, chosen.log);
}

TEST(ClusterPorts, WhatIsWantedIsTaken) {
  const test::TemporaryFolder folder;
  const auto chosen = kept_ports(folder.path(), "127.0.0.1", {});
  const auto wanted = kept_ports(folder.path(), "127.0.0.1", {4'041, 0});
  EXPECT_EQ(wanted.actors, 4'041);
  EXPECT_EQ(wanted.log, chosen.log);
}

TEST(ClusterPorts, ADamagedFileCountsAsNone) {
  const test::TemporaryFolder folder;
  kept_ports(folder.path(), "127.0.0.1", {4'041, 4'042});
  std::ofstream(folder / "ports") << "mosaic log 1\nactors 9\nlog 9\nchecksum 0\n";
  const auto chosen = kept_ports(folder.path(), "127.0.0.1", {});
  EXPECT_NE(chosen.actors, 9);
  EXPECT_EQ(kept_ports(folder.path(), "127.0.0.1", {}).actors, chosen.actors);
}

}  // namespace
}  // namespace mosaic::actors
