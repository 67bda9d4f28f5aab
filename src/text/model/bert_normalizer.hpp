// BertNormalizer: cleans away control characters, puts spaces around Chinese characters, takes off
// accents, makes lower case, each if asked. Plain ASCII is rewritten in its place.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "text/model/normalizer.hpp"

namespace mosaic::text {

class BertNormalizer final : public Normalizer {
 public:
  explicit BertNormalizer(const JsonValue& value);
  void apply(NormalText& text) const override;

 private:
  bool is_plain(char byte) const { return plain_[static_cast<unsigned char>(byte)]; }
  char written(char byte) const { return written_[static_cast<unsigned char>(byte)]; }
  std::string rewritten(std::string_view bytes) const;
  std::u32string cleaned(std::string_view run) const;
  void append_run(std::string_view run, std::string& out) const;

  bool clean_ = true;
  bool space_chinese_ = true;
  bool strip_accents_ = true;
  bool lower_ = true;
  std::array<bool, 256> plain_{};  // ASCII that stays one character
  std::array<char, 256> written_{};
};

}  // namespace mosaic::text
