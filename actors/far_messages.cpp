#include "actors/far_messages.hpp"

namespace mosaic::actors {

far_questions pack(std::vector<far_question> questions) {
  far_questions packed{std::move(questions), {}, {}};
  for (auto& question : packed.questions) {
    auto* search = std::get_if<shard_search_request>(&question.body);
    if (search == nullptr || search->query.vector.empty()) {
      packed.vector_of.push_back(0);
      continue;
    }
    auto& vector = search->query.vector;
    if (packed.vectors.empty() || packed.vectors.back() != vector) packed.vectors.push_back(vector);
    vector.clear();
    packed.vector_of.push_back(static_cast<std::uint32_t>(packed.vectors.size()));
  }
  return packed;
}

std::optional<std::vector<far_question>> unpack(far_questions packed) {
  if (packed.vector_of.size() != packed.questions.size()) return std::nullopt;
  for (std::size_t i = 0; i < packed.questions.size(); ++i) {
    const auto number = packed.vector_of[i];
    if (number == 0) continue;
    auto* search = std::get_if<shard_search_request>(&packed.questions[i].body);
    if (search == nullptr || number > packed.vectors.size()) return std::nullopt;
    search->query.vector = packed.vectors[number - 1];
  }
  return std::move(packed.questions);
}

}  // namespace mosaic::actors
