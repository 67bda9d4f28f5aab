#include "cli/import/record_reader.hpp"

#include <fmt/format.h>

#include <array>

#include "cli/import/csv_reader.hpp"
#include "cli/import/fvecs_reader.hpp"
#include "cli/import/jsonl_reader.hpp"
#include "cli/usage_error.hpp"

namespace mosaic::cli {
namespace {

struct Ending {
  std::string_view word;
  ImportFormat format;
};

constexpr std::array<Ending, 5> kEndings = {{
    {"jsonl", ImportFormat::kJsonl},
    {"ndjson", ImportFormat::kJsonl},
    {"json", ImportFormat::kJsonl},
    {"csv", ImportFormat::kCsv},
    {"fvecs", ImportFormat::kFvecs},
}};

std::string_view ending_of(std::string_view path) {
  if (path.size() > 3 && path.substr(path.size() - 3) == ".gz") path.remove_suffix(3);
  const auto dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
}

}  // namespace

ImportFormat import_format(const std::string& word, const std::string& path) {
  if (word.empty() && path == "-") return ImportFormat::kJsonl;
  const auto name = word.empty() ? ending_of(path) : std::string_view(word);
  for (const auto& ending : kEndings) {
    if (ending.word == name) return ending.format;
  }
  if (name == "npy" || name == "parquet") {
    throw UsageError(fmt::format("'{}': format {} is not served by this version", path, name));
  }
  throw UsageError(fmt::format(
      "'{}': its format cannot be told from its name; give --format jsonl, csv or fvecs", path));
}

std::unique_ptr<RecordReader> make_reader(ImportFormat format, InputFile& file,
                                          std::uint64_t& running) {
  switch (format) {
    case ImportFormat::kCsv:
      return std::make_unique<CsvReader>(file);
    case ImportFormat::kFvecs:
      return std::make_unique<FvecsReader>(file, running);
    case ImportFormat::kJsonl:
      break;
  }
  return std::make_unique<JsonlReader>(file);
}

}  // namespace mosaic::cli
