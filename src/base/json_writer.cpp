#include "base/json_writer.hpp"

namespace mosaic {
namespace {

/// The escape of a byte that JSON does not allow bare, or empty.
std::string_view short_escape(char byte) {
  switch (byte) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return {};
  }
}

}  // namespace

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  out_ += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out_.append(text, copied, i - copied);
    copied = i + 1;
    if (const auto escape = short_escape(text[i]); !escape.empty()) {
      out_ += escape;
    } else {
      constexpr char kHex[] = "0123456789abcdef";
      out_ += "\\u00";
      out_ += kHex[byte >> 4];
      out_ += kHex[byte & 15];
    }
  }
  out_.append(text, copied);
  out_ += '"';
  comma_ = true;
  return *this;
}

}  // namespace mosaic
