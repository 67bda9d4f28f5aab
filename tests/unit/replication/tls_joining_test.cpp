// A log under TLS whose members come and go, found by the book of addresses.
#include "base/failure.hpp"
#include "unit/replication/tls_logs.hpp"

namespace mosaic::replication {
namespace {

using TlsJoining = test::TlsLogs;

TEST_F(TlsJoining, AMemberIsFoundByItsName) {
  begin(1);
  nodes[2].address = "localhost:" + std::to_string(nodes[2].socket->port);
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  store("entry");
  EXPECT_TRUE(hears(2, "entry"));
}

TEST_F(TlsJoining, AMemberThatComesBackAtAnotherPortIsFound) {
  begin(1);
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  store("before");
  ASSERT_TRUE(hears(2, "before"));
  nodes[2].log.reset();
  const test::LoopbackSocket other;
  nodes[2].address = other.address();
  begin(2);
  book->set(2, "localhost:" + std::to_string(other.port));
  store("after");
  EXPECT_TRUE(hears(2, "after"));
}

TEST_F(TlsJoining, AMemberListensWhereItIsToldTo) {
  begin(1);
  auto made = options(2);
  made.joins = true;
  made.listen = "0.0.0.0:" + std::to_string(nodes[2].socket->port);
  open(std::move(made));
  ASSERT_TRUE(add(log(1), 2));
  store("entry");
  EXPECT_TRUE(hears(2, "entry"));
}

TEST_F(TlsJoining, AMemberHearsNothingUntilItsNodeHasACertificate) {
  begin(1);
  const auto certificate = std::exchange(certificates[2], {});
  join(2);
  ASSERT_TRUE(add(log(1), 2));
  store("entry");
  EXPECT_FALSE(heard(2).entry("entry").has_value());
  certificates[2] = certificate;
  join(2);
  EXPECT_TRUE(hears(2, "entry"));
}

TEST_F(TlsJoining, ALogMayStopWhileItLooksForOthers) {
  begin(1);
  nodes[2].address = "localhost:" + std::to_string(nodes[2].socket->port);
  ASSERT_TRUE(add(log(1), 2));
  for (int i = 0; i < 10; ++i) {
    store("entry");
    nodes[1].log.reset();
    begin(1);
  }
}

TEST_F(TlsJoining, WhereItCannotListenIsSaid) {
  begin(1);
  auto made = options(2);
  made.listen = nodes[1].address;
  try {
    open(std::move(made));
    FAIL() << "it listens where another does";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().detail, "the log cannot listen at '" + nodes[1].address + "'");
  }
}

}  // namespace
}  // namespace mosaic::replication
