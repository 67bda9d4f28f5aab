// The words of a command line as data: what each command is asked to do. Nothing runs here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/api_client.hpp"
#include "cli/backup_arguments.hpp"
#include "cli/bench/arguments.hpp"
#include "cli/certificate_command.hpp"
#include "cli/check_command.hpp"
#include "cli/cluster_arguments.hpp"
#include "cli/config.hpp"
#include "cli/top/arguments.hpp"

namespace mosaic::cli {

/// Text that the user asked for: --help or --version.
struct HelpText {
  std::string text;
};

struct ServeArguments {
  std::optional<std::string> config_file;
  std::vector<std::pair<std::string, std::string>> flags;  ///< "section.key" and its value
  bool print_config = false;
};

/// Settings of a new collection; what is absent is the server's default.
struct CollectionOptions {
  std::optional<std::uint32_t> dimension;
  std::optional<std::uint32_t> shards;
  std::optional<std::string> metric;
  std::optional<std::string> embedder;
  std::vector<std::string> indexed;
};

struct ImportArguments {
  Server server;
  std::string collection;
  std::vector<std::string> files;
  std::string format;  ///< empty: by the names of the files
  bool create = false;
  CollectionOptions options;
  std::string links_file;
  std::size_t batch_documents = 1'000;
  bool skip_bad = false;
  bool no_settings = false;  ///< those beside the file are not looked at
  bool json = false;
};

struct ExportArguments {
  Server server;
  std::string collection;
  std::string file;          ///< empty: standard output
  bool no_settings = false;  ///< documents alone
  std::string as_of;         ///< empty: as it stands now
};

struct SearchArguments {
  Server server;
  std::string collection;
  std::string text;
  std::size_t k = 10;
  std::string mode;  ///< empty: the server's default
  std::string filter;
  std::string where;
  std::string as_of;  ///< empty: as it stands now
  bool json = false;
};

struct CollectionsArguments {
  enum class Action { kList, kShow, kCreate, kDrop };

  Server server;
  Action action = Action::kList;
  std::string name;
  CollectionOptions options;
  bool json = false;
};

struct ReembedArguments {
  Server server;
  std::string collection;
  std::string embedder;
  std::optional<std::uint32_t> dimension;  ///< absent: the embedder's own
  bool json = false;
};

using Command = std::variant<HelpText, ServeArguments, ImportArguments, ExportArguments,
                             SearchArguments, CollectionsArguments, ReembedArguments,
                             CheckArguments, SnapshotArguments, BackupArguments, RestoreArguments,
                             ClusterArguments, CertificateArguments, TopArguments, BenchArguments>;

/// `words` without the program's name. Throws UsageError.
Command parse_arguments(std::vector<std::string> words, const Environment& environment);

}  // namespace mosaic::cli
