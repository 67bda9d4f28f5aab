#include "cli/import/jsonl_reader.hpp"

#include <fmt/format.h>

#include "cli/import/document_line.hpp"

namespace mosaic::cli {

ReadResult JsonlReader::next() {
  do {
    if (!file_.next_line(line_)) return EndOfFile{};
    ++number_;
  } while (line_.find_first_not_of(" \t\r") == std::string::npos);
  auto place = fmt::format("{}:{}", file_.name(), number_);
  if (line_.size() > kLineBytesMax) {
    return BadLine{std::move(place),
                   fmt::format("the line is longer than {} bytes", kLineBytesMax)};
  }
  auto record = parse_document_line(line_);
  if (!record) return BadLine{std::move(place), record.error().detail};
  record->place = std::move(place);
  return std::move(*record);
}

}  // namespace mosaic::cli
