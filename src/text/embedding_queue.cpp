#include "text/embedding_queue.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "text/document_text.hpp"

namespace mosaic::text {

void EmbeddingQueue::add(std::uint64_t id, EmbeddingRequest asked) {
  const auto place = requests_.try_emplace(id).first;
  auto& request = place->second;
  request.embedder = std::move(asked.embedder);
  request.dimension = asked.dimension;
  request.deadline = asked.deadline;
  request.vectors.resize(asked.texts.size());
  deadlines_.emplace(request.deadline.at, id);
  for (std::size_t i = 0; i < asked.texts.size(); ++i) {
    auto& text = asked.texts[i];
    if (is_blank(text)) continue;
    auto key = embedding_key(request.embedder, request.dimension, text);
    if (const auto* known = cache_.get(key)) {
      request.vectors[i] = *known;
    } else {
      want(id, request, std::move(key), std::move(text), i);
    }
  }
  if (request.wanted.empty()) return answer(place, std::move(request.vectors));
  if (texts_waiting_ > limits_.texts_waiting_max) {
    return answer(
        place, Error{ErrorCode::kOverloaded, fmt::format("more than {} texts wait to be embedded",
                                                         limits_.texts_waiting_max)});
  }
  take_turn(id, request);
}

void EmbeddingQueue::want(std::uint64_t id, Request& request, std::string key, std::string text,
                          std::size_t place) {
  const auto found = wanted_.find(key);
  auto wanted = found != wanted_.end() ? found->second : std::make_shared<Wanted>();
  if (found == wanted_.end()) {
    wanted->key = std::move(key);
    wanted->text = std::move(text);
    wanted_.emplace(wanted->key, wanted);
  }
  wanted->waiting.emplace_back(id, place);
  request.wanted.push_back(std::move(wanted));
  ++request.missing;
  ++texts_waiting_;
}

void EmbeddingQueue::take_turn(std::uint64_t id, Request& request) {
  if (request.in_turn) return;
  request.in_turn = true;
  turns_.push_back(id);
}

std::vector<EmbeddingQueue::WantedPtr> EmbeddingQueue::unsent(Request& request) const {
  std::vector<WantedPtr> found;
  for (; request.next < request.wanted.size() && found.size() < limits_.batch_max; ++request.next) {
    const auto& wanted = request.wanted[request.next];
    if (wanted->sent) continue;
    wanted->sent = true;
    found.push_back(wanted);
  }
  return found;
}

std::optional<EmbeddingBatch> EmbeddingQueue::next_batch() {
  while (!turns_.empty()) {
    const auto id = turns_.front();
    turns_.pop_front();
    const auto place = requests_.find(id);
    if (place == requests_.end()) continue;
    auto& request = place->second;
    request.in_turn = false;
    auto wanted = unsent(request);
    if (request.next < request.wanted.size()) take_turn(id, request);
    if (wanted.empty()) continue;
    EmbeddingBatch batch{++batches_made_,
                         {request.embedder, request.dimension, {}, request.deadline}};
    for (const auto& each : wanted) batch.request.texts.push_back(each->text);
    batches_.emplace(batch.id,
                     Batch{id, request.deadline, request.dimension != 0, std::move(wanted)});
    return batch;
  }
  return std::nullopt;
}

void EmbeddingQueue::finish(std::uint64_t id, Result<std::vector<Vector>> vectors) {
  const auto node = batches_.extract(id);
  if (node.empty()) return;
  const auto& batch = node.mapped();
  for (std::size_t i = 0; i < batch.wanted.size(); ++i) {
    auto& wanted = *batch.wanted[i];
    if (!vectors) {
      fail(wanted, vectors.error(), batch);
      continue;
    }
    deliver(wanted, vectors->at(i));
    if (batch.kept) cache_.put(std::move(wanted.key), std::move((*vectors)[i]));
  }
}

void EmbeddingQueue::deliver(Wanted& wanted, const Vector& vector) {
  wanted_.erase(wanted.key);
  for (const auto& [id, place] : std::exchange(wanted.waiting, {})) {
    const auto request = requests_.find(id);
    request->second.vectors[place] = vector;
    if (--request->second.missing == 0) answer(request, std::move(request->second.vectors));
  }
}

void EmbeddingQueue::fail(Wanted& wanted, const Error& error, const Batch& batch) {
  const bool late = error.code == ErrorCode::kDeadlineExceeded;
  std::vector<Waiting> staying;
  std::set<std::uint64_t> leaving;
  for (const auto& waiting : wanted.waiting) {
    auto& request = requests_.at(waiting.first);
    if (late && waiting.first != batch.owner && request.deadline.at > batch.deadline.at) {
      staying.push_back(waiting);
      request.next = 0;
      take_turn(waiting.first, request);
    } else {
      leaving.insert(waiting.first);
    }
  }
  wanted.sent = false;
  wanted.waiting = std::move(staying);
  if (wanted.waiting.empty()) wanted_.erase(wanted.key);
  for (const auto id : leaving) answer(requests_.find(id), error);
}

void EmbeddingQueue::expire(TimePoint now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    answer(requests_.find(deadlines_.begin()->second),
           Error{ErrorCode::kDeadlineExceeded, "the embedder did not answer in time"});
  }
}

void EmbeddingQueue::answer(RequestPlace place, Result<std::vector<Vector>> vectors) {
  const auto id = place->first;
  const auto request = std::move(place->second);
  requests_.erase(place);
  deadlines_.erase({request.deadline.at, id});
  texts_waiting_ -= request.wanted.size();
  for (const auto& wanted : request.wanted) {
    std::erase_if(wanted->waiting, [&](const Waiting& waiting) { return waiting.first == id; });
    // What an endpoint was asked for already will be of use to somebody.
    if (wanted->waiting.empty() && !wanted->sent) wanted_.erase(wanted->key);
  }
  answers_.push_back({id, std::move(vectors)});
}

}  // namespace mosaic::text
