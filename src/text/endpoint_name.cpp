#include "text/endpoint_name.hpp"

#include <algorithm>

namespace mosaic::text {
namespace {

constexpr std::string_view kPath = "/embeddings";
constexpr std::string_view kVersion = "/v1";

/// Cuts `text` at the first `mark`; gives what stood behind it.
std::string_view cut_at(std::string_view& text, char mark) {
  const auto at = std::min(text.find(mark), text.size());
  const auto rest = text.substr(std::min(at + 1, text.size()));
  text = text.substr(0, at);
  return rest;
}

bool has_path(std::string_view url) {
  return url.find('/', url.find("://") + 3) != std::string_view::npos;
}

}  // namespace

Endpoint parse_endpoint(std::string_view embedder) {
  auto rest = embedder.substr(kEndpointPrefix.size());
  const auto model = cut_at(rest, '#');
  const auto query = cut_at(rest, '?');
  while (rest.ends_with('/')) rest.remove_suffix(1);
  std::string url(rest);
  if (!has_path(url)) url += kVersion;
  if (!url.ends_with(kPath)) url += kPath;
  if (!query.empty()) url.append("?").append(query);
  return {std::move(url), std::string(model.empty() ? kDefaultModel : model)};
}

}  // namespace mosaic::text
