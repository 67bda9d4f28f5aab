// A line of JSONL as a record. id, title, text, vector, metadata and links are the document's;
// further keys go under its metadata, where an explicit member of the same name wins. Pure.
#pragma once

#include <string_view>

#include "cli/import/record.hpp"

namespace mosaic::cli {

/// The record without its place. Errors name the field; what only the server can know (dimension,
/// limits) is left to the server.
Result<Record> parse_document_line(std::string_view line);

}  // namespace mosaic::cli
