#include "text/model_embedder.hpp"

#include <utility>

#include "text/document_text.hpp"

namespace mosaic::text {

ModelEmbedder::ModelEmbedder(std::shared_ptr<const StaticModel> model, std::size_t tokens_max)
    : model_(std::move(model)), tokens_max_(tokens_max) {}

std::uint32_t ModelEmbedder::dimension() const {
  return model_->dimension();
}

std::uint64_t ModelEmbedder::fingerprint() const {
  return model_->fingerprint() ^ tokens_max_;
}

Vector ModelEmbedder::embed_document(std::string_view title, std::string_view text) const {
  return model_->embed(document_text(title, text), tokens_max_);
}

Vector ModelEmbedder::embed_query(std::string_view text) const {
  return model_->embed(text, tokens_max_);
}

}  // namespace mosaic::text
