// The embedder over a static model. Immutable: any number of threads may share one, and any number
// of embedders a model.
#pragma once

#include <memory>

#include "text/embedder.hpp"
#include "text/model/static_model.hpp"

namespace mosaic::text {

class ModelEmbedder final : public Embedder {
 public:
  /// `model` is not null. Of a text its first `tokens_max` tokens count; 0: all.
  explicit ModelEmbedder(std::shared_ptr<const StaticModel> model, std::size_t tokens_max = 0);

  std::uint32_t dimension() const override;
  /// That of the model, and of how much of a text counts.
  std::uint64_t fingerprint() const override;
  /// Reads title and text as one, with a line break between them.
  Vector embed_document(std::string_view title, std::string_view text) const override;
  Vector embed_query(std::string_view text) const override;

 private:
  const std::shared_ptr<const StaticModel> model_;
  const std::size_t tokens_max_;
};

}  // namespace mosaic::text
