// What a document takes on its way, about: pages of documents end by it.
#pragma once

#include <cstddef>

#include "mosaic/document.hpp"

namespace mosaic::shard {

inline std::size_t size_of(const Document& document) {
  std::size_t bytes = document.id.size() + document.title.value_or("").size() +
                      document.text.value_or("").size() + document.metadata.size() +
                      document.vector.size() * sizeof(float);
  for (const auto& link : document.links) bytes += link.to.size() + link.kind.size();
  return bytes;
}

}  // namespace mosaic::shard
