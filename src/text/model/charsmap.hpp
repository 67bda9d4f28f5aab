// Precompiled: the rewriting rules of a SentencePiece model, a trie in a double array (Aoe 1989, in
// the layout of Darts-clone) and the texts its leaves point at. Nothing in the file is trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/model/normalizer.hpp"

namespace mosaic::text {

class Charsmap final : public Normalizer {
 public:
  explicit Charsmap(const JsonValue& value);
  void apply(NormalText& text) const override;

 private:
  /// What stands for `part`: by the reference that of its shortest start that has a rule.
  std::optional<std::string_view> rewritten(std::string_view part) const;
  void append_cluster(std::string_view cluster, std::string& out) const;

  std::vector<std::uint32_t> units_;
  std::string texts_;  // each ends with a NUL
};

}  // namespace mosaic::text
