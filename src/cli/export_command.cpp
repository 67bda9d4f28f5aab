#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/output_file.hpp"
#include "cli/progress_display.hpp"
#include "cli/settings_file.hpp"
#include "cli/text_width.hpp"
#include "net/url.hpp"

namespace mosaic::cli {
namespace {

/// Counts the lines that pass by. Written by the receiving thread, read by the display.
class LineCount {
 public:
  void see(std::string_view bytes) {
    if (bytes.empty()) return;
    lines_ += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    whole_ = bytes.back() == '\n';
  }
  std::uint64_t lines() const { return lines_; }
  /// The last line was ended.
  bool whole() const { return whole_; }

 private:
  std::atomic<std::uint64_t> lines_{0};
  bool whole_ = true;
};

void require_whole(const LineCount& count) {
  if (count.whole()) return;
  throw Failure(ErrorCode::kUnavailable,
                fmt::format("the export broke off within document {}", count.lines() + 1));
}

std::string export_path(const ExportArguments& arguments) {
  const auto path = collection_path(arguments.collection, "/export");
  if (arguments.as_of.empty()) return path;
  return fmt::format("{}?as_of={}", path, net::escape(arguments.as_of));
}

int export_to_stdout(ApiClient& client, const ExportArguments& arguments, const Console& console) {
  LineCount count;
  client.download(export_path(arguments), [&](std::string_view bytes) {
    console.out << bytes;
    if (!console.out) throw Failure(ErrorCode::kInternal, "cannot write standard output");
    count.see(bytes);
    return true;
  });
  require_whole(count);
  return 0;
}

std::uint64_t documents_of(ApiClient& client, const std::string& collection) {
  const auto info = client.call("GET", collection_path(collection)).json();
  return info.is_object() ? info.value("documents", std::uint64_t{0}) : 0;
}

/// Vectors of two embedders in one file could not be told apart when it is read.
void require_unchanged(ApiClient& client, const std::string& collection,
                       const CollectionSetup& before) {
  if (setup_of(client, collection) == before) return;
  throw Failure(ErrorCode::kUnavailable,
                fmt::format("the settings of collection '{}' changed while it was exported; export "
                            "it again",
                            one_line(collection)));
}

/// A pipe has no place beside it.
bool has_place_beside(const std::string& file) {
  std::error_code missing;
  const auto status = std::filesystem::status(file, missing);
  return !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
}

void write_settings(const ExportArguments& arguments, const CollectionSetup& setup) {
  OutputFile file(settings_file_of(arguments.file));
  file.write(settings_text(arguments.collection, setup));
  file.complete();
}

void export_shown(ApiClient& client, const ExportArguments& arguments, const Console& console,
                  const CollectionSetup& setup, LineCount& count) {
  const auto total = documents_of(client, arguments.collection);
  OutputFile file(arguments.file);
  const auto start = std::chrono::steady_clock::now();
  ProgressDisplay display(console.err, console.err_terminal, [&, start] {
    return Progress{.label = "exporting " + one_line(arguments.collection),
                    .start = start,
                    .items = count.lines(),
                    .done = count.lines(),
                    .total = total};
  });
  client.download(export_path(arguments), [&](std::string_view bytes) {
    file.write(bytes);
    count.see(bytes);
    return true;
  });
  require_whole(count);
  require_unchanged(client, arguments.collection, setup);
  file.complete();
}

}  // namespace

int run_export(const ExportArguments& arguments, const Console& console) {
  ApiClient client(arguments.server);
  if (arguments.file.empty() || arguments.file == "-") {
    return export_to_stdout(client, arguments, console);
  }
  const auto start = std::chrono::steady_clock::now();
  LineCount count;
  const auto setup = setup_of(client, arguments.collection);
  export_shown(client, arguments, console, setup, count);
  if (!arguments.no_settings && has_place_beside(arguments.file)) write_settings(arguments, setup);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  console.out << fmt::format("exported {} documents to {} in {:.1f} s\n", count.lines(),
                             one_line(arguments.file), taken.count());
  return 0;
}

}  // namespace mosaic::cli
