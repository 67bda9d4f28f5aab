// Documents of a CSV file with a header: columns id, title and text are the document's, further
// ones its metadata. Empty fields are absent; a number is a number when it reads back identically.
#pragma once

#include "cli/import/csv_parser.hpp"
#include "cli/import/record_reader.hpp"

namespace mosaic::cli {

class CsvReader : public RecordReader {
 public:
  explicit CsvReader(InputFile& file) : file_(file), parser_(file) {}
  ReadResult next() override;

 private:
  std::string read_header();
  BadLine bad(std::uint64_t line, std::string reason, bool ends_file = false) const;
  ReadResult to_record(const CsvRow& row) const;

  InputFile& file_;
  CsvParser parser_;
  std::vector<std::string> columns_;
};

/// True when `text` is a JSON number that every reader writes again in just this way.
bool is_plain_number(std::string_view text);

}  // namespace mosaic::cli
