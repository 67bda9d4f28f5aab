#include "cli/arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/version.hpp"
#include "cli/address_checks.hpp"
#include "cli/settings.hpp"
#include "cli/usage_error.hpp"
#include "mosaic/search.hpp"

namespace mosaic::cli {
namespace {

constexpr auto kExamples = R"(Examples:
  mosaic serve --data-dir ./data                       run a node on http://127.0.0.1:4040
  mosaic import packages debian.jsonl.gz --create      load documents into a new collection
  mosaic search packages "edit video" -k 5             search them
  mosaic search packages editor --filter '{"section":"editors"}'
  mosaic export packages -o packages.jsonl.gz          write all documents to a file
  mosaic collections                                   list the collections
  mosaic reembed packages builtin                      move a collection to another embedder
  mosaic snapshot create packages                      keep its state as it is now
  mosaic backup create packages --target file:///var/backups/mosaic
  mosaic cluster status                                show the nodes of a cluster
  mosaic top                                           watch the node live
  mosaic bench packages --rate 100 --plot load.svg     measure latency under load

`mosaic COMMAND --help` explains a command. Client commands speak to --url or MOSAIC_URL.
Exit codes: 0 done, 1 the operation failed, 2 wrong usage.)";

constexpr auto kServeFooter =
    R"(Settings come from the defaults, then the file of --config, then MOSAIC_SECTION_KEY in the
environment (--http.listen is MOSAIC_HTTP_LISTEN), then flags; the last one counts.

Examples:
  mosaic serve --data-dir /var/lib/mosaic --listen 0.0.0.0:4040
  mosaic serve --data-dir ./second --listen 127.0.0.1:4050 --join 127.0.0.1:4040
  MOSAIC_LOG_LEVEL=debug mosaic serve --config mosaic.toml
  mosaic serve --config mosaic.toml --print-config     show what is in force and from where)";

constexpr auto kImportFooter =
    R"(Formats: JSONL (keys id, title, text, vector, metadata, links; any others become metadata), CSV with
a header (columns id, title, text; others become metadata), fvecs (ids count from 0). All also
as .gz; - is JSONL from standard input.

Examples:
  mosaic import packages debian.jsonl.gz --links edges.tsv.gz --create --indexed section
  mosaic import words base.fvecs --create --metric l2 --embedder none
  generate | mosaic import events - --skip-bad)";

constexpr auto kSearchFooter = R"(Examples:
  mosaic search packages "edit video" -k 5
  mosaic search packages editor --mode text --filter '{"size":{"$lt":100000}}'
  mosaic search packages editor --where "metadata->>'section' = 'editors'" --json)";

constexpr auto kReembedFooter =
    R"(Searches and writes go on; at the end the new vectors take the place of the old ones all at once.
Documents without title and text end without a vector. Ctrl-C cancels the job, and the collection
keeps what it has.

Examples:
  mosaic reembed packages builtin
  mosaic reembed packages model:/srv/models/potion
  mosaic reembed packages openai:http://localhost:8080#e5-small --dimension 384)";

constexpr auto kCheckFooter =
    R"(Reads every file of a data folder that no node is using, and changes nothing. One line says what
is damaged, where, and what is lost with it. --repair makes anew what derives from the rest.

Exit codes: 0 sound, also after a crash; 1 something is damaged; 2 the folder cannot be checked.

Examples:
  mosaic check /var/lib/mosaic
  mosaic check /var/lib/mosaic --repair)";

constexpr auto kDefaultUrl = "http://127.0.0.1:4040";

/// Everything that CLI11 writes into while it parses.
struct Parsed {
  Server server;
  ServeArguments serve;
  std::vector<std::string> setting_values;  ///< by position in the table
  ImportArguments import_;
  ExportArguments export_;
  SearchArguments search;
  CollectionsArguments collections;
  ReembedArguments reembed;
  SnapshotArguments snapshot;
  BackupArguments backup;
  RestoreArguments restore;
  ClusterArguments cluster;
  CheckArguments check;
  TopArguments top;
  BenchArguments bench;
  CertificateArguments certificate;
  CollectionOptions options;
};

std::string variable(const Environment& environment, const std::string& name,
                     const std::string& fallback) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? fallback : found->second;
}

void add_server(CLI::App& command, Server& server) {
  command.add_option("--url", server.url, "Address of the node (MOSAIC_URL) [" + server.url + "]")
      ->type_name("URL");
  command.add_option("--api-key", server.api_key, "Key to show to the node (MOSAIC_API_KEY)")
      ->type_name("KEY");
}

/// An option or argument that takes a text.
CLI::Option* add_text(CLI::App& command, const std::string& flags, std::string& value,
                      const std::string& help, const std::string& type) {
  return command.add_option(flags, value, help)->type_name(type);
}

bool is_address(const Setting& setting) {
  return setting.check == check_listen || setting.check == check_listen_if_any ||
         setting.check == check_node_address;
}

std::string type_of(const Setting& setting) {
  if (is_address(setting)) return "HOST:PORT";
  if (setting.is_text()) return "TEXT";
  if (setting.is_list()) return "LIST";
  if (setting.is_switch()) return "BOOL";
  return setting.bytes ? "BYTES" : "N";
}

void add_serve(CLI::App& app, Parsed& parsed) {
  auto& serve = *app.add_subcommand("serve", "Run a node");
  serve.footer(kServeFooter);
  serve.add_option("--config", parsed.serve.config_file, "Configuration file (TOML)")
      ->type_name("FILE");
  serve.add_flag("--print-config", parsed.serve.print_config,
                 "Print what is in force and from where, as TOML, and end");
  const auto table = setting_table();
  parsed.setting_values.resize(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto& setting = table[i];
    auto flags = "--" + setting.name();
    if (!setting.short_flag.empty()) flags += fmt::format(",--{}", setting.short_flag);
    const auto help = fmt::format("{} [{}]", setting.help, toml_value(setting, NodeSettings{}));
    auto* option = serve.add_option(flags, parsed.setting_values[i], help);
    option->type_name(type_of(setting))->group("Settings");
    // Given again, or with several values, it has them all.
    if (setting.is_list()) option->expected(1, -1)->allow_extra_args()->join(',');
  }
}

std::vector<CLI::Option*> add_collection_options(CLI::App& command, CollectionOptions& options) {
  return {
      command.add_option("--dimension", options.dimension, "Numbers of a vector")
          ->type_name("N")
          ->check(CLI::Range(std::uint32_t{1}, kDimensionMax)),
      command.add_option("--metric", options.metric, "cosine, l2, dot or l1")
          ->type_name("M")
          ->check(CLI::IsMember({"cosine", "l2", "dot", "l1"})),
      command.add_option("--shards", options.shards, "Shards")
          ->type_name("N")
          ->check(CLI::Range(std::uint32_t{1}, kShardsMax)),
      command
          .add_option("--embedder", options.embedder, "builtin, none, hash, model:PATH, openai:URL")
          ->type_name("E"),
      // Split here: CLI11 would take the next word for a second path, though it names a file.
      command
          .add_option_function<std::string>(
              "--indexed",
              [&options](const std::string& paths) {
                options.indexed = CLI::detail::split(paths, ',');
              },
              "Metadata paths that filters find fast: a,b.c")
          ->type_name("PATHS"),
  };
}

void add_import(CLI::App& app, Parsed& parsed) {
  auto& command = *app.add_subcommand("import", "Load documents from files");
  auto& arguments = parsed.import_;
  command.footer(kImportFooter);
  add_text(command, "COLLECTION", arguments.collection, "Where to", "")->required();
  command.add_option("FILE", arguments.files, "What to load; - is standard input")
      ->required()
      ->type_name("");
  add_text(command, "--format", arguments.format, "jsonl, csv or fvecs [by the file's name]", "F")
      ->check(CLI::IsMember({"jsonl", "csv", "fvecs", "npy", "parquet"}));
  auto* create = command.add_flag("--create", arguments.create,
                                  "Make the collection when there is none of the name");
  add_text(command, "--links", arguments.links_file,
           "Links of the documents: source<TAB>target[<TAB>kind[<TAB>weight]]", "FILE");
  command.add_option("--batch", arguments.batch_documents, "Documents in one request [1000]")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kBatchDocumentsMax));
  command.add_flag("--skip-bad", arguments.skip_bad,
                   "Go on behind bad lines; list them at the end and end with 1");
  command
      .add_flag("--no-settings", arguments.no_settings,
                "Leave FILE.settings.json aside, which --create takes settings from")
      ->needs(create)
      ->group("With --create");
  command.add_flag("--json", arguments.json, "Print the summary as JSON");
  for (auto* option : add_collection_options(command, parsed.options)) {
    option->needs(create)->group("With --create");
  }
  add_server(command, parsed.server);
}

constexpr const char* kAsOfHelp =
    "As it was: a seq, a snapshot's name or an RFC 3339 time [as it is]";

void add_export(CLI::App& app, Parsed& parsed) {
  auto& command = *app.add_subcommand("export", "Write all documents as JSONL");
  add_text(command, "COLLECTION", parsed.export_.collection, "What to write", "")->required();
  add_text(command, "-o,--output", parsed.export_.file,
           "File to write, compressed when it ends in .gz [standard output]; beside it "
           "FILE.settings.json with what the collection is made with",
           "FILE");
  command.add_flag("--no-settings", parsed.export_.no_settings,
                   "Write no FILE.settings.json; there is none beside standard output");
  add_text(command, "--as-of", parsed.export_.as_of, kAsOfHelp, "STATE");
  add_server(command, parsed.server);
}

void add_search(CLI::App& app, Parsed& parsed) {
  auto& command = *app.add_subcommand("search", "Search a collection by text");
  auto& arguments = parsed.search;
  command.footer(kSearchFooter);
  add_text(command, "COLLECTION", arguments.collection, "Where to search", "")->required();
  add_text(command, "TEXT", arguments.text, "What to search for", "")->required();
  command.add_option("-k", arguments.k, "Hits wanted [10]")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kHitsMax));
  add_text(command, "--mode", arguments.mode, "hybrid, text or vector [hybrid]", "M")
      ->check(CLI::IsMember({"hybrid", "text", "vector"}));
  add_text(command, "--filter", arguments.filter, "Filter on metadata, as JSON", "JSON");
  add_text(command, "--where", arguments.where, "Filter as an SQL expression", "SQL");
  add_text(command, "--as-of", arguments.as_of, kAsOfHelp, "STATE");
  command.add_flag("--json", arguments.json, "Print the server's answer");
  add_server(command, parsed.server);
}

void add_collection_action(CLI::App& parent, Parsed& parsed, const std::string& word,
                           const std::string& help, CollectionsArguments::Action action) {
  auto& command = *parent.add_subcommand(word, help);
  add_text(command, "NAME", parsed.collections.name, "Name of the collection", "")->required();
  command.add_flag("--json", parsed.collections.json, "Print the server's answer");
  if (action == CollectionsArguments::Action::kCreate) {
    add_collection_options(command, parsed.options);
  }
  add_server(command, parsed.server);
  command.callback([&parsed, action] { parsed.collections.action = action; });
}

void add_collections(CLI::App& app, Parsed& parsed) {
  using Action = CollectionsArguments::Action;
  auto& command = *app.add_subcommand("collections", "List, show, create and drop collections");
  command.add_flag("--json", parsed.collections.json, "Print the server's answer");
  add_server(command, parsed.server);
  command.require_subcommand(0, 1);
  add_collection_action(command, parsed, "show", "Settings and shards of one", Action::kShow);
  add_collection_action(command, parsed, "create", "Make one", Action::kCreate);
  add_collection_action(command, parsed, "drop", "Remove one with all its documents",
                        Action::kDrop);
}

void add_reembed(CLI::App& app, Parsed& parsed) {
  auto& command = *app.add_subcommand("reembed", "Move a collection to another embedder");
  auto& arguments = parsed.reembed;
  command.footer(kReembedFooter);
  add_text(command, "COLLECTION", arguments.collection, "Which", "")->required();
  add_text(command, "EMBEDDER", arguments.embedder, "builtin, hash, model:PATH, openai:URL#MODEL",
           "")
      ->required();
  command.add_option("--dimension", arguments.dimension, "Numbers of a vector [the embedder's]")
      ->type_name("N")
      ->check(CLI::Range(std::uint32_t{1}, kDimensionMax));
  command.add_flag("--json", arguments.json, "Print the job as it ended");
  add_server(command, parsed.server);
}

/// Snapshots and backups.
void add_files(CLI::App& app, Parsed& parsed) {
  const auto with_server = [&parsed](CLI::App& command) { add_server(command, parsed.server); };
  add_snapshot_command(app, parsed.snapshot, with_server);
  add_backup_command(app, parsed.backup, with_server);
  add_restore_command(app, parsed.restore, with_server);
}

void add_cluster(CLI::App& app, Parsed& parsed) {
  auto& command = add_cluster_command(
      app, parsed.cluster, [&parsed](CLI::App& action) { add_server(action, parsed.server); });
  add_certificate_commands(command, parsed.certificate);
}

void add_check(CLI::App& app, Parsed& parsed) {
  auto& command = *app.add_subcommand("check", "Verify every file of a data folder, offline");
  command.footer(kCheckFooter);
  add_text(command, "DIR", parsed.check.folder, "The data folder", "")->required();
  command.add_flag("--repair", parsed.check.repair, "Make anew what is derived and damaged");
  command.add_flag("--json", parsed.check.json, "Print the findings as JSON");
}

void add_top(CLI::App& app, Parsed& parsed) {
  auto& command = *app.add_subcommand("top", "Watch a node live");
  add_top_options(command, parsed.top);
  add_server(command, parsed.server);
}

void add_bench(CLI::App& app, Parsed& parsed) {
  auto& command = *app.add_subcommand("bench", "Measure a node under load");
  add_bench_options(command, parsed.bench);
  add_server(command, parsed.server);
}

std::unique_ptr<CLI::App> make_app(Parsed& parsed) {
  auto app = std::make_unique<CLI::App>(
      "MosaicDB: vectors, text, SQL and links in one search engine", "mosaic");
  app->set_version_flag("--version", "mosaic " + std::string(kVersion), "Print the version");
  app->require_subcommand(1);
  add_serve(*app, parsed);
  add_import(*app, parsed);
  add_export(*app, parsed);
  add_search(*app, parsed);
  add_collections(*app, parsed);
  add_reembed(*app, parsed);
  add_files(*app, parsed);
  add_cluster(*app, parsed);
  add_check(*app, parsed);
  add_top(*app, parsed);
  add_bench(*app, parsed);
  app->footer(kExamples);  // Last: commands would inherit it.
  return app;
}

void require_json(const SearchArguments& arguments) {
  if (arguments.filter.empty() || nlohmann::json::accept(arguments.filter)) return;
  throw UsageError(fmt::format("--filter '{}' is not JSON", arguments.filter));
}

ServeArguments serve_arguments(Parsed& parsed, const CLI::App& serve) {
  const auto table = setting_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto name = table[i].name();
    if (serve.count("--" + name) != 0) {
      parsed.serve.flags.emplace_back(name, parsed.setting_values[i]);
    }
  }
  return std::move(parsed.serve);
}

template <class Arguments>
Command with_server(Arguments& arguments, Parsed& parsed) {
  arguments.server = parsed.server;
  return std::move(arguments);
}

Command chosen(const CLI::App& app, Parsed& parsed) {
  if (const auto* serve = app.get_subcommand("serve"); serve->parsed()) {
    return serve_arguments(parsed, *serve);
  }
  if (app.got_subcommand("import")) {
    parsed.import_.options = parsed.options;
    return with_server(parsed.import_, parsed);
  }
  if (app.got_subcommand("export")) return with_server(parsed.export_, parsed);
  if (app.got_subcommand("search")) {
    require_json(parsed.search);
    return with_server(parsed.search, parsed);
  }
  if (app.got_subcommand("reembed")) return with_server(parsed.reembed, parsed);
  if (app.got_subcommand("snapshot")) return with_server(parsed.snapshot, parsed);
  if (app.got_subcommand("backup")) return with_server(parsed.backup, parsed);
  if (app.got_subcommand("restore")) return with_server(parsed.restore, parsed);
  if (parsed.certificate.action != CertificateArguments::Action::kNone)
    return std::move(parsed.certificate);
  if (app.got_subcommand("cluster")) return with_server(parsed.cluster, parsed);
  if (app.got_subcommand("check")) return std::move(parsed.check);
  if (app.got_subcommand("bench")) {
    check_bench(parsed.bench);
    return with_server(parsed.bench, parsed);
  }
  if (app.got_subcommand("top")) return with_server(parsed.top, parsed);
  parsed.collections.options = parsed.options;
  return with_server(parsed.collections, parsed);
}

/// CLI11 would only say that a subcommand is required.
void require_command(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty()) throw UsageError("a command is required; see `mosaic --help`");
  const auto& word = words.front();
  if (!word.empty() && word.front() == '-') return;
  const auto commands = app.get_subcommands({});
  const bool known = std::any_of(commands.begin(), commands.end(),
                                 [&](const CLI::App* each) { return each->get_name() == word; });
  if (!known) throw UsageError(fmt::format("there is no command '{}'; see `mosaic --help`", word));
}

/// CLI11 throws for --help and --version, too.
Command help_or_refuse(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  std::ostringstream err;
  if (app.exit(error, out, err) == 0) return HelpText{out.str()};
  throw UsageError(fmt::format("{}; see `mosaic --help`", error.what()));
}

}  // namespace

Command parse_arguments(std::vector<std::string> words, const Environment& environment) {
  Parsed parsed;
  parsed.server = {variable(environment, "MOSAIC_URL", kDefaultUrl),
                   variable(environment, "MOSAIC_API_KEY", "")};
  const auto app = make_app(parsed);
  require_command(*app, words);
  std::reverse(words.begin(), words.end());  // As CLI11 takes them.
  try {
    app->parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return help_or_refuse(*app, error);
  }
  return chosen(*app, parsed);
}

}  // namespace mosaic::cli
