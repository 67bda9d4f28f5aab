#include "cli/import/csv_parser.hpp"

#include <fmt/format.h>

namespace mosaic::cli {

int CsvParser::get() {
  const int c = file_.get();
  if (c == '\n') ++line_;
  ++row_bytes_;
  return c;
}

bool CsvParser::at_row_end() {
  const int c = file_.peek();
  return c < 0 || c == '\n' || c == '\r';
}

void CsvParser::skip_line() {
  for (int c = get(); c >= 0 && c != '\n';) c = get();
}

bool CsvParser::too_long(CsvRow& row) {
  if (row_bytes_ <= kLineBytesMax) return false;
  row.problem = fmt::format("the row is longer than {} bytes", kLineBytesMax);
  return true;
}

std::string CsvParser::read_quoted(CsvRow& row) {
  std::string field;
  get();  // The opening quote.
  for (int c = get(); c >= 0; c = get()) {
    if (c == '"' && file_.peek() != '"') return field;
    if (c == '"') get();
    field += static_cast<char>(c);
    if (too_long(row)) return field;
  }
  row.problem = "a quoted field is never closed";
  return field;
}

std::string CsvParser::read_field(CsvRow& row) {
  if (file_.peek() == '"') {
    auto field = read_quoted(row);
    if (row.problem.empty() && !at_row_end() && file_.peek() != ',') {
      row.problem = "a quoted field goes on behind its closing quote";
    }
    return field;
  }
  std::string field;
  for (int c = file_.peek(); c >= 0 && c != ',' && c != '\n'; c = file_.peek()) {
    field += static_cast<char>(get());
    if (too_long(row)) return field;
  }
  // A CR before the LF belongs to the line's end, one elsewhere to the field.
  if (!field.empty() && field.back() == '\r' && file_.peek() != ',') field.pop_back();
  return field;
}

void CsvParser::read_row(CsvRow& row) {
  row.fields.push_back(read_field(row));
  while (row.problem.empty() && file_.peek() == ',') {
    get();
    row.fields.push_back(read_field(row));
  }
  skip_line();
}

bool CsvParser::next(CsvRow& row) {
  while (file_.peek() >= 0) {
    row = CsvRow{{}, line_, {}};
    row_bytes_ = 0;
    const bool quoted = file_.peek() == '"';
    read_row(row);
    const bool blank = row.fields.size() == 1 && row.fields[0].empty() && !quoted;
    if (!blank || !row.problem.empty()) return true;
  }
  return false;
}

}  // namespace mosaic::cli
