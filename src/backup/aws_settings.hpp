// Where and as whom to speak to S3: what the options leave open, from the environment and from the
// credentials file of the AWS tools. Reads that file and nothing else.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "backup/open_store.hpp"
#include "net/aws_signature.hpp"

namespace mosaic::backup {

struct AwsSettings {
  std::string endpoint;
  std::string region;
  bool is_amazon = false;  ///< nobody named an endpoint
  net::AwsCredentials credentials;
};

/// The value of a variable; nothing where it is not set or empty.
using Environment = std::function<std::optional<std::string>(const char* name)>;
std::optional<std::string> process_environment(const char* name);

/// Keys come from the options, then a credentials file that the options name, then the environment,
/// then the usual credentials file. Errors: invalid_argument naming what is missing or wrong.
Result<AwsSettings> aws_settings(const StoreOptions& options, const Environment& environment);

/// The keys of one [profile] of an INI text; nothing without that profile or without both keys.
std::optional<net::AwsCredentials> parse_credentials(std::string_view text,
                                                     std::string_view profile);

}  // namespace mosaic::backup
