#include "cli/import/csv_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>

#include "base/json_writer.hpp"
#include "base/utf8.hpp"

namespace mosaic::cli {
namespace {

template <class Number>
bool reads_back(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  return JsonWriter().number(number).take() == text;
}

void write_value(JsonWriter& writer, const std::string& text) {
  if (is_plain_number(text)) {
    writer.raw(text);
  } else {
    writer.string(text);
  }
}

bool is_own_column(std::string_view column) {
  return column == "id" || column == "title" || column == "text";
}

}  // namespace

bool is_plain_number(std::string_view text) {
  // A double that is not finite is written as null and so never reads back.
  return reads_back<std::int64_t>(text) || reads_back<double>(text);
}

BadLine CsvReader::bad(std::uint64_t line, std::string reason, bool ends_file) const {
  return {fmt::format("{}:{}", file_.name(), line), std::move(reason), ends_file};
}

/// The problem of the header, or empty.
std::string CsvReader::read_header() {
  CsvRow header;
  if (!parser_.next(header)) return "the file is empty; a header with a column 'id' is needed";
  if (!header.problem.empty()) return header.problem;
  columns_ = std::move(header.fields);
  std::set<std::string_view> seen;
  for (const auto& column : columns_) {
    if (!is_utf8(column)) return "a column's name is not valid UTF-8";
    if (column.empty()) return fmt::format("column {} has no name", seen.size() + 1);
    if (!seen.insert(column).second) return fmt::format("there are two columns '{}'", column);
  }
  return seen.count("id") != 0 ? "" : "there is no column 'id'";
}

ReadResult CsvReader::to_record(const CsvRow& row) const {
  if (row.fields.size() != columns_.size()) {
    return bad(row.line, fmt::format("the row has {} fields, the header {}", row.fields.size(),
                                     columns_.size()));
  }
  Record record{fmt::format("{}:{}", file_.name(), row.line), {}, {}, 0, {}};
  JsonWriter members;
  JsonWriter metadata;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto& [column, field] = std::tie(columns_[i], row.fields[i]);
    if (!is_utf8(field)) return bad(row.line, fmt::format("'{}' is not valid UTF-8", column));
    if (column == "id") record.id = field;
    if (field.empty() || column == "id") continue;
    if (is_own_column(column)) {
      members.key(column).string(field);
    } else {
      metadata.key(column);
      write_value(metadata, field);
    }
  }
  if (record.id.empty()) return bad(row.line, "id is empty");
  if (metadata.size() != 0) members.key("metadata").raw('{' + metadata.take() + '}');
  record.members = members.take();
  return record;
}

ReadResult CsvReader::next() {
  if (columns_.empty()) {
    if (auto problem = read_header(); !problem.empty()) return bad(1, std::move(problem), true);
  }
  CsvRow row;
  if (!parser_.next(row)) return EndOfFile{};
  if (!row.problem.empty()) return bad(row.line, row.problem);
  return to_record(row);
}

}  // namespace mosaic::cli
