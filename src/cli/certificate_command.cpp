#include "cli/certificate_command.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/failure.hpp"
#include "cli/settings.hpp"
#include "cli/usage_error.hpp"
#include "tls/authority.hpp"

namespace mosaic::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kAuthorityFooter =
    R"(Makes the authority of a cluster: ca.pem, which every node needs, and ca-key.pem. Whoever has that key can let
nodes in: keep it off the nodes.

Example:
  mosaic cluster init-ca --out secrets)";

constexpr auto kIssueFooter =
    R"(Makes a node's certificate and its key, and shows the settings that go with them. A node let in by its
certificate can do everything in the cluster.

Example:
  mosaic cluster issue-cert node-1 --host 10.0.0.1 --host node-1.internal --ca secrets --out node-1)";

/// As it stands in a configuration file, which may be read from another folder.
std::string shown(const fs::path& path) {
  return fs::absolute(path).lexically_normal().string();
}

tls::CertificateFiles or_refuse(const Result<tls::CertificateFiles>& made) {
  if (made) return *made;
  if (made.error().code == ErrorCode::kInvalidArgument) throw UsageError(made.error().detail);
  throw Failure(made.error());
}

int make_authority(const CertificateArguments& arguments, const Console& console) {
  const auto files = or_refuse(tls::make_authority(arguments.out));
  console.out << fmt::format(
      "made {}: the authority of the cluster; every node needs it\n"
      "made {}: its key; whoever has it can let nodes in\n"
      "next: mosaic cluster issue-cert NAME --host HOST --ca {}\n",
      shown(files.certificate), shown(files.key), arguments.out);
  return 0;
}

int issue(const CertificateArguments& arguments, const Console& console) {
  const auto files = or_refuse(
      tls::issue_certificate({arguments.ca, arguments.out, arguments.name, arguments.hosts}));
  console.out << fmt::format(
      "made {}: the certificate of '{}', for {} days\n"
      "made {}: its key, for that node alone\n"
      "In the node's mosaic.toml, with the paths where it has them:\n\n"
      "[cluster]\ncertificate = {}\nkey = {}\nca = {}\n",
      shown(files.certificate), arguments.name, tls::kCertificateDays, shown(files.key),
      toml_string(shown(files.certificate)), toml_string(shown(files.key)),
      toml_string(shown(fs::path(arguments.ca) / "ca.pem")));
  return 0;
}

}  // namespace

void add_certificate_commands(CLI::App& cluster, CertificateArguments& arguments) {
  using Action = CertificateArguments::Action;
  const auto add = [&](const std::string& word, const std::string& help, Action action) {
    auto* command = cluster.add_subcommand(word, help);
    command->callback([&arguments, action] { arguments.action = action; });
    command->add_option("--out", arguments.out, "Folder for the files [.]")->type_name("FOLDER");
    return command;
  };
  auto* authority =
      add("init-ca", "Make the authority whose nodes are let in, offline", Action::kMakeAuthority);
  authority->footer(kAuthorityFooter);
  auto* issued = add("issue-cert", "Make the certificate of a node, offline", Action::kIssue);
  issued->footer(kIssueFooter);
  issued->add_option("NAME", arguments.name, "Of the node, and of the files")
      ->required()
      ->type_name("");
  issued
      ->add_option("--host", arguments.hosts,
                   "Name or IP address where others find it; may be repeated")
      ->type_name("HOST")
      ->take_all()
      ->expected(1);
  issued->add_option("--ca", arguments.ca, "Folder of the authority [.]")->type_name("FOLDER");
}

int run_certificate(const CertificateArguments& arguments, const Console& console) {
  return arguments.action == CertificateArguments::Action::kIssue
             ? issue(arguments, console)
             : make_authority(arguments, console);
}

}  // namespace mosaic::cli
