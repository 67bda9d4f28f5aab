#include "text/embedder.hpp"

#include <mutex>

#include <fmt/format.h>

#include "base/vector_origin.hpp"
#include "text/embedder_pool.hpp"
#include "text/hash_embedder.hpp"
#include "text/model/builtin_model.hpp"
#include "text/model_embedder.hpp"

namespace mosaic::text {
namespace {

class HashEmbedder final : public Embedder {
 public:
  explicit HashEmbedder(std::uint32_t dimension) : dimension_(dimension) {}

  std::uint32_t dimension() const override { return dimension_; }
  std::uint64_t fingerprint() const override { return kHashFingerprint; }

  Vector embed_document(std::string_view title, std::string_view text) const override {
    return embed(title, text, dimension_);
  }

  Vector embed_query(std::string_view text) const override {
    return text::embed_query(text, dimension_);
  }

 private:
  const std::uint32_t dimension_;
};

Result<EmbedderPtr> open_builtin(std::uint32_t dimension) {
  if (dimension != 0 && dimension != kBuiltinDimension) return EmbedderPtr();
  return EmbedderPtr(std::make_shared<const ModelEmbedder>(builtin_model()));
}

/// The one place where folders of models are opened.
Result<EmbedderPtr> open_model(std::string_view name) {
  auto model = StaticModel::open(std::filesystem::path(name.substr(kModelPrefix.size())));
  if (!model)
    return invalid(fmt::format("embedder '{}' cannot be used: {}", name, model.error().detail));
  return EmbedderPtr(std::make_shared<const ModelEmbedder>(std::move(*model)));
}

Result<EmbedderPtr> open_model(std::string_view name, std::uint32_t dimension) {
  auto model = open_model(name);
  if (!model || dimension == 0 || dimension == (*model)->dimension()) return model;
  return Error{ErrorCode::kDimensionMismatch,
               fmt::format("dimension is {}, the embedder '{}' has {}", dimension, name,
                           (*model)->dimension())};
}

EmbedderPool& pool() {
  static EmbedderPool embedders;
  return embedders;
}

}  // namespace

Error embedder_changed(const CollectionSettings& settings) {
  return {ErrorCode::kUnavailable,
          fmt::format("the model of collection '{0}' has changed since its vectors were made: POST "
                      "/api/v1/collections/{0}/reembed makes them anew",
                      settings.name)};
}

Result<EmbedderPtr> open_embedder(std::string_view name, std::uint32_t dimension) {
  if (name == "none" || name.starts_with(kEndpointPrefix)) return EmbedderPtr();
  if (name == "hash") {
    return EmbedderPtr(
        std::make_shared<const HashEmbedder>(dimension == 0 ? kBuiltinDimension : dimension));
  }
  auto opened = name == "builtin" ? open_builtin(dimension) : open_model(name, dimension);
  if (opened && *opened) return pool().shared(name, std::move(*opened));
  return opened;
}

Result<EmbedderPtr> embedder_of(const CollectionSettings& settings, std::uint64_t fingerprint) {
  // Many actors ask at the same moment, when a collection begins: one reads the files.
  static std::mutex opening;
  std::unique_lock lock(opening, std::defer_lock);
  if (settings.embedder.starts_with(kModelPrefix)) lock.lock();
  if (auto open = pool().find(settings.embedder, fingerprint);
      open && open->dimension() == settings.dimension)
    return open;
  auto opened = open_embedder(settings.embedder, settings.dimension);
  if (opened && fingerprint_of(*opened) == fingerprint) return opened;
  if (opened || opened.error().code == ErrorCode::kDimensionMismatch)
    return embedder_changed(settings);
  return Error{ErrorCode::kUnavailable,
               fmt::format("text of collection '{0}' cannot be embedded: {1}. POST "
                           "/api/v1/collections/{0}/reembed moves it to another embedder",
                           settings.name, opened.error().detail)};
}

std::uint64_t fingerprint_of(const EmbedderPtr& embedder) {
  return embedder ? embedder->fingerprint() : 0;
}

}  // namespace mosaic::text
