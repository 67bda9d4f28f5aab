// The port through which a collection turns text into vectors, and the one place where embedders
// are made of their names. Immutable and free of state: any number of threads may share one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "mosaic/collection.hpp"
#include "mosaic/document.hpp"

namespace mosaic::text {

class Embedder {
 public:
  virtual ~Embedder() = default;

  virtual std::uint32_t dimension() const = 0;

  /// Two embedders with one fingerprint make the same vectors. Never 0.
  virtual std::uint64_t fingerprint() const = 0;

  /// False once what it reads was changed under it: its vectors mean nothing, the last one
  /// included.
  virtual bool intact() const { return true; }

  /// Empty where there is nothing to embed.
  virtual Vector embed_document(std::string_view title, std::string_view text) const = 0;
  virtual Vector embed_query(std::string_view text) const = 0;
};

using EmbedderPtr = std::shared_ptr<const Embedder>;

/// The embedder that `name` stands for, read from the disk where it has files, at `dimension`, or
/// at its own where that is 0. Null where vectors come from outside the process: with `none`, with
/// an endpoint, and with `builtin` at another dimension than its own. invalid_argument says what is
/// wrong with a model's folder, dimension_mismatch that the model has another dimension.
Result<EmbedderPtr> open_embedder(std::string_view name, std::uint32_t dimension);

/// Of a collection whose vectors were made by the embedder of `fingerprint`; null as above. One
/// that is open already is shared. unavailable when there is no such embedder any more: its text
/// must not be compared with those vectors.
Result<EmbedderPtr> embedder_of(const CollectionSettings& settings, std::uint64_t fingerprint);

/// unavailable: what to say where the collection's embedder is not intact.
Error embedder_changed(const CollectionSettings& settings);

/// What a collection with this embedder remembers; 0 for null.
std::uint64_t fingerprint_of(const EmbedderPtr& embedder);

}  // namespace mosaic::text
