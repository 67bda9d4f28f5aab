// What a node shows and trusts, loaded once and shared by its connections: TLS 1.3 alone, both
// sides show a certificate of the authority, no session is ever resumed. Hosts are not compared:
// the authority is private to the cluster. Never changes: any thread.
#pragma once

#include <memory>

#include "mosaic/result.hpp"
#include "tls/tls_files.hpp"

struct ssl_ctx_st;

namespace mosaic::tls {

class TlsContext {
 public:
  /// Error: not_found, unavailable, corrupt_data for a file, each by its name; invalid_argument
  /// when some of the files are not given, the key is not the certificate's, or the authority does
  /// not vouch for the certificate, as when it is too old.
  static Result<TlsContext> load(const TlsFiles& files);

  ssl_ctx_st* get() const { return context_.get(); }

 private:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}

  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace mosaic::tls
