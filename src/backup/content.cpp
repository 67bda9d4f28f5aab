#include "backup/content.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/failure.hpp"

namespace mosaic::backup {
namespace {

constexpr std::string_view kSuffix = ".zst";
constexpr std::size_t kDigestDigits = 64;
constexpr std::size_t kTagDigits = 16;

Sha256Digest digest_of(std::string_view bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.finish();
}

[[noreturn]] void damaged(const ObjectStore& store, const std::string& key, std::string_view how) {
  throw Failure(ErrorCode::kCorruptData, fmt::format("{} {}", store.address(key), how));
}

}  // namespace

std::string_view folder_of(ContentKind kind) {
  return kind == ContentKind::kPack ? "packs/" : "maps/";
}

std::string to_text(const ContentName& name) {
  return fmt::format("{}-{:016x}", to_hex(name.digest), name.tag);
}

std::string key_of(ContentKind kind, const ContentName& name) {
  return fmt::format("{}{}{}", folder_of(kind), to_text(name), kSuffix);
}

std::optional<ContentName> parse_content_name(std::string_view text) {
  ContentName name;
  std::array<std::uint8_t, 8> tag{};
  if (text.size() != kDigestDigits + 1 + kTagDigits || text[kDigestDigits] != '-' ||
      !from_hex(text.substr(0, kDigestDigits), name.digest) ||
      !from_hex(text.substr(kDigestDigits + 1), tag)) {
    return std::nullopt;
  }
  for (const auto byte : tag) name.tag = name.tag << 8 | byte;
  return name;
}

std::optional<ContentName> name_in_key(ContentKind kind, std::string_view key) {
  const auto folder = folder_of(kind);
  if (!key.starts_with(folder) || !key.ends_with(kSuffix)) return std::nullopt;
  return parse_content_name(key.substr(folder.size(), key.size() - folder.size() - kSuffix.size()));
}

ContentName put_content(ObjectStore& store, ContentKind kind, std::uint64_t tag,
                        std::string_view bytes) {
  const ContentName name{digest_of(bytes), tag};
  const auto status = store.put(key_of(kind, name), bytes);
  if (!status) throw Failure(status.error());
  return name;
}

std::string get_content(ObjectStore& store, ContentKind kind, const ContentName& name,
                        std::size_t bytes_max) {
  const auto key = key_of(kind, name);
  // What the way has damaged is right the second time.
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto bytes = store.get(key, bytes_max);
    if (!bytes && bytes.error().code == ErrorCode::kNotFound) damaged(store, key, "is missing");
    auto content = or_throw(std::move(bytes));
    if (digest_of(content) == name.digest) return content;
  }
  damaged(store, key, "is damaged: its bytes are not those that its name tells");
}

}  // namespace mosaic::backup
