#include "net/url.hpp"

namespace mosaic::net {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void append_encoded(std::string& out, char c) {
  constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

}  // namespace

std::string escape(std::string_view text) {
  const bool dots = text == "." || text == "..";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c) && !dots) {
      out += c;
    } else {
      append_encoded(out, c);
    }
  }
  return out;
}

std::string_view without_query(std::string_view url) {
  return url.substr(0, url.find('?'));
}

}  // namespace mosaic::net
