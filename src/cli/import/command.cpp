#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "base/json_writer.hpp"
#include "cli/commands.hpp"
#include "cli/import/importer.hpp"
#include "cli/progress_display.hpp"
#include "cli/text_width.hpp"

namespace mosaic::cli {
namespace {

/// What an import came to.
struct Outcome {
  const ImportArguments& arguments;
  const ImportTally& tally;
  std::uint64_t unmatched_links = 0;
  double seconds = 0;

  std::uint64_t rate() const {
    return seconds > 0 ? static_cast<std::uint64_t>(static_cast<double>(tally.documents) / seconds)
                       : 0;
  }
};

/// Opens every plain file once, so that a wrong name stops the import before anything is stored.
/// Gives the bytes of all, or 0 when those of one (a pipe) are unknown.
std::uint64_t check_files(const std::vector<std::string>& paths, const std::string& format) {
  std::uint64_t total = 0;
  bool known = true;
  for (const auto& path : paths) {
    import_format(format, path);
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    // A pipe may be opened only once: its writer would lose its reader.
    const bool is_stream = path == "-" || std::filesystem::is_fifo(status) ||
                           std::filesystem::is_character_file(status);
    known = known && !is_stream;
    if (!is_stream) total += InputFile(path).size();
  }
  return known ? total : 0;
}

std::string json_summary(const Outcome& outcome) {
  JsonWriter json;
  json.begin_object();
  json.key("collection").string(outcome.arguments.collection);
  json.key("documents").number(outcome.tally.documents.load());
  json.key("links").number(outcome.tally.links.load());
  json.key("bad_lines").number(outcome.tally.bad_lines.count());
  json.key("unmatched_links").number(outcome.unmatched_links);
  json.key("seconds").number(outcome.seconds);
  json.key("documents_per_s").number(outcome.rate());
  return json.end_object().take();
}

std::string summary(const Outcome& outcome) {
  auto text = fmt::format("imported {} documents ({} links) in {:.1f} s, {} documents/s\n",
                          outcome.tally.documents.load(), outcome.tally.links.load(),
                          outcome.seconds, outcome.rate());
  if (outcome.unmatched_links != 0) {
    text += fmt::format("left out {} links of {}: their sources are not in this import\n",
                        outcome.unmatched_links, outcome.arguments.links_file);
  }
  return text;
}

void print_summary(const Outcome& outcome, const Console& console) {
  console.out << (outcome.arguments.json ? json_summary(outcome) + '\n' : summary(outcome))
              << std::flush;
}

void list_bad_lines(const BadLines& bad_lines, const Console& console) {
  const auto first = bad_lines.first();
  for (const auto& line : first) console.err << "mosaic: " << one_line(line) << '\n';
  if (bad_lines.count() > first.size()) {
    console.err << fmt::format("mosaic: and {} more\n", bad_lines.count() - first.size());
  }
}

/// Runs the import under the progress display. The failure that ended it, if any.
std::optional<Failure> run_shown(Importer& importer, const ImportArguments& arguments,
                                 const ImportTally& tally, std::uint64_t bytes_total,
                                 const Console& console) {
  const auto start = std::chrono::steady_clock::now();
  ProgressDisplay display(console.err, console.err_terminal, [&, start] {
    return Progress{.label = "importing " + one_line(arguments.collection),
                    .start = start,
                    .items = tally.documents,
                    .done = tally.bytes_read,
                    .total = bytes_total};
  });
  try {
    importer.run();
  } catch (const Failure& failure) {
    return failure;
  }
  return std::nullopt;
}

[[noreturn]] void give_up(const Failure& failure, const Outcome& outcome, const Console& console) {
  if (outcome.arguments.json) print_summary(outcome, console);
  throw Failure(failure.error().code,
                fmt::format("{}; {} documents were stored", failure.error().detail,
                            outcome.tally.documents.load()));
}

}  // namespace

int run_import(const ImportArguments& arguments, const Console& console) {
  const auto bytes_total = check_files(arguments.files, arguments.format);
  const auto start = std::chrono::steady_clock::now();
  ImportTally tally(arguments.skip_bad);
  Importer importer(arguments, tally);
  const auto failure = run_shown(importer, arguments, tally, bytes_total, console);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  const Outcome outcome{arguments, tally, importer.unmatched_links(), taken.count()};
  if (tally.bad_lines.count() != 0) list_bad_lines(tally.bad_lines, console);
  if (failure) give_up(*failure, outcome, console);
  print_summary(outcome, console);
  if (tally.bad_lines.count() == 0) return 0;
  throw Failure(invalid(fmt::format("{} bad lines were left out", tally.bad_lines.count())));
}

}  // namespace mosaic::cli
