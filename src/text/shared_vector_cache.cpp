#include "text/shared_vector_cache.hpp"

#include <algorithm>
#include <cmath>

#include "base/checksum.hpp"
#include "base/digest.hpp"
#include "base/log.hpp"
#include "base/wire.hpp"
#include "text/vector_cache.hpp"

namespace mosaic::text {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kKeyPrefix = "mosaic:v1:";
constexpr std::size_t kChecksumBytes = sizeof(std::uint64_t);

/// The key is part of it: a value that somebody copied to another key is not that key's.
std::uint64_t seal(std::string_view key, std::string_view bytes) {
  return checksum(bytes, checksum(key));
}

/// As of what an endpoint answers: a NaN or a zero vector has no place among distances.
bool is_usable(const Vector& vector) {
  return std::all_of(vector.begin(), vector.end(), [](float x) { return std::isfinite(x); }) &&
         std::any_of(vector.begin(), vector.end(), [](float x) { return x != 0; });
}

std::vector<std::string> keys_of(std::string_view embedder, std::uint32_t dimension,
                                 const std::vector<std::string>& texts) {
  std::vector<std::string> keys;
  keys.reserve(texts.size());
  for (const auto& text : texts) keys.push_back(shared_key(embedder, dimension, text));
  return keys;
}

}  // namespace

std::string shared_key(std::string_view embedder, std::uint32_t dimension, std::string_view text) {
  return std::string(kKeyPrefix) + sha256(embedding_key(embedder, dimension, text));
}

std::string encode_shared(std::string_view key, const Vector& vector) {
  auto value = to_bytes(vector);
  return value + to_bytes(seal(key, value));
}

std::optional<Vector> decode_shared(std::string_view key, std::string_view value,
                                    std::uint32_t dimension) {
  if (value.size() < kChecksumBytes) return std::nullopt;
  const auto sealed = value.substr(0, value.size() - kChecksumBytes);
  const auto expected = from_bytes<std::uint64_t>(value.substr(sealed.size()));
  if (expected != seal(key, sealed)) return std::nullopt;
  auto vector = from_bytes<Vector>(sealed);
  if (!vector || vector->size() != dimension || !is_usable(*vector)) return std::nullopt;
  return vector;
}

milliseconds SharedVectorCache::budget(Deadline deadline) const {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline.left(clock_()));
  return std::min(options_.timeout, left / 2);
}

bool SharedVectorCache::may_ask(milliseconds budget) {
  return budget.count() > 0 && breaker_->allows(clock_());
}

void SharedVectorCache::learn(const Error* failure, milliseconds budget) {
  if (failure == nullptr) {
    lost_ = {};
    if (breaker_->succeeded()) log::info("the shared embedding cache answers again");
    return;
  }
  // One who had less time than is due says little about the store; several in a row do.
  lost_ += budget;
  if (failure->code == ErrorCode::kDeadlineExceeded && lost_ < options_.timeout) return;
  lost_ = {};
  if (const auto pause = breaker_->failed(clock_())) {
    log::warn("the shared embedding cache failed: {}; left alone for {} ms", failure->detail,
              pause->count());
  }
}

std::vector<std::optional<Vector>> SharedVectorCache::get(std::string_view embedder,
                                                          std::uint32_t dimension,
                                                          const std::vector<std::string>& texts,
                                                          Deadline deadline) {
  std::vector<std::optional<Vector>> found(texts.size());
  const auto time = budget(deadline);
  if (!may_ask(time)) {
    lookups_.errors += texts.size();
    return found;
  }
  const auto keys = keys_of(embedder, dimension, texts);
  const auto values = store_->get(keys, time);
  learn(values ? nullptr : &values.error(), time);
  if (!values) {
    lookups_.errors += texts.size();
    return found;
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto& value = values->at(i);
    if (value) found[i] = decode_shared(keys[i], *value, dimension);
    ++(found[i] ? lookups_.hits : lookups_.misses);
  }
  return found;
}

void SharedVectorCache::put(std::string_view embedder, std::uint32_t dimension,
                            const std::vector<std::string>& texts,
                            const std::vector<Vector>& vectors, Deadline deadline) {
  const auto time = budget(deadline);
  if (!may_ask(time)) return;
  const auto keys = keys_of(embedder, dimension, texts);
  std::vector<net::SharedStore::Entry> entries;
  entries.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    entries.push_back({keys[i], encode_shared(keys[i], vectors.at(i))});
  }
  const auto stored = store_->put(entries, options_.ttl_s, time);
  learn(stored ? nullptr : &stored.error(), time);
}

}  // namespace mosaic::text
