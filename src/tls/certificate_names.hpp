// Which names and hosts a certificate may be issued for. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mosaic/result.hpp"

namespace mosaic::tls {

/// `ca` is refused: its files are the authority's. Error invalid_argument.
Status check_name(std::string_view name);

/// The hosts and the name as OpenSSL's configuration language has them: `DNS:a,IP:10.0.0.1`, each
/// once. Error invalid_argument names the host that is none.
Result<std::string> alternative_names(std::string_view name, const std::vector<std::string>& hosts);

}  // namespace mosaic::tls
