// The embedder over a static model. Immutable: any number of threads may share one, and any number
// of embedders a model.
#pragma once

#include <memory>

#include "text/embedder.hpp"
#include "text/model/static_model.hpp"

namespace mosaic::text {

class ModelEmbedder final : public Embedder {
 public:
  /// `model` is not null.
  explicit ModelEmbedder(std::shared_ptr<const StaticModel> model) : model_(std::move(model)) {}

  std::uint32_t dimension() const override;
  /// Of the model, and of the way from its vectors to those of documents.
  std::uint64_t fingerprint() const override;
  bool intact() const override { return model_->intact(); }
  /// The vector of title and text, read as one with a line break between them, turned a third of
  /// the way towards that of the title.
  Vector embed_document(std::string_view title, std::string_view text) const override;
  Vector embed_query(std::string_view text) const override;

 private:
  Vector embed(std::string_view text) const { return model_->embed(text, model_->tokens_max()); }

  const std::shared_ptr<const StaticModel> model_;
};

}  // namespace mosaic::text
