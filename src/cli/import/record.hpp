// One document on its way from a file to the server, kept as the JSON text that will be sent, so
// that numbers and texts arrive as they were written.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "mosaic/document.hpp"

namespace mosaic::cli {

struct Record {
  std::string place;  ///< "packages.jsonl:17"
  std::string id;
  std::string members;        ///< title, text, vector and metadata: `"title":"x","text":"y"`
  std::size_t dimension = 0;  ///< of the vector; 0 without one
  std::vector<Link> links;
};

/// A line that is no document.
struct BadLine {
  std::string place;
  std::string reason;
  bool ends_file = false;  ///< where the next document begins cannot be known
};

struct EndOfFile {};

using ReadResult = std::variant<Record, BadLine, EndOfFile>;

/// The document as the API takes it.
std::string to_json(const Record& record);

/// Adds the edges that a link file has for a document to its links. The same link is not kept
/// twice; a link without a kind gives way to one of the same target that has a kind.
void merge_links(std::vector<Link>& links, const std::vector<Link>& edges);

}  // namespace mosaic::cli
