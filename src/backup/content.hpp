// Objects that are named by what they hold: `packs/<sha256>-<tag>.zst`, `maps/<sha256>-<tag>.zst`.
// The SHA-256 is of the object's bytes, so that one which was damaged, cut or swapped is known by
// its name. The tag is of the backup that wrote it: a prune that still removes what an earlier run
// has left never meets the objects of a later one.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "backup/object_store.hpp"
#include "base/digest.hpp"

namespace mosaic::backup {

enum class ContentKind : std::uint8_t { kPack, kMap };

std::string_view folder_of(ContentKind kind);  ///< "packs/" or "maps/"

struct ContentName {
  Sha256Digest digest{};
  std::uint64_t tag = 0;
  friend auto operator<=>(const ContentName&, const ContentName&) = default;
};

std::string key_of(ContentKind kind, const ContentName& name);
/// <sha256>-<tag>, as keys and manifests have it.
std::string to_text(const ContentName& name);
std::optional<ContentName> parse_content_name(std::string_view text);
/// The name in a key of that kind; nothing when it is none.
std::optional<ContentName> name_in_key(ContentKind kind, std::string_view key);

/// Writes it under its name. Throws Failure.
ContentName put_content(ObjectStore& store, ContentKind kind, std::uint64_t tag,
                        std::string_view bytes);

/// Verified by its name. Throws Failure: corrupt_data naming the object when it is missing or holds
/// something else, also when it is read a second time.
std::string get_content(ObjectStore& store, ContentKind kind, const ContentName& name,
                        std::size_t bytes_max);

/// For archive() of what refers to content.
template <class Archive>
void archive(Archive& ar, ContentName& name) {
  for (auto& byte : name.digest) ar(byte);
  ar(name.tag);
}

}  // namespace mosaic::backup
