// What stands in front of embedding endpoints: a cache, the texts that wait, and who waits for
// them. A text that several requests want is asked for once. Requests take turns, a batch each, so
// that a search is not held up by a large write. A pure step function; time is an argument.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "base/deadline.hpp"
#include "text/vector_cache.hpp"

namespace mosaic::text {

/// Texts of all requests that may wait: a few writes of the largest size.
constexpr std::size_t kTextsWaitingMax = 4 * kBatchDocumentsMax;

/// Texts to embed, by the endpoint that `embedder` names, into `dimension` numbers each. 0 asks how
/// many it gives now, so what comes is not remembered.
struct EmbeddingRequest {
  std::string embedder;
  std::uint32_t dimension = 0;
  std::vector<std::string> texts;
  Deadline deadline;
};

struct EmbeddingBatch {
  std::uint64_t id = 0;
  EmbeddingRequest request;
};

/// One vector for each text, in their order.
struct EmbeddingAnswer {
  std::uint64_t request = 0;
  Result<std::vector<Vector>> vectors;
};

class EmbeddingQueue {
 public:
  struct Limits {
    std::uint64_t cache_bytes = 64 << 20;
    std::size_t batch_max = 128;  ///< texts in a batch
    std::size_t texts_waiting_max = kTextsWaitingMax;
  };

  /// `watch` hears of the cache.
  explicit EmbeddingQueue(Limits limits, CacheWatch watch = {})
      : limits_(limits), cache_(limits.cache_bytes, std::move(watch)) {}

  /// Takes a request, whose number has not been used before. Its answer may be there at once: from
  /// the cache, for blank texts, which have the empty vector, or overloaded.
  void add(std::uint64_t id, EmbeddingRequest request);

  /// Texts to ask an endpoint for, or nothing for now.
  std::optional<EmbeddingBatch> next_batch();

  /// A batch has come to an end. What fails, fails every request that waits for one of its texts;
  /// only that it took too long for one is no reason to fail those that have longer.
  void finish(std::uint64_t batch, Result<std::vector<Vector>> vectors);

  /// Answers deadline_exceeded to requests that nobody waits for any more.
  void expire(TimePoint now);

  std::vector<EmbeddingAnswer> take_answers() { return std::exchange(answers_, {}); }
  bool idle() const { return requests_.empty(); }
  const VectorCache& cache() const { return cache_; }

 private:
  using Waiting = std::pair<std::uint64_t, std::size_t>;  ///< request, place among its texts

  /// A text that is wanted and not known yet.
  struct Wanted {
    std::string key;
    std::string text;
    bool sent = false;
    std::vector<Waiting> waiting;
  };
  using WantedPtr = std::shared_ptr<Wanted>;

  struct Request {
    std::string embedder;
    std::uint32_t dimension = 0;
    Deadline deadline;
    std::vector<Vector> vectors;
    std::vector<WantedPtr> wanted;  ///< one for each text that was not known
    std::size_t missing = 0;        ///< of them, not known yet
    std::size_t next = 0;           ///< those before it need not be sent
    bool in_turn = false;
  };
  using RequestPlace = std::map<std::uint64_t, Request>::iterator;

  struct Batch {
    std::uint64_t owner = 0;  ///< the request whose turn it was
    Deadline deadline;        ///< of the owner
    bool kept = false;        ///< whether its vectors are of use to others
    std::vector<WantedPtr> wanted;
  };

  void want(std::uint64_t id, Request& request, std::string key, std::string text,
            std::size_t place);
  void take_turn(std::uint64_t id, Request& request);
  std::vector<WantedPtr> unsent(Request& request) const;
  void deliver(Wanted& wanted, const Vector& vector);
  void fail(Wanted& wanted, const Error& error, const Batch& batch);
  void answer(RequestPlace request, Result<std::vector<Vector>> vectors);

  Limits limits_;
  VectorCache cache_;
  std::uint64_t batches_made_ = 0;
  std::size_t texts_waiting_ = 0;
  std::map<std::uint64_t, Request> requests_;
  std::set<std::pair<TimePoint, std::uint64_t>> deadlines_;
  std::deque<std::uint64_t> turns_;  ///< requests with texts to send; those answered are passed by
  std::unordered_map<std::string_view, WantedPtr> wanted_;  ///< by the keys within
  std::map<std::uint64_t, Batch> batches_;
  std::vector<EmbeddingAnswer> answers_;
};

}  // namespace mosaic::text
