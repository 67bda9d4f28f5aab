#include "check/known_files.hpp"

#include <gtest/gtest.h>

namespace mosaic::check {
namespace {

TEST(KnownFiles, AreToldApartByPlaceAndName) {
  EXPECT_EQ(kind_of("LOCK"), FileKind::kLock);
  EXPECT_EQ(kind_of("ports"), FileKind::kPorts);
  EXPECT_EQ(kind_of("log.db-wal"), FileKind::kLogBefore);
  EXPECT_EQ(kind_of("log/open-12"), FileKind::kLog);
  EXPECT_EQ(kind_of("catalog.db"), FileKind::kCatalog);
  EXPECT_EQ(kind_of("catalog.db-wal"), FileKind::kWal);
  EXPECT_EQ(kind_of("collections/a.b-7/shard-12.db"), FileKind::kShard);
  EXPECT_EQ(kind_of("collections/a-7/shard-12.db-wal"), FileKind::kWal);
  EXPECT_EQ(kind_of("collections/a-7/shard-12.db-shm"), FileKind::kWalIndex);
  EXPECT_EQ(kind_of("collections/a-7/shard-12.index"), FileKind::kIndex);
  EXPECT_EQ(kind_of("collections/a-7/shard-12.index.tmp"), FileKind::kUnfinished);
  EXPECT_EQ(kind_of("collections/a-7/shard-12.db-journal"), FileKind::kUnfinished);
  EXPECT_EQ(kind_of("snapshots/a-7/monday/shard-0.db"), FileKind::kSnapshot);
}

TEST(KnownFiles, LeaveWhatIsStrangeUnknown) {
  for (const auto* path :
       {"shard-0.db", "notes.txt", "collections/shard-0.db", "collections/a-7/shard-x.db",
        "collections/a-7/shard-1", "collections/a-7/shard-1.dbx", "collections/a-7/b/shard-1.db"}) {
    EXPECT_EQ(kind_of(path), FileKind::kUnknown) << path;
  }
}

}  // namespace
}  // namespace mosaic::check
