// Rows of a CSV file (RFC 4180): fields in quotes may hold commas, line breaks and doubled quotes.
// LF and CRLF end a row. A quote inside a field without quotes stands for itself.
#pragma once

#include <string>
#include <vector>

#include "cli/import/input_file.hpp"

namespace mosaic::cli {

struct CsvRow {
  std::vector<std::string> fields;
  std::uint64_t line = 0;  ///< on which it begins, from 1
  std::string problem;     ///< empty for a good row
};

class CsvParser {
 public:
  explicit CsvParser(InputFile& file) : file_(file) { file_.skip_byte_order_mark(); }

  /// False at the end. Blank lines are left out. Behind a bad row it goes on with the next line.
  bool next(CsvRow& row);

 private:
  void read_row(CsvRow& row);
  std::string read_field(CsvRow& row);
  std::string read_quoted(CsvRow& row);
  bool at_row_end();
  void skip_line();
  int get();
  bool too_long(CsvRow& row);

  InputFile& file_;
  std::uint64_t line_ = 1;
  std::size_t row_bytes_ = 0;
};

}  // namespace mosaic::cli
