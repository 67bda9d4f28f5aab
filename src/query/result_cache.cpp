#include "query/result_cache.hpp"

#include "base/domain_wire.hpp"

namespace mosaic::query {
namespace {

/// One answer may take so much of the whole: a few large ones must not push out all others.
constexpr std::uint64_t kShareMax = 8;
/// Nodes of list and map, the shared answer, and the allocator's share of them.
constexpr std::uint64_t kEntryBytes = 256;

std::uint64_t bytes_of(const Document& document) {
  auto bytes = document.id.capacity() + document.metadata.capacity() +
               document.vector.capacity() * sizeof(float);
  if (document.title) bytes += document.title->capacity();
  if (document.text) bytes += document.text->capacity();
  for (const auto& link : document.links)
    bytes += sizeof link + link.to.capacity() + link.kind.capacity();
  return bytes;
}

std::uint64_t bytes_of(const std::string& key, const SearchReply& reply) {
  auto bytes = kEntryBytes + key.capacity() + sizeof reply;
  for (const auto& hit : reply.hits) bytes += sizeof hit + bytes_of(hit.stored.document);
  return bytes;
}

}  // namespace

std::string result_key(Seq collection, const SearchRequest& request) {
  auto asked = request;
  asked.collection.clear();
  asked.timeout_ms = 0;
  asked.trace_id.clear();
  ByteWriter writer;
  writer(collection, asked);
  return writer.take();
}

bool may_recall(const SearchRequest& request) {
  return !request.explain && !request.audit && !request.as_of;
}

bool may_keep(const SearchReply& reply) {
  return !reply.partial && reply.failed.empty();
}

std::shared_ptr<const SearchReply> ResultCache::find(const std::string& key, Seq seq) {
  const std::lock_guard lock(mutex_);
  const auto* found = entries_.find(key, [&](const auto& reply) { return reply->seq == seq; });
  return found == nullptr ? nullptr : *found;
}

void ResultCache::keep(std::string key, std::shared_ptr<const SearchReply> reply) {
  const auto bytes = bytes_of(key, *reply);
  const std::lock_guard lock(mutex_);
  if (bytes > entries_.bytes_max() / kShareMax) return;
  const auto* known = entries_.peek(key);
  if (known != nullptr && (*known)->seq >= reply->seq) return;
  entries_.put(std::move(key), std::move(reply), bytes);
}

std::uint64_t ResultCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return entries_.bytes();
}

}  // namespace mosaic::query
