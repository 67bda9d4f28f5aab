#include "backup/manifest.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <tuple>

#include "backup/compression.hpp"
#include "base/failure.hpp"
#include "base/json_writer.hpp"
#include "base/wire.hpp"

namespace mosaic::backup {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFolder = "backups/";
constexpr std::string_view kSuffix = ".json";
constexpr std::string_view kFormatName = "mosaic-backup";
constexpr int kVersion = 1;
constexpr std::uint32_t kContentsFormat = 0x3143424d;  // "MBC1"
constexpr std::size_t kCollectionBytesMax = 128;
constexpr std::size_t kIdBytesMax = 64;

// The last member of a manifest, over all bytes before its comma.
constexpr std::string_view kSealBegin = R"(,"sha256":")";
constexpr std::string_view kSealEnd = "\"}\n";
constexpr std::size_t kSealBytes = kSealBegin.size() + 64 + kSealEnd.size();

bool is_name(std::string_view name, std::size_t bytes_max, std::string_view marks) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= bytes_max && letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || marks.find(c) != std::string_view::npos; });
}

void write_files(JsonWriter& json, const std::vector<ManifestFile>& files) {
  json.key("files").begin_array();
  for (const auto& file : files) {
    json.begin_object();
    json.key("name").string(file.name);
    json.key("bytes").number(file.bytes);
    json.key("sha256").string(to_hex(file.digest));
    json.end_object();
  }
  json.end_array();
}

/// The members without the seal, if that is right.
std::optional<std::string> unsealed(std::string_view text) {
  if (text.size() <= kSealBytes) return std::nullopt;
  const auto body = text.substr(0, text.size() - kSealBytes);
  if (text.substr(body.size()) != fmt::format("{}{}{}", kSealBegin, sha256(body), kSealEnd))
    return std::nullopt;
  return std::string(body) + "}";
}

std::string settings_of(const Json& json) {
  const auto hex = json.at("settings").get<std::string>();
  std::string settings(hex.size() / 2, '\0');
  if (!from_hex(hex, {reinterpret_cast<std::uint8_t*>(settings.data()), settings.size()}))
    throw Failure(ErrorCode::kCorruptData, "settings");
  return settings;
}

ManifestFile file_of(const Json& json) {
  ManifestFile file{json.at("name").get<std::string>(), json.at("bytes").get<std::uint64_t>(), {}};
  // A name from outside becomes a path: one that leads elsewhere is refused.
  if (!is_file_name(file.name) || pages_of(file.bytes) > kFilePagesMax ||
      !from_hex(json.at("sha256").get<std::string>(), file.digest)) {
    throw Failure(ErrorCode::kCorruptData, "files");
  }
  return file;
}

Manifest manifest_of(const Json& json) {
  if (json.at("format") != kFormatName || json.at("version") != kVersion) {
    throw Failure(ErrorCode::kCorruptData,
                  fmt::format("is of format '{}', version {}; this program reads version {}",
                              json.at("format").get<std::string>(),
                              json.at("version").get<std::int64_t>(), kVersion));
  }
  Manifest manifest;
  auto& info = manifest.info;
  info.id = json.at("id").get<std::string>();
  info.collection = json.at("collection").get<std::string>();
  info.seq = json.at("seq").get<Seq>();
  info.created_at_ms = json.at("created_at_ms").get<std::int64_t>();
  info.documents = json.at("documents").get<std::uint64_t>();
  info.bytes = json.at("bytes").get<std::uint64_t>();
  info.stored_bytes = json.at("stored_bytes").get<std::uint64_t>();
  info.new_bytes = json.at("new_bytes").get<std::uint64_t>();
  manifest.settings = settings_of(json);
  for (const auto& file : json.at("files")) manifest.files.push_back(file_of(file));
  const auto contents = parse_content_name(json.at("contents").get<std::string>());
  if (!contents || manifest.files.size() > kFilesMax)
    throw Failure(ErrorCode::kCorruptData, "contents");
  manifest.contents = *contents;
  manifest.contents_bytes = json.at("contents_bytes").get<std::uint64_t>();
  return manifest;
}

/// Of its text, with the reason when it cannot be read.
Result<Manifest> parse_manifest(std::string_view text) {
  const auto body = unsealed(text);
  if (!body) return Error{ErrorCode::kCorruptData, "is damaged: its checksum is wrong"};
  try {
    return manifest_of(Json::parse(*body));
  } catch (const Json::exception&) {
    return Error{ErrorCode::kCorruptData, "has no valid fields"};
  } catch (const Failure& failure) {
    return failure.error();
  }
}

struct ContentsBytes {
  std::uint32_t format = kContentsFormat;
  Contents contents;
};

template <class Archive>
void archive(Archive& ar, ContentsBytes& bytes) {
  ar(bytes.format, bytes.contents.maps, bytes.contents.packs);
}

}  // namespace

std::string manifest_key(const std::string& collection, const std::string& id) {
  return fmt::format("{}{}/{}{}", kFolder, collection, id, kSuffix);
}

std::optional<BackupName> backup_in_key(std::string_view key) {
  if (!key.starts_with(kFolder) || !key.ends_with(kSuffix)) return std::nullopt;
  key = key.substr(kFolder.size(), key.size() - kFolder.size() - kSuffix.size());
  const auto slash = key.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  BackupName name{std::string(key.substr(0, slash)), std::string(key.substr(slash + 1))};
  if (!is_collection_name(name.collection) || !is_name(name.id, kIdBytesMax, "-"))
    return std::nullopt;
  return name;
}

std::vector<BackupName> backup_names(ObjectStore& store, const std::string& collection) {
  std::string prefix(kFolder);
  if (!collection.empty()) prefix += collection + "/";
  std::vector<BackupName> names;
  for (const auto& object : or_throw(store.list(prefix))) {
    auto name = backup_in_key(object.key);
    if (name) names.push_back(std::move(*name));
  }
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) {
    return std::tie(a.collection, a.id) < std::tie(b.collection, b.id);
  });
  return names;
}

std::string make_id(std::int64_t created_at_ms, Seq seq) {
  return fmt::format("{:%Y%m%dT%H%M%S}{:03}Z-{}",
                     fmt::gmtime(static_cast<std::time_t>(created_at_ms / 1'000)),
                     created_at_ms % 1'000, seq);
}

bool is_collection_name(std::string_view name) {
  return is_name(name, kCollectionBytesMax, "_-");
}

bool is_file_name(std::string_view name) {
  // While it is restored a file has that ending.
  return is_name(name, kFileNameBytesMax, "._-") && !name.ends_with(".part");
}

std::string encode_manifest(const Manifest& manifest) {
  const auto& info = manifest.info;
  JsonWriter json;
  json.begin_object();
  json.key("format").string(kFormatName);
  json.key("version").number(kVersion);
  json.key("id").string(info.id);
  json.key("collection").string(info.collection);
  json.key("seq").number(info.seq);
  json.key("created_at_ms").number(info.created_at_ms);
  json.key("documents").number(info.documents);
  json.key("bytes").number(info.bytes);
  json.key("stored_bytes").number(info.stored_bytes);
  json.key("new_bytes").number(info.new_bytes);
  json.key("settings")
      .string(to_hex({reinterpret_cast<const std::uint8_t*>(manifest.settings.data()),
                      manifest.settings.size()}));
  write_files(json, manifest.files);
  json.key("contents").string(to_text(manifest.contents));
  json.key("contents_bytes").number(manifest.contents_bytes);
  const auto body = json.take();
  return fmt::format("{}{}{}{}", body, kSealBegin, sha256(body), kSealEnd);
}

Manifest read_manifest(ObjectStore& store, const BackupName& name) {
  const auto key = manifest_key(name.collection, name.id);
  Error error;
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto text = store.get(key, kManifestBytesMax);
    if (!text && text.error().code == ErrorCode::kNotFound)
      throw Failure(ErrorCode::kNotFound, fmt::format("{} is missing", store.address(key)));
    auto manifest = parse_manifest(or_throw(std::move(text)));
    if (manifest && manifest->info.collection == name.collection && manifest->info.id == name.id)
      return std::move(*manifest);
    error = manifest ? Error{ErrorCode::kCorruptData, "is the manifest of another backup"}
                     : manifest.error();
  }
  throw Failure(error.code, fmt::format("{} {}", store.address(key), error.detail));
}

ContentName put_contents(ObjectStore& store, std::uint64_t tag, const Contents& contents,
                         std::uint64_t& bytes) {
  const auto frame = compress(to_bytes(ContentsBytes{kContentsFormat, contents}));
  bytes = frame.size();
  return put_content(store, ContentKind::kMap, tag, frame);
}

Contents read_contents(ObjectStore& store, const Manifest& manifest) {
  const auto bytes =
      decompress(get_content(store, ContentKind::kMap, manifest.contents, kContentsBytesMax),
                 kContentsBytesMax);
  ContentsBytes read;
  ByteReader reader(bytes ? std::string_view(*bytes) : std::string_view());
  reader(read);
  if (reader.complete() && read.format == kContentsFormat &&
      read.contents.maps.size() == manifest.files.size()) {
    return std::move(read.contents);
  }
  throw Failure(ErrorCode::kCorruptData,
                fmt::format("{} is no list of a backup's contents",
                            store.address(key_of(ContentKind::kMap, manifest.contents))));
}

}  // namespace mosaic::backup
