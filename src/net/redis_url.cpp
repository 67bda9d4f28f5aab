#include "net/redis_url.hpp"

#include <charconv>

#include "net/url.hpp"

namespace mosaic::net {
namespace {

constexpr std::string_view kScheme = "redis://";

Error not_a_url() {
  return invalid("must be redis://HOST:PORT or redis://:PASSWORD@HOST:PORT/DATABASE");
}

/// Cuts `text` at `at` and gives what stood behind it; nothing when it is nowhere.
std::string_view cut(std::string_view& text, std::size_t at) {
  if (at == std::string_view::npos) return {};
  const auto rest = text.substr(at + 1);
  text = text.substr(0, at);
  return rest;
}

template <class Number>
bool read_number(std::string_view text, Number max, Number& number) {
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end && number <= max;
}

bool read_login(std::string_view login, RedisUrl& url) {
  const auto password = cut(login, login.find(':'));
  auto user_text = unescape(login);
  auto password_text = unescape(password);
  if (!user_text || !password_text || password_text->empty()) return false;
  url.user = std::move(*user_text);
  url.password = std::move(*password_text);
  return true;
}

bool read_address(std::string_view address, RedisUrl& url) {
  const bool bracketed = address.starts_with('[');
  const auto host_end = bracketed ? address.find(']') : 0;
  if (host_end == std::string_view::npos) return false;
  const auto colon = address.find(':', host_end);
  const bool has_port = colon != std::string_view::npos;
  const auto port = cut(address, colon);
  if (has_port && (!read_number<std::uint16_t>(port, 65'535, url.port) || url.port == 0))
    return false;
  if (bracketed && !address.ends_with(']')) return false;
  url.host = bracketed ? address.substr(1, address.size() - 2) : address;
  return !url.host.empty();
}

}  // namespace

Result<RedisUrl> parse_redis_url(std::string_view text) {
  const auto odd = [](unsigned char c) { return c <= 0x20 || c >= 0x7f; };
  for (const char c : text) {
    if (odd(static_cast<unsigned char>(c))) return not_a_url();
  }
  if (!text.starts_with(kScheme)) return not_a_url();
  text.remove_prefix(kScheme.size());
  RedisUrl url;
  const auto slash = text.find('/');
  const auto database = cut(text, slash);
  if (!database.empty() && !read_number(database, kRedisDatabaseMax, url.database))
    return not_a_url();
  const auto at = text.rfind('@');
  if (at != std::string_view::npos && !read_login(text.substr(0, at), url)) return not_a_url();
  if (at != std::string_view::npos) text.remove_prefix(at + 1);
  if (!read_address(text, url)) return not_a_url();
  return url;
}

}  // namespace mosaic::net
