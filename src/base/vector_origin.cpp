#include "base/vector_origin.hpp"

namespace mosaic {

CollectionEntry with_origin(CollectionSettings settings) {
  if (settings.embedder == "builtin" && settings.dimension == kBuiltinDimension)
    settings.embedder = "hash";
  const bool hashed = settings.embedder == "hash";
  return {std::move(settings), {hashed ? kHashFingerprint : 0, 0, {}}};
}

}  // namespace mosaic
