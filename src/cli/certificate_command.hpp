// `mosaic cluster init-ca` and `mosaic cluster issue-cert`: the files of mutual TLS between the
// nodes of a cluster, made offline.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/terminal.hpp"

namespace mosaic::cli {

struct CertificateArguments {
  enum class Action { kNone, kMakeAuthority, kIssue };

  Action action = Action::kNone;  ///< kNone: another command was given
  std::string out = ".";          ///< folder for what is made
  std::string ca = ".";           ///< folder of the authority
  std::string name;
  std::vector<std::string> hosts;
};

/// Adds both to `mosaic cluster`; what is parsed goes into `arguments`, which stays where it is.
void add_certificate_commands(CLI::App& cluster, CertificateArguments& arguments);

/// Throws UsageError for a bad name or host, Failure when nothing was made.
int run_certificate(const CertificateArguments& arguments, const Console& console);

}  // namespace mosaic::cli
