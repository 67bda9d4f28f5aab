// The private authority of a cluster: who has a certificate of it is let in. Made on any machine,
// offline; only the certificates go to the nodes. Keys are ECDSA P-256, in PEM files (PKCS #8) that
// their owner alone may read. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mosaic/result.hpp"

namespace mosaic::tls {

constexpr int kAuthorityDays = 3'650;
/// As much as the makers of browsers allowed a certificate when that was much.
constexpr int kCertificateDays = 825;
constexpr std::size_t kNameBytesMax = 63;
constexpr std::size_t kHostBytesMax = 253;
constexpr std::size_t kHostsMax = 64;

struct CertificateFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

/// Makes ca.pem and ca-key.pem in `folder`, which is made if it is missing. Error: already_exists,
/// and nothing is changed, when one of them is there; unavailable when they cannot be written.
Result<CertificateFiles> make_authority(const std::filesystem::path& folder);

struct CertificateWish {
  std::filesystem::path ca_folder;  ///< with ca.pem and ca-key.pem
  std::filesystem::path folder;     ///< where the files go; made if it is missing
  std::string name;                ///< of the node and of its files: letters, digits, '-', '_', '.'
  std::vector<std::string> hosts;  ///< DNS names and IP addresses where it is found
};

/// Makes <name>.pem and <name>-key.pem. Error: invalid_argument for a bad name or host; not_found
/// or corrupt_data when the authority cannot be used; already_exists, and nothing is changed, when
/// one of the files is there; unavailable when they cannot be written.
Result<CertificateFiles> issue_certificate(const CertificateWish& wish);

}  // namespace mosaic::tls
