#include "net/aws_signature.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <map>

#include "base/digest.hpp"
#include "net/url.hpp"

namespace mosaic::net {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string_view as_text(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// escape() protects "." and ".." from clients; in a signature they stand as they are.
std::string encoded(std::string_view text) {
  return text == "." || text == ".." ? std::string(text) : escape(text);
}

/// Without blanks at the ends, and with one in place of several.
std::string trimmed_value(std::string_view value) {
  std::string out;
  bool blank = false;
  for (const char c : value) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!is_blank) {
      if (blank && !out.empty()) out += ' ';
      out += c;
    }
    blank = is_blank;
  }
  return out;
}

/// By lower-case name; the values of one that stands there several times, in their order.
std::map<std::string, std::string> canonical_headers(const NamesAndValues& headers) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : headers) {
    std::string key(name);
    std::transform(key.begin(), key.end(), key.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const auto [at, is_new] = out.try_emplace(std::move(key));
    at->second += (is_new ? "" : ",") + trimmed_value(value);
  }
  return out;
}

std::string signed_headers(const NamesAndValues& headers) {
  std::string out;
  for (const auto& [name, value] : canonical_headers(headers)) {
    out += (out.empty() ? "" : ";") + name;
  }
  return out;
}

std::string scope_text(const AwsScope& scope) {
  return fmt::format("{}/{}/{}/aws4_request", aws_time(scope.time_ms).substr(0, 8), scope.region,
                     scope.service);
}

Sha256Digest signing_key(const std::string& secret, const AwsScope& scope) {
  auto key = hmac_sha256("AWS4" + secret, aws_time(scope.time_ms).substr(0, 8));
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service),
        std::string_view("aws4_request")}) {
    key = hmac_sha256(as_text(key), part);
  }
  return key;
}

}  // namespace

std::string aws_time(std::int64_t time_ms) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(static_cast<std::time_t>(time_ms / 1'000)));
}

std::string canonical_path(std::string_view path) {
  std::string out;
  for (;;) {
    const auto slash = path.find('/');
    out += encoded(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    out += '/';
    path.remove_prefix(slash + 1);
  }
  return out.empty() ? "/" : out;
}

std::string canonical_query(const NamesAndValues& query) {
  NamesAndValues parts;
  for (const auto& [name, value] : query) parts.emplace_back(encoded(name), encoded(value));
  // By their encoded form, as the specification says: '~' sorts behind '%'.
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const auto& [name, value] : parts) {
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, value);
  }
  return out;
}

std::string canonical_request(const AwsRequest& request) {
  std::string headers;
  for (const auto& [name, value] : canonical_headers(request.headers)) {
    headers += fmt::format("{}:{}\n", name, value);
  }
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_path(request.path),
                     canonical_query(request.query), headers, signed_headers(request.headers),
                     request.payload_sha256);
}

std::string string_to_sign(std::string_view canonical_request, const AwsScope& scope) {
  return fmt::format("{}\n{}\n{}\n{}", kAlgorithm, aws_time(scope.time_ms), scope_text(scope),
                     sha256(canonical_request));
}

std::string authorization(const AwsRequest& request, const AwsCredentials& credentials,
                          const AwsScope& scope) {
  const auto signature = hmac_sha256(as_text(signing_key(credentials.secret_key, scope)),
                                     string_to_sign(canonical_request(request), scope));
  return fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                     credentials.access_key, scope_text(scope), signed_headers(request.headers),
                     to_hex(signature));
}

}  // namespace mosaic::net
