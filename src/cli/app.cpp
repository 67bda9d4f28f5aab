#include "cli/app.hpp"

#include <exception>
#include <iostream>

#include "base/failure.hpp"
#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/text_width.hpp"
#include "cli/usage_error.hpp"

namespace mosaic::cli {
namespace {

/// Runs the command that the arguments stand for.
struct Runner {
  const Environment& environment;
  const Console& console;
  const Serve& serve;
  const Check& check;

  int operator()(const HelpText& help) const {
    console.out << help.text;
    return kExitDone;
  }
  int operator()(const ServeArguments& arguments) const {
    const auto config = load_config({arguments.config_file, environment, arguments.flags});
    if (!arguments.print_config) return serve(config.settings);
    console.out << print_config(config);
    return kExitDone;
  }
  int operator()(const ImportArguments& arguments) const { return run_import(arguments, console); }
  int operator()(const ExportArguments& arguments) const { return run_export(arguments, console); }
  int operator()(const SearchArguments& arguments) const { return run_search(arguments, console); }
  int operator()(const CollectionsArguments& arguments) const {
    return run_collections(arguments, console);
  }
  int operator()(const ReembedArguments& arguments) const {
    return run_reembed(arguments, console);
  }
  int operator()(const SnapshotArguments& arguments) const {
    return run_snapshot(arguments, console);
  }
  int operator()(const BackupArguments& arguments) const { return run_backup(arguments, console); }
  int operator()(const RestoreArguments& arguments) const {
    return run_restore(arguments, console);
  }
  int operator()(const ClusterArguments& arguments) const {
    return run_cluster(arguments, console);
  }
  int operator()(const CheckArguments& arguments) const {
    return run_check(arguments, console, check);
  }
  int operator()(const BenchArguments& arguments) const { return run_bench(arguments, console); }
  int operator()(const TopArguments& arguments) const { return run_top(arguments, console); }
  int operator()(const CertificateArguments& arguments) const {
    return run_certificate(arguments, console);
  }
};

int complain(const Console& console, const std::string& message, int exit_code) {
  console.err << "mosaic: " << one_line(message) << std::endl;
  return exit_code;
}

/// Output that could not be written (a full disk) must not pass for success.
int checked(int exit_code, const Console& console) {
  console.out.flush();
  if (console.out) return exit_code;
  return complain(console, "cannot write standard output", kExitFailed);
}

}  // namespace

int run(const std::vector<std::string>& words, const Environment& environment,
        const Console& console, const Serve& serve, const Check& check) {
  try {
    const auto command = parse_arguments(words, environment);
    return checked(std::visit(Runner{environment, console, serve, check}, command), console);
  } catch (const UsageError& error) {
    return complain(console, error.what(), kExitUsage);
  } catch (const std::exception& error) {
    return complain(console, error.what(), kExitFailed);
  }
}

int run(int argc, char** argv, const Serve& serve, const Check& check) {
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  const Console console{std::cout, std::cerr, detect_terminal(1), detect_terminal(2)};
  return run(words, process_environment(), console, serve, check);
}

}  // namespace mosaic::cli
