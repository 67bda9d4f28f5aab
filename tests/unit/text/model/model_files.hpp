// Small model files for tests, made in memory.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "text/model/static_model.hpp"

namespace mosaic::text::test {

template <class Number>
std::string raw_bytes(const std::vector<Number>& numbers) {
  std::string bytes(numbers.size() * sizeof(Number), '\0');
  if (!numbers.empty()) std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

/// A safetensors file of a header as it is given and the data.
inline std::string tensor_file(std::string_view header, std::string_view data) {
  std::string file = raw_bytes<std::uint64_t>({header.size()});
  return file.append(header).append(data);
}

/// Three rows of two numbers: for "[UNK]", "up" and "##per".
inline std::string small_table() {
  return tensor_file(R"({"embeddings":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}})",
                     raw_bytes<float>({9, 9, 3, 0, 1, 8}));
}

inline std::string small_tokenizer(std::string_view normalizer = R"({"type":"BertNormalizer"})",
                                   std::string_view added = "[]") {
  std::string json = R"({"version":"1.0","added_tokens":)";
  json.append(added).append(R"(,"normalizer":)").append(normalizer);
  return json + R"(,"pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"type":"WordPiece",
      "unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":8,
      "vocab":{"[UNK]":0,"up":1,"##per":2}}})";
}

/// The three files, which may be changed before a model is made of them.
struct SmallModel {
  std::string table = small_table();
  std::string tokenizer = small_tokenizer();
  std::string config = "{}";

  auto made() const { return StaticModel::from({table, tokenizer, config}); }
  std::string refusal() const {
    const auto model = made();
    return model.ok() ? "no error" : model.error().detail;
  }
};

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace mosaic::text::test
