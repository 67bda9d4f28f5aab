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

Status check(const std::vector<Document>& documents, const CollectionSettings& settings) {
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (const auto checked = validate(documents[i], settings); !checked)
      return at_position(checked.error(), "documents", i, ".");
  }
  return {};
}

bool is_to_be_embedded(const Document& document) {
  return document.vector.empty() && !(text::is_blank(document.title.value_or("")) &&
                                      text::is_blank(document.text.value_or("")));
}

}  // namespace

Result<PreparedWrite> prepare_upsert(std::vector<Document> documents,
                                     const CollectionSettings& settings) {
  if (const auto checked = check_count("documents", documents.size()); !checked)
    return checked.error();
  if (const auto checked = check(documents, settings); !checked) return checked.error();
  PreparedWrite write{{keep_last_of_each_id(std::move(documents)), {}}, {}};
  for (std::size_t i = 0; i < write.batch.documents.size(); ++i) {
    keep_last_links(write.batch.documents[i].links);
    if (is_to_be_embedded(write.batch.documents[i])) write.to_embed.push_back(i);
  }
  return write;
}

Result<PreparedWrite> prepare_again(PreparedWrite write, const CollectionSettings& settings) {
  for (const auto i : write.to_embed) write.batch.documents[i].vector.clear();
  write.batch.homes.clear();
  if (const auto checked = check(write.batch.documents, settings); !checked) return checked.error();
  return write;
}

Result<std::vector<std::string>> texts_to_embed(const PreparedWrite& write,
                                                std::uint32_t dimension) {
  const auto bytes = write.to_embed.size() * dimension * sizeof(float);
  if (bytes > kBatchBytesMax) return too_large(bytes);
  std::vector<std::string> texts;
  for (const auto i : write.to_embed) {
    const auto& document = write.batch.documents[i];
    texts.push_back(text::document_text(document.title.value_or(""), document.text.value_or("")));
  }
  return texts;
}

void fill_vectors(PreparedWrite& write, std::vector<Vector> vectors) {
  for (std::size_t i = 0; i < write.to_embed.size(); ++i)
    write.batch.documents[write.to_embed[i]].vector = std::move(vectors.at(i));
}

void embed(PreparedWrite& write, const text::Embedder& embedder) {
  for (const auto i : write.to_embed) {
    auto& document = write.batch.documents[i];
    document.vector =
        embedder.embed_document(document.title.value_or(""), document.text.value_or(""));
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
