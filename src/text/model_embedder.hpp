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
  /// Of the model, and of the way from its vectors to those of documents.
  std::uint64_t fingerprint() const override;
  /// The vector of title and text, read as one with a line break between them, turned a third of
  /// the way towards that of the title.
  Vector embed_document(std::string_view title, std::string_view text) const override;
  Vector embed_query(std::string_view text) const override;

 private:
  const std::shared_ptr<const StaticModel> model_;
  const std::size_t tokens_max_;
};

}  // namespace mosaic::text
