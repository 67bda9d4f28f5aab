#include "tls/authority.hpp"

#include <sys/stat.h>

#include <openssl/pem.h>

#include <ctime>

#include "base/durable_file.hpp"
#include "unit/tls/certificate_files.hpp"

namespace mosaic::tls {
namespace {

using test::AuthorityFolder;
using test::vouches;

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 0777;
}

int days_left(const std::filesystem::path& certificate) {
  int days = 0;
  int seconds = 0;
  const auto read = read_certificate(certificate);
  ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(read.get()));
  return days;
}

std::string serial_of(const std::filesystem::path& certificate) {
  const auto read = read_certificate(certificate);
  const auto* serial = X509_get0_serialNumber(read.get());
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
          static_cast<std::size_t>(ASN1_STRING_length(serial))};
}

bool is_for(const std::filesystem::path& certificate, const std::string& host) {
  const auto read = read_certificate(certificate);
  return X509_check_host(read.get(), host.c_str(), host.size(), 0, nullptr) == 1 ||
         X509_check_ip_asc(read.get(), host.c_str(), 0) == 1;
}

TEST(Authority, VouchesForWhatItIssued) {
  AuthorityFolder authority;
  const auto issued = authority.issue("node-1", {"10.0.0.1"});
  ASSERT_TRUE(issued.ok()) << issued.error().detail;
  EXPECT_TRUE(vouches(authority.made.certificate, issued->certificate, X509_PURPOSE_SSL_CLIENT));
  EXPECT_TRUE(vouches(authority.made.certificate, issued->certificate, X509_PURPOSE_SSL_SERVER));
}

TEST(Authority, DoesNotVouchForAnothersCertificate) {
  AuthorityFolder authority;
  AuthorityFolder other;
  EXPECT_FALSE(vouches(authority.made.certificate, other.issue("node-1")->certificate));
}

TEST(Authority, DoesNotVouchForWhatANodeIssues) {
  AuthorityFolder authority;
  const auto node = authority.issue("node-1");
  const mosaic::test::TemporaryFolder folder;
  std::filesystem::copy(node->certificate, folder / "ca.pem");
  std::filesystem::copy(node->key, folder / "ca-key.pem");
  const auto issued = issue_certificate({folder.path(), folder.path(), "node-2", {}});
  ASSERT_FALSE(issued.ok());
  EXPECT_EQ(issued.error().code, ErrorCode::kCorruptData);
}

TEST(Authority, KeepsKeysFromOthers) {
  AuthorityFolder authority;
  EXPECT_EQ(mode_of(authority.made.key), 0600U);
  EXPECT_EQ(mode_of(authority.issue("node-1")->key), 0600U);
}

TEST(Authority, IsMadeOnceInAFolder) {
  AuthorityFolder authority;
  const auto before = read_whole(authority.made.key);
  const auto again = make_authority(authority.path());
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  EXPECT_NE(again.error().detail.find("ca.pem"), std::string::npos);
  EXPECT_EQ(read_whole(authority.made.key), before);
}

TEST(Authority, IsNotMadeOverAKeyThatIsLeft) {
  AuthorityFolder authority;
  std::filesystem::remove(authority.made.certificate);
  EXPECT_EQ(make_authority(authority.path()).error().code, ErrorCode::kAlreadyExists);
  EXPECT_FALSE(std::filesystem::exists(authority.made.certificate));
}

TEST(Authority, IsMadeInAFolderThatIsMissing) {
  const mosaic::test::TemporaryFolder folder;
  ASSERT_TRUE(make_authority(folder / "a").ok());
  EXPECT_EQ(mode_of(folder / "a"), 0700U);
}

TEST(Authority, LastsTenYears) {
  AuthorityFolder authority;
  EXPECT_NEAR(days_left(authority.made.certificate), kAuthorityDays, 1);
}

TEST(IssuedCertificate, LastsAsLongAsItSays) {
  AuthorityFolder authority;
  EXPECT_NEAR(days_left(authority.issue("node-1")->certificate), kCertificateDays, 1);
}

TEST(IssuedCertificate, IsForItsNameAndItsHosts) {
  AuthorityFolder authority;
  const auto made = authority.issue("node-1", {"node-1.internal", "10.0.0.1", "::1", "10.0.0.1"});
  ASSERT_TRUE(made.ok()) << made.error().detail;
  for (const auto* host : {"node-1", "node-1.internal", "10.0.0.1", "::1"})
    EXPECT_TRUE(is_for(made->certificate, host)) << host;
  EXPECT_FALSE(is_for(made->certificate, "10.0.0.2"));
}

TEST(IssuedCertificate, HasARandomSerialOf128Bits) {
  AuthorityFolder authority;
  const auto one = serial_of(authority.issue("a")->certificate);
  EXPECT_EQ(one.size(), 16U);
  EXPECT_NE(one, serial_of(authority.issue("b")->certificate));
}

TEST(IssuedCertificate, IsNotIssuedOverAnother) {
  AuthorityFolder authority;
  const auto before = read_whole(authority.issue("node-1")->certificate);
  EXPECT_EQ(authority.issue("node-1").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(read_whole(authority.path() / "node-1.pem"), before);
}

TEST(IssuedCertificate, NeedsAName) {
  AuthorityFolder authority;
  const std::string long_name(kNameBytesMax + 1, 'a');
  for (const auto& name : {std::string(), std::string("../up"), std::string("a/b"),
                           std::string("-a"), std::string("a,DNS:b"), std::string("a\nb"),
                           std::string("ca"), std::string("ca-key"), std::string("ä"), long_name}) {
    const auto issued = authority.issue(name);
    ASSERT_FALSE(issued.ok()) << name;
    EXPECT_EQ(issued.error().code, ErrorCode::kInvalidArgument) << name;
  }
  EXPECT_TRUE(authority.issue(std::string(kNameBytesMax, 'a')).ok());
}

TEST(IssuedCertificate, NamesAHostThatIsNone) {
  AuthorityFolder authority;
  for (const std::string host : {"a b", "a,IP:1.2.3.4", "10.0.0.1:4041", "", "*"}) {
    const auto issued = authority.issue("node-1", {host});
    ASSERT_FALSE(issued.ok()) << host;
    EXPECT_EQ(issued.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(issued.error().detail.find("host '" + host + "'"), std::string::npos);
  }
  EXPECT_FALSE(authority.issue("node-1", std::vector<std::string>(kHostsMax + 1, "a")).ok());
  EXPECT_TRUE(authority.issue("node-1", std::vector<std::string>(kHostsMax, "a")).ok());
}

TEST(IssuedCertificate, NeedsAnAuthority) {
  const mosaic::test::TemporaryFolder folder;
  const auto issued = issue_certificate({folder.path(), folder.path(), "node-1", {}});
  ASSERT_FALSE(issued.ok());
  EXPECT_EQ(issued.error().code, ErrorCode::kNotFound);
  EXPECT_NE(issued.error().detail.find("ca.pem"), std::string::npos);
}

TEST(IssuedCertificate, NeedsTheAuthoritysOwnKey) {
  AuthorityFolder authority;
  AuthorityFolder other;
  std::filesystem::copy(other.made.key, authority.made.key,
                        std::filesystem::copy_options::overwrite_existing);
  const auto issued = authority.issue("node-1");
  ASSERT_FALSE(issued.ok());
  EXPECT_EQ(issued.error().code, ErrorCode::kCorruptData);
}

TEST(IssuedCertificate, RefusesAnAuthorityThatIsRubbish) {
  AuthorityFolder authority;
  for (const auto& file : {authority.made.certificate, authority.made.key}) {
    const auto before = read_whole(file);
    write_durably(file, "rubbish");
    const auto issued = authority.issue("node-1");
    ASSERT_FALSE(issued.ok());
    EXPECT_EQ(issued.error().code, ErrorCode::kCorruptData);
    EXPECT_NE(issued.error().detail.find(file.filename().string()), std::string::npos);
    write_durably(file, *before);
  }
}

}  // namespace
}  // namespace mosaic::tls
