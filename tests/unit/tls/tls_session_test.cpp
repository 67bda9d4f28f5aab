#include "tls/tls_session.hpp"

#include "base/durable_file.hpp"
#include "unit/tls/certificate_files.hpp"

namespace mosaic::tls {
namespace {

using test::AuthorityFolder;

/// Two sessions that hear each other, until neither has anything to say.
struct Pair {
  TlsSession client;
  TlsSession server;
  std::string heard_by_client, heard_by_server;
  Status client_status, server_status;

  Pair(const TlsContext& client_context, const TlsContext& server_context)
      : client(client_context, TlsSession::Side::kConnecting),
        server(server_context, TlsSession::Side::kAccepting) {
    client_status = client.receive({}, heard_by_client);
    exchange();
  }
  void exchange() {
    while (true) {
      const auto from_client = client.take_outgoing();
      if (!from_client.empty()) server_status = server.receive(from_client, heard_by_server);
      const auto from_server = server.take_outgoing();
      if (!from_server.empty()) client_status = client.receive(from_server, heard_by_client);
      if (from_client.empty() && from_server.empty()) return;
    }
  }
};

struct Sessions : testing::Test {
  AuthorityFolder authority;
  TlsContext one = TlsContext::load(authority.files_of("one")).value();
  TlsContext two = TlsContext::load(authority.files_of("two")).value();
};

TEST_F(Sessions, OfOneAuthorityHearEachOther) {
  Pair pair(one, two);
  ASSERT_TRUE(pair.client.established());
  ASSERT_TRUE(pair.server.established());
  ASSERT_TRUE(pair.client.send("to the server").ok());
  ASSERT_TRUE(pair.server.send(std::string(100'000, 'x')).ok());
  pair.exchange();
  EXPECT_EQ(pair.heard_by_server, "to the server");
  EXPECT_EQ(pair.heard_by_client, std::string(100'000, 'x'));
}

TEST_F(Sessions, SendNothingInTheClear) {
  Pair pair(one, two);
  ASSERT_TRUE(pair.client.send("a secret of some length").ok());
  EXPECT_EQ(pair.client.take_outgoing().find("secret"), std::string::npos);
}

TEST_F(Sessions, OfAnotherAuthorityAreRefused) {
  AuthorityFolder other;
  const auto foreign = TlsContext::load(other.files_of("one")).value();
  Pair pair(one, foreign);
  EXPECT_FALSE(pair.client.established());
  EXPECT_FALSE(pair.server.established());
  EXPECT_EQ(pair.client_status.error().code, ErrorCode::kUnauthenticated);
}

TEST_F(Sessions, LetInTwoAuthoritiesWhileOneTakesTheOthersPlace) {
  AuthorityFolder other;
  const auto both = authority / "both.pem";
  write_durably(both,
                *read_whole(authority.made.certificate) + *read_whole(other.made.certificate));
  auto old_files = authority.files_of("old");
  auto new_files = other.files_of("new");
  old_files.ca = new_files.ca = both;
  const auto old_node = TlsContext::load(old_files).value();
  const auto new_node = TlsContext::load(new_files).value();
  Pair pair(old_node, new_node);
  EXPECT_TRUE(pair.client.established());
  EXPECT_TRUE(pair.server.established());
}

TEST_F(Sessions, TellEachOtherTheEnd) {
  Pair pair(one, two);
  EXPECT_FALSE(pair.server.ended());
  pair.client.close();
  pair.exchange();
  EXPECT_TRUE(pair.server.ended());
}

TEST_F(Sessions, RefuseGarbage) {
  TlsSession server(one, TlsSession::Side::kAccepting);
  std::string plain;
  const auto heard = server.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n", plain);
  ASSERT_FALSE(heard.ok());
  EXPECT_EQ(heard.error().code, ErrorCode::kUnauthenticated);
  EXPECT_TRUE(plain.empty());
}

TEST_F(Sessions, RefuseWhatWasChangedOnItsWay) {
  Pair pair(one, two);
  ASSERT_TRUE(pair.client.send("word").ok());
  auto bytes = pair.client.take_outgoing();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  EXPECT_FALSE(pair.server.receive(bytes, pair.heard_by_server).ok());
  EXPECT_TRUE(pair.heard_by_server.empty());
}

TEST_F(Sessions, SpeakTls13Alone) {
  const Context old(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_max_proto_version(old.get(), TLS1_2_VERSION);
  const std::unique_ptr<SSL, Freed<SSL_free>> ssl(SSL_new(old.get()));
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
  SSL_connect(ssl.get());
  std::string hello(BIO_ctrl_pending(out), '\0');
  BIO_read(out, hello.data(), static_cast<int>(hello.size()));
  TlsSession server(one, TlsSession::Side::kAccepting);
  std::string plain;
  const auto heard = server.receive(hello, plain);
  ASSERT_FALSE(heard.ok());
  EXPECT_NE(heard.error().detail.find("protocol"), std::string::npos) << heard.error().detail;
}

TEST_F(Sessions, NeedACertificateOfWhoConnects) {
  const Context nobody(SSL_CTX_new(TLS_client_method()));
  const std::unique_ptr<SSL, Freed<SSL_free>> ssl(SSL_new(nobody.get()));
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), in, out);
  TlsSession server(one, TlsSession::Side::kAccepting);
  std::string plain;
  Status heard;
  for (int round = 0; round < 4 && heard.ok(); ++round) {
    SSL_connect(ssl.get());
    std::string bytes(BIO_ctrl_pending(out), '\0');
    BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
    heard = server.receive(bytes, plain);
    const auto answer = server.take_outgoing();
    BIO_write(in, answer.data(), static_cast<int>(answer.size()));
  }
  ASSERT_FALSE(heard.ok());
  EXPECT_FALSE(server.established());
}

TEST_F(Sessions, HearOneThatSpeaksByteByByte) {
  TlsSession client(one, TlsSession::Side::kConnecting);
  TlsSession server(two, TlsSession::Side::kAccepting);
  std::string plain;
  ASSERT_TRUE(client.receive({}, plain).ok());
  for (int round = 0; round < 4; ++round) {
    for (const char byte : client.take_outgoing())
      ASSERT_TRUE(server.receive({&byte, 1}, plain).ok());
    for (const char byte : server.take_outgoing())
      ASSERT_TRUE(client.receive({&byte, 1}, plain).ok());
  }
  EXPECT_TRUE(server.established());
}

TEST(TlsContext, NamesTheFileThatIsMissing) {
  AuthorityFolder authority;
  auto files = authority.files_of("one");
  files.key = authority / "none.pem";
  const auto loaded = TlsContext::load(files);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kNotFound);
  EXPECT_NE(loaded.error().detail.find("none.pem"), std::string::npos);
}

TEST(TlsContext, NeedsAllFiles) {
  AuthorityFolder authority;
  auto files = authority.files_of("one");
  files.ca.clear();
  const auto loaded = TlsContext::load(files);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(loaded.error().detail.find("cluster.ca"), std::string::npos);
}

TEST(TlsContext, NeedsTheKeyOfItsCertificate) {
  AuthorityFolder authority;
  auto files = authority.files_of("one");
  files.key = authority.files_of("two").key;
  const auto loaded = TlsContext::load(files);
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().detail.find("two-key.pem"), std::string::npos);
}

TEST(TlsContext, NeedsACertificateThatItsAuthorityVouchesFor) {
  AuthorityFolder authority;
  AuthorityFolder other;
  auto files = authority.files_of("one");
  files.ca = other.made.certificate;
  const auto loaded = TlsContext::load(files);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(loaded.error().detail.find("does not vouch"), std::string::npos);
}

}  // namespace
}  // namespace mosaic::tls
