#include "text/embedder.hpp"

#include "text/hash_embedder.hpp"

namespace mosaic::text {
namespace {

class HashEmbedder final : public Embedder {
 public:
  explicit HashEmbedder(std::uint32_t dimension) : dimension_(dimension) {}

  std::uint32_t dimension() const override { return dimension_; }

  Vector embed_document(std::string_view title, std::string_view text) const override {
    return embed(title, text, dimension_);
  }

  Vector embed_query(std::string_view text) const override {
    return text::embed_query(text, dimension_);
  }

 private:
  const std::uint32_t dimension_;
};

}  // namespace

std::unique_ptr<const Embedder> make_embedder(const CollectionSettings& settings) {
  const bool builtin = settings.embedder == "builtin" && settings.dimension == kBuiltinDimension;
  if (!builtin && settings.embedder != "hash") return nullptr;
  return std::make_unique<const HashEmbedder>(settings.dimension);
}

}  // namespace mosaic::text
