// A static embedding model in the layout of the model2vec family (github.com/MinishLab/model2vec):
// a text's vector is the mean of its tokens' rows in a table. Mapped into memory: a table costs no
// heap. Immutable: any number of threads may share one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "mosaic/document.hpp"
#include "mosaic/result.hpp"

namespace mosaic::text {

/// The bytes of a model's three files.
struct ModelFiles {
  std::string_view table;      ///< model.safetensors
  std::string_view tokenizer;  ///< tokenizer.json
  std::string_view config;     ///< config.json
};

/// Larger files are refused before they are read.
constexpr std::uint64_t kModelTableBytesMax = std::uint64_t{2} << 30;
constexpr std::uint64_t kModelTokenizerBytesMax = std::uint64_t{256} << 20;
constexpr std::uint64_t kModelConfigBytesMax = std::uint64_t{1} << 20;
/// Tokens of a text that count where config.json does not say (`max_length`), as in model2vec.
constexpr std::size_t kModelTokensMax = 512;

class StaticModel {
 public:
  /// A folder with the three files. not_found or unavailable where one cannot be read;
  /// invalid_argument, naming the file and the value, where one is damaged, disagrees with another
  /// or asks for what is not supported.
  static Result<std::unique_ptr<const StaticModel>> open(const std::filesystem::path& folder);
  /// Bytes that outlive the model: one that is linked into the program.
  static Result<std::unique_ptr<const StaticModel>> from(ModelFiles files);

  virtual ~StaticModel() = default;

  virtual std::uint32_t dimension() const = 0;
  /// XXH3 over the three files: equal models have equal ones.
  virtual std::uint64_t fingerprint() const = 0;
  /// The `max_length` of config.json: how many tokens of a text its maker lets count; 0: all.
  virtual std::size_t tokens_max() const = 0;
  /// False once the table was written to or cut short where it lies: its vectors mean nothing. A
  /// file that was put in its place does no harm.
  virtual bool intact() const = 0;

  /// The vector of a text, of length 1 where config.json says so, within float32's error that of
  /// model2vec. Of the text the first `tokens_max` tokens count, and of its characters so many
  /// times the median of a token's; 0: all. Empty where no token is known or the mean is zero.
  virtual Vector embed(std::string_view text, std::size_t tokens_max = 0) const = 0;
};

}  // namespace mosaic::text
