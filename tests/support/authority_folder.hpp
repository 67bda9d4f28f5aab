// A folder with an authority of a cluster and the certificates that it has issued.
#pragma once

#include "support/temporary_folder.hpp"
#include "tls/authority.hpp"
#include "tls/tls_files.hpp"

namespace mosaic::test {

struct AuthorityFolder : TemporaryFolder {
  AuthorityFolder() : made(tls::make_authority(path()).value()) {}

  Result<tls::CertificateFiles> issue(const std::string& name,
                                      std::vector<std::string> hosts = {}) const {
    return tls::issue_certificate({path(), path(), name, std::move(hosts)});
  }
  /// What a node needs.
  tls::TlsFiles files_of(const std::string& name) const {
    const auto issued = issue(name).value();
    return {issued.certificate, issued.key, made.certificate};
  }

  tls::CertificateFiles made;
};

}  // namespace mosaic::test
