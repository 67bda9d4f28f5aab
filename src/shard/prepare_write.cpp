#include "shard/prepare_write.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "routing/possible_homes.hpp"
#include "text/document_text.hpp"

#include <fmt/format.h>

namespace mosaic::shard {
namespace {

Error at_position(const Error& error, std::string_view list, std::size_t position,
                  std::string_view separator) {
  return {error.code, fmt::format("{}[{}]{}{}", list, position, separator, error.detail)};
}

Status check_count(std::string_view list, std::size_t count) {
  if (count <= kBatchDocumentsMax) return {};
  return Error{ErrorCode::kPayloadTooLarge,
               fmt::format("{} has {} items, at most {}", list, count, kBatchDocumentsMax)};
}

void keep_last_links(std::vector<Link>& links) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  std::vector<Link> kept;
  for (auto link = links.rbegin(); link != links.rend(); ++link) {
    if (seen.emplace(link->to, link->kind).second) kept.push_back(*link);
  }
  if (kept.size() == links.size()) return;
  std::reverse(kept.begin(), kept.end());
  links = std::move(kept);
}

std::vector<Document> keep_last_of_each_id(std::vector<Document> documents) {
  std::unordered_map<std::string_view, std::size_t> last;
  for (std::size_t i = 0; i < documents.size(); ++i) last[documents[i].id] = i;
  if (last.size() == documents.size()) return documents;
  std::vector<std::size_t> positions;
  for (const auto& [id, position] : last) positions.push_back(position);
  std::sort(positions.begin(), positions.end());
  std::vector<Document> kept;
  for (const auto position : positions) kept.push_back(std::move(documents[position]));
  return kept;
}

Error too_large(std::size_t bytes) {
  return {ErrorCode::kPayloadTooLarge,
          fmt::format("the write has {} bytes after embedding, at most {}", bytes, kBatchBytesMax)};
}

std::string text_to_embed(const Document& document) {
  if (!document.vector.empty()) return {};
  auto text = text::document_text(document.title.value_or(""), document.text.value_or(""));
  return text::is_blank(text) ? std::string() : text;
}

}  // namespace

Result<WriteBatch> prepare_upsert(std::vector<Document> documents,
                                  const CollectionSettings& settings,
                                  const text::Embedder* embedder) {
  if (const auto checked = check_count("documents", documents.size()); !checked)
    return checked.error();
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (const auto checked = validate(documents[i], settings); !checked) {
      return at_position(checked.error(), "documents", i, ".");
    }
  }
  WriteBatch batch{keep_last_of_each_id(std::move(documents)), {}};
  for (auto& document : batch.documents) {
    keep_last_links(document.links);
    if (!document.vector.empty() || embedder == nullptr) continue;
    document.vector =
        embedder->embed_document(document.title.value_or(""), document.text.value_or(""));
  }
  return batch;
}

Result<std::vector<std::string>> texts_to_embed(const WriteBatch& batch, std::uint32_t dimension) {
  std::vector<std::string> texts;
  for (const auto& document : batch.documents) {
    auto text = text_to_embed(document);
    if (!text.empty()) texts.push_back(std::move(text));
  }
  const auto bytes = texts.size() * dimension * sizeof(float);
  if (bytes > kBatchBytesMax) return too_large(bytes);
  return texts;
}

void fill_vectors(WriteBatch& batch, std::vector<Vector> vectors) {
  auto vector = vectors.begin();
  for (auto& document : batch.documents) {
    if (!text_to_embed(document).empty()) document.vector = std::move(*vector++);
  }
}

Result<WriteBatch> prepare_delete(const std::vector<std::string>& ids) {
  if (const auto checked = check_count("ids", ids.size()); !checked) return checked.error();
  WriteBatch batch;
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (const auto checked = validate_id(ids[i], "id"); !checked)
      return at_position(checked.error(), "ids", i, ": ");
    if (seen.insert(ids[i]).second) batch.deletions.push_back({ids[i], 0});
  }
  return batch;
}

void place(WriteBatch& batch, const routing::Placement& placement) {
  for (const auto& document : batch.documents)
    batch.homes.push_back(placement.home(document.id, document.vector));
}

std::vector<ShardId> touched_shards(const WriteBatch& batch, const CollectionSettings& settings) {
  std::set<ShardId> touched;
  const auto touch = [&](std::string_view id) {
    const auto homes = routing::possible_homes(id, settings);
    touched.insert(homes.begin(), homes.end());
  };
  for (const auto& document : batch.documents) touch(document.id);
  for (const auto& deletion : batch.deletions) touch(deletion.id);
  return {touched.begin(), touched.end()};
}

Result<std::string> encode_checked(const WriteBatch& batch) {
  auto bytes = encode_write(batch);
  if (bytes.size() <= kBatchBytesMax) return bytes;
  return too_large(bytes.size());
}

}  // namespace mosaic::shard
