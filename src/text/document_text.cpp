#include "text/document_text.hpp"

namespace mosaic::text {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

std::string document_text(std::string_view title, std::string_view text) {
  if (is_blank(title)) return std::string(text);
  if (is_blank(text)) return std::string(title);
  return std::string(title).append("\n").append(text);
}

}  // namespace mosaic::text
