// The port through which a collection turns text into vectors. Immutable and free of state: any
// number of threads may share one.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "mosaic/collection.hpp"
#include "mosaic/document.hpp"

namespace mosaic::text {

class Embedder {
 public:
  virtual ~Embedder() = default;

  virtual std::uint32_t dimension() const = 0;

  /// Empty where there is nothing to embed.
  virtual Vector embed_document(std::string_view title, std::string_view text) const = 0;
  virtual Vector embed_query(std::string_view text) const = 0;
};

/// The embedder of a collection, or null where its vectors come from outside: with "none", and with
/// "builtin" at another dimension than its own.
std::unique_ptr<const Embedder> make_embedder(const CollectionSettings& settings);

}  // namespace mosaic::text
