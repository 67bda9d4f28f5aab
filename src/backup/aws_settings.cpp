#include "backup/aws_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/failure.hpp"

namespace mosaic::backup {
namespace {

constexpr std::string_view kRegionOfNobody = "us-east-1";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string chosen(const std::string& option, const Environment& environment,
                   std::initializer_list<const char*> variables) {
  if (!option.empty()) return option;
  for (const auto* variable : variables) {
    if (auto value = environment(variable)) return *value;
  }
  return {};
}

void set_key(net::AwsCredentials& credentials, std::string_view name, std::string_view value) {
  if (name == "aws_access_key_id") credentials.access_key = value;
  if (name == "aws_secret_access_key") credentials.secret_key = value;
  if (name == "aws_session_token") credentials.session_token = value;
}

net::AwsCredentials from_file(const std::string& path, const std::string& profile) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw Failure(invalid(fmt::format("credentials_file '{}' cannot be read", path)));
  auto credentials = parse_credentials(text, profile);
  if (credentials) return std::move(*credentials);
  throw Failure(
      invalid(fmt::format("credentials_file '{}' has no [{}] with aws_access_key_id and "
                          "aws_secret_access_key",
                          path, profile)));
}

net::AwsCredentials find_credentials(const StoreOptions& options, const Environment& environment) {
  if (options.access_key.empty() != options.secret_key.empty()) {
    throw Failure(invalid("access_key and secret_key must be given together"));
  }
  if (!options.access_key.empty())
    return {options.access_key, options.secret_key, options.session_token};
  const auto profile = chosen(options.profile, environment, {"AWS_PROFILE"});
  const auto section = profile.empty() ? "default" : profile;
  if (!options.credentials_file.empty()) return from_file(options.credentials_file, section);
  const auto key = environment("AWS_ACCESS_KEY_ID");
  const auto secret = environment("AWS_SECRET_ACCESS_KEY");
  if (key && secret) return {*key, *secret, environment("AWS_SESSION_TOKEN").value_or("")};
  if (const auto file = environment("AWS_SHARED_CREDENTIALS_FILE"))
    return from_file(*file, section);
  const auto usual = environment("HOME").value_or("") + "/.aws/credentials";
  if (std::ifstream(usual)) return from_file(usual, section);
  throw Failure(
      invalid("an s3:// target needs credentials: access_key and secret_key, credentials_file, or "
              "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"));
}

void check_endpoint(const std::string& endpoint) {
  const auto scheme = endpoint.find("://");
  const auto is_host = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
  };
  if (scheme != std::string::npos && scheme + 3 < endpoint.size() &&
      (endpoint.starts_with("http://") || endpoint.starts_with("https://")) &&
      std::all_of(endpoint.begin() + static_cast<std::ptrdiff_t>(scheme) + 3, endpoint.end(),
                  is_host)) {
    return;
  }
  throw Failure(invalid(fmt::format("endpoint '{}' must be http(s)://HOST[:PORT]", endpoint)));
}

/// It becomes part of a host name and of every signature.
void check_region(const std::string& region) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  if (region.size() <= 64 && std::all_of(region.begin(), region.end(), fits)) return;
  throw Failure(invalid(fmt::format("region '{}' must be letters, digits and '-'", region)));
}

}  // namespace

std::optional<std::string> process_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

Result<AwsSettings> aws_settings(const StoreOptions& options, const Environment& environment) {
  return to_result([&] {
    AwsSettings settings;
    settings.region = chosen(options.region, environment, {"AWS_REGION", "AWS_DEFAULT_REGION"});
    if (settings.region.empty()) settings.region = kRegionOfNobody;
    check_region(settings.region);
    settings.endpoint =
        chosen(options.endpoint, environment, {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
    settings.is_amazon = settings.endpoint.empty();
    if (settings.is_amazon)
      settings.endpoint = fmt::format("https://s3.{}.amazonaws.com", settings.region);
    while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
    check_endpoint(settings.endpoint);
    settings.credentials = find_credentials(options, environment);
    return settings;
  });
}

std::optional<net::AwsCredentials> parse_credentials(std::string_view text,
                                                     std::string_view profile) {
  net::AwsCredentials credentials;
  bool inside = false;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      inside = line.back() == ']' && trimmed(line.substr(1, line.size() - 2)) == profile;
    } else if (const auto equals = line.find('='); inside && equals != std::string_view::npos) {
      set_key(credentials, trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
    }
  }
  if (credentials.access_key.empty() || credentials.secret_key.empty()) return std::nullopt;
  return credentials;
}

}  // namespace mosaic::backup
