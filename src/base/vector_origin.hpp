// What the vectors of a collection were made with: kept beside its settings, so that vectors of
// two embedders are never compared. A *space* is what may be compared: it begins with the
// collection, and anew with each entry that puts the vectors of another embedder in force.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mosaic/collection.hpp"

namespace mosaic {

/// Of the hashing embedder. It becomes another number when its vectors become others.
constexpr std::uint64_t kHashFingerprint = 1;

/// The embedder that a collection is on its way to, while vectors for it are being staged.
struct Reembedding {
  Seq generation = 0;  ///< the entry that began it
  std::string embedder;
  std::uint32_t dimension = 0;
  std::uint64_t fingerprint = 0;
  friend bool operator==(const Reembedding&, const Reembedding&) = default;
};

struct VectorOrigin {
  std::uint64_t fingerprint = 0;  ///< of the embedder; 0: vectors come from outside the node
  Seq space = 0;  ///< the entry that put its vectors in force; 0: that of the making
  std::optional<Reembedding> next = {};
  friend bool operator==(const VectorOrigin&, const VectorOrigin&) = default;
};

/// A collection as the log makes it and the catalog keeps it.
struct CollectionEntry {
  CollectionSettings settings;
  VectorOrigin origin;
};

/// What an entry of a version that knew no origins stands for: its `builtin` was the hashing
/// embedder, which has a name of its own since.
CollectionEntry with_origin(CollectionSettings settings);

}  // namespace mosaic
