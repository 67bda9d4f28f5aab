#include "mosaic/collection.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace mosaic {
namespace {

constexpr std::array<std::string_view, 4> kMetrics = {"cosine", "l2", "dot", "l1"};
constexpr std::array<std::string_view, 4> kQuantizations = {"none", "float16", "int8", "binary"};
constexpr std::array<std::string_view, 2> kIndexTypes = {"hnsw", "flat"};
constexpr std::array<std::string_view, 4> kShardStates = {"starting", "up", "down", "parked"};
constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kPathBytesMax = 256;

template <class Enum, std::size_t kCount>
Result<Enum> parse_word(const std::array<std::string_view, kCount>& words, std::string_view word,
                        std::string_view field) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found != words.end()) return static_cast<Enum>(found - words.begin());
  return invalid(fmt::format("{} '{}' is not one of {}", field, word, fmt::join(words, ", ")));
}

Status in_range(std::string_view field, std::uint64_t value, std::uint64_t low,
                std::uint64_t high) {
  if (value >= low && value <= high) return {};
  return invalid(fmt::format("{} is {}, must be {} to {}", field, value, low, high));
}

Status validate_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto allowed = [&](char c) { return letter(c) || c == '_' || c == '-'; };
  if (!name.empty() && name.size() <= kNameBytesMax && letter(name.front()) &&
      std::all_of(name.begin(), name.end(), allowed)) {
    return {};
  }
  return invalid(
      fmt::format("collection name '{}' must be 1 to {} letters, digits, '_' or '-' and start with "
                  "a letter or digit",
                  name.substr(0, kNameBytesMax), kNameBytesMax));
}

Status validate_endpoint(std::string_view embedder) {
  const auto refuse = [&](std::string_view why) {
    return invalid(fmt::format("embedder '{}' {}", embedder, why));
  };
  const auto outside_url = [](unsigned char c) { return c <= 0x20 || c >= 0x7f; };
  if (std::any_of(embedder.begin(), embedder.end(), outside_url)) {
    return refuse("holds a character that no URL holds");
  }
  auto rest = embedder.substr(kEndpointPrefix.size());
  if (!rest.starts_with("http://") && !rest.starts_with("https://")) {
    return refuse("is not openai: and an http:// or https:// URL");
  }
  rest.remove_prefix(rest.find("://") + 3);
  const auto host = rest.substr(0, rest.find_first_of("/?#"));
  if (host.empty() || host.front() == ':') return refuse("names no host");
  // Everybody who may read the collection reads its embedder.
  if (host.find('@') != std::string_view::npos) {
    return refuse("holds a user; keys belong into the setting embedding.api_key");
  }
  if (rest.ends_with('#')) return refuse("ends in '#' without a model");
  return {};
}

/// What is in the folder is looked at when it is opened.
Status validate_model(std::string_view embedder) {
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (embedder.size() == kModelPrefix.size())
    return invalid(fmt::format("embedder '{}' names no folder", embedder));
  if (std::any_of(embedder.begin(), embedder.end(), control))
    return invalid(fmt::format("embedder '{}' holds a control character", embedder));
  return {};
}

Status validate_dimension(const CollectionSettings& settings) {
  if (settings.dimension == 0 && default_dimension(settings.embedder) == 0) return {};
  return in_range("dimension", settings.dimension, 1, kDimensionMax);
}

Status validate_routing(std::string_view routing) {
  if (routing == "hash" || routing == "centroid") return {};
  return invalid(fmt::format("routing '{}' is not one of hash, centroid", routing));
}

/// A path becomes part of SQL text as a JSON path, so its characters are limited, too.
Status validate_path(std::string_view path) {
  const auto bad = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\'' || c == '\\';
  };
  const bool empty_step = path.empty() || path.front() == '.' || path.back() == '.' ||
                          path.find("..") != std::string_view::npos;
  if (!empty_step && path.size() <= kPathBytesMax && path.front() != '$' &&
      std::none_of(path.begin(), path.end(), bad)) {
    return {};
  }
  return invalid(fmt::format("indexed path '{}' is not a dotted metadata path",
                             path.substr(0, kPathBytesMax)));
}

Status validate_indexed(const std::vector<std::string>& paths) {
  if (paths.size() > kIndexedPathsMax) {
    return invalid(fmt::format("indexed has {} paths, at most {}", paths.size(), kIndexedPathsMax));
  }
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (const auto checked = validate_path(paths[i]); !checked) return checked;
    if (std::find(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(i), paths[i]) !=
        paths.begin() + static_cast<std::ptrdiff_t>(i)) {
      return invalid(fmt::format("indexed names '{}' twice", paths[i]));
    }
  }
  return {};
}

Status first_error(std::initializer_list<Status> checks) {
  for (const auto& check : checks) {
    if (!check) return check;
  }
  return {};
}

}  // namespace

Status validate_embedder(std::string_view embedder) {
  if (embedder == "builtin" || embedder == "hash" || embedder == "none") return {};
  if (embedder.size() > kEmbedderBytesMax) {
    return invalid(
        fmt::format("embedder has {} bytes, at most {}", embedder.size(), kEmbedderBytesMax));
  }
  if (embedder.starts_with(kEndpointPrefix)) return validate_endpoint(embedder);
  if (embedder.starts_with(kModelPrefix)) return validate_model(embedder);
  return invalid(fmt::format(
      "embedder '{}' is not one of builtin, hash, none, model:PATH, openai:URL", embedder));
}

std::uint32_t default_dimension(std::string_view embedder) {
  const bool says_itself =
      embedder.starts_with(kEndpointPrefix) || embedder.starts_with(kModelPrefix);
  return says_itself ? 0 : kBuiltinDimension;
}

std::string_view to_string(Metric metric) {
  return kMetrics[static_cast<std::size_t>(metric)];
}
std::string_view to_string(Quantization quantization) {
  return kQuantizations[static_cast<std::size_t>(quantization)];
}
std::string_view to_string(IndexType type) {
  return kIndexTypes[static_cast<std::size_t>(type)];
}
std::string_view to_string(ShardState state) {
  return kShardStates[static_cast<std::size_t>(state)];
}

Result<Metric> parse_metric(std::string_view word) {
  return parse_word<Metric>(kMetrics, word, "metric");
}
Result<Quantization> parse_quantization(std::string_view word) {
  return parse_word<Quantization>(kQuantizations, word, "quantization");
}
Result<IndexType> parse_index_type(std::string_view word) {
  return parse_word<IndexType>(kIndexTypes, word, "index.type");
}

Status validate(const CollectionSettings& settings) {
  return first_error({
      validate_name(settings.name),
      validate_dimension(settings),
      in_range("shards", settings.shards, 1, kShardsMax),
      in_range("replicas", settings.replicas, 1, kReplicasMax),
      in_range("index.m", settings.index.m, 2, 128),
      in_range("index.ef_construction", settings.index.ef_construction, 8, 4096),
      validate_routing(settings.routing),
      validate_embedder(settings.embedder),
      validate_indexed(settings.indexed),
  });
}

Error settings_conflict(const CollectionSettings& present, const CollectionSettings& wanted) {
  std::string differences;
  const auto compare = [&](std::string_view field, const auto& is, const auto& asked) {
    if (is == asked) return;
    differences +=
        fmt::format("{}{} is {}, not {}", differences.empty() ? "" : "; ", field, is, asked);
  };
  compare("dimension", present.dimension, wanted.dimension);
  compare("metric", to_string(present.metric), to_string(wanted.metric));
  compare("shards", present.shards, wanted.shards);
  compare("routing", present.routing, wanted.routing);
  compare("replicas", present.replicas, wanted.replicas);
  compare("embedder", present.embedder, wanted.embedder);
  compare("quantization", to_string(present.quantization), to_string(wanted.quantization));
  compare("index.type", to_string(present.index.type), to_string(wanted.index.type));
  compare("index.m", present.index.m, wanted.index.m);
  compare("index.ef_construction", present.index.ef_construction, wanted.index.ef_construction);
  compare("indexed", fmt::format("[{}]", fmt::join(present.indexed, ", ")),
          fmt::format("[{}]", fmt::join(wanted.indexed, ", ")));
  compare("retention_s", present.retention_s, wanted.retention_s);
  return {ErrorCode::kAlreadyExists,
          fmt::format("collection '{}' exists with other settings: {}", present.name, differences)};
}

Result<CollectionSettings> patched(CollectionSettings settings, const CollectionPatch& patch) {
  if (patch.indexed) settings.indexed = *patch.indexed;
  if (patch.retention_s) settings.retention_s = *patch.retention_s;
  if (patch.index) settings.index = *patch.index;
  if (patch.quantization) settings.quantization = *patch.quantization;
  if (patch.replicas) settings.replicas = *patch.replicas;
  if (const auto checked = validate(settings); !checked) return checked.error();
  return settings;
}

}  // namespace mosaic
