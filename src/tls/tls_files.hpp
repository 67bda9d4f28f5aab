// The three files that a node shows and trusts on connections within its cluster.
#pragma once

#include <filesystem>

namespace mosaic::tls {

/// All are PEM files; all or none are given.
struct TlsFiles {
  std::filesystem::path certificate;  ///< of this node
  std::filesystem::path key;          ///< of that certificate
  std::filesystem::path ca;           ///< whose certificates are let in

  bool empty() const { return certificate.empty() && key.empty() && ca.empty(); }
};

}  // namespace mosaic::tls
