#include "cli/check_command.hpp"

#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "cli/progress_display.hpp"
#include "cli/text_width.hpp"
#include "cli/usage_error.hpp"

namespace mosaic::cli {
namespace {

std::string line_of(const Finding& finding) {
  std::string line = fmt::format("{}: {}", finding.severity == Severity::kNote ? "note" : "damaged",
                                 one_line(finding.file));
  if (!finding.place.empty()) line += ", " + one_line(finding.place);
  line += ": " + one_line(finding.what);
  if (!finding.lost.empty()) line += ". Lost: " + one_line(finding.lost);
  if (!finding.repaired.empty()) {
    line += ". Repaired: " + one_line(finding.repaired);
  } else if (finding.severity == Severity::kDerived) {
    line += ". Nothing is lost: --repair makes it whole";
  }
  return line;
}

std::string counted(std::uint64_t number, const std::string& one, const std::string& many) {
  return fmt::format("{} {}", with_thousands(number), number == 1 ? one : many);
}
std::string counted(std::uint64_t number, const std::string& one) {
  return counted(number, one, one + "s");
}

std::string summary(const CheckReport& report) {
  std::uint64_t damaged = 0, repaired = 0;
  for (const auto& finding : report.findings) {
    if (finding.severity == Severity::kNote) continue;
    ++(finding.repaired.empty() ? damaged : repaired);
  }
  const auto seen =
      fmt::format("{}, {} bytes: {}, {}, {}, {}", counted(report.files, "file"),
                  with_thousands(report.bytes), counted(report.collections, "collection"),
                  counted(report.documents, "document"), counted(report.links, "link"),
                  counted(report.entries, "entry of the log", "entries of the log"));
  if (damaged == 0 && repaired == 0) return "sound: " + seen;
  return fmt::format("{}: {} damaged, {} repaired; {}", report.sound() ? "sound again" : "damaged",
                     damaged, repaired, seen);
}

std::string json_of(const CheckReport& report) {
  JsonWriter json;
  json.begin_object().key("sound").boolean(report.sound());
  json.key("findings").begin_array();
  for (const auto& finding : report.findings) {
    json.begin_object().key("severity").string(to_string(finding.severity));
    json.key("file").string(finding.file).key("place").string(finding.place);
    json.key("what").string(finding.what).key("lost").string(finding.lost);
    json.key("repaired").string(finding.repaired).end_object();
  }
  json.end_array();
  json.key("files").number(report.files).key("bytes").number(report.bytes);
  json.key("collections").number(report.collections).key("documents").number(report.documents);
  json.key("links").number(report.links).key("entries").number(report.entries);
  return json.end_object().take();
}

Result<CheckReport> check_shown(const CheckArguments& arguments, const Console& console,
                                const Check& check) {
  CheckProgress progress;
  const auto start = std::chrono::steady_clock::now();
  constexpr std::uint64_t kMebibyte = 1 << 20;
  ProgressDisplay display(console.err, console.err_terminal, [&] {
    return Progress{.label = arguments.repair ? "checking and repairing" : "checking",
                    .start = start,
                    .items = progress.bytes / kMebibyte,
                    .done = progress.bytes,
                    .total = progress.bytes_total,
                    .unit = "MiB"};
  });
  auto report = check(arguments.folder, arguments.repair, progress);
  display.finish();
  return report;
}

}  // namespace

int run_check(const CheckArguments& arguments, const Console& console, const Check& check) {
  const auto report = check_shown(arguments, console, check);
  if (!report) throw UsageError(report.error().detail);
  if (arguments.json) {
    console.out << json_of(*report) << "\n";
  } else {
    for (const auto& finding : report->findings) console.out << line_of(finding) << "\n";
    console.out << summary(*report) << "\n";
  }
  return report->sound() ? 0 : 1;
}

}  // namespace mosaic::cli
