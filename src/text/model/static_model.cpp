#include "text/model/static_model.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/checksum.hpp"
#include "base/failure.hpp"
#include "base/mapped_file.hpp"
#include "text/model/characters.hpp"
#include "text/model/file_watch.hpp"
#include "text/model/json_value.hpp"
#include "text/model/token_rows.hpp"
#include "text/model/tokenizer.hpp"

namespace mosaic::text {
namespace {

using Mapped = std::unique_ptr<const MappedFile>;

/// The table of a model that lies in a folder.
struct TableFile {
  FileWatch watch;  ///< begins before the file is read
  Mapped mapped;
};

std::uint64_t fingerprint_of(const ModelFiles& files) {
  return checksum(files.config, checksum(files.tokenizer, checksum(files.table)));
}

struct Config {
  bool normalize = false;
  std::size_t tokens_max = kModelTokensMax;
};

Config read_config(std::string_view bytes) {
  simdjson::dom::parser parser;
  const auto json = JsonValue::parse(parser, bytes, "config.json");
  Config config{json.boolean_or("normalize", false)};
  if (!json.object()["max_length"].error()) {  // null: all tokens
    const auto length = json.find("max_length");
    config.tokens_max = length ? length->number() : 0;
    if (length && config.tokens_max == 0) length->refuse("is 0: no token would count");
  }
  return config;
}

std::string_view bytes_in(const Mapped& file) {
  const auto bytes = file->bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The start of `text` with at most `count` characters.
std::string_view first_characters(std::string_view text, std::size_t count) {
  if (text.size() <= count) return text;
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return text.substr(0, at);
}

/// False where there is no direction: all is zero.
bool make_unit_length(Vector& vector) {
  double squares = 0;
  for (const float x : vector) squares += double{x} * x;
  if (squares == 0) return false;
  const auto length = std::sqrt(squares);
  for (float& x : vector) x = static_cast<float>(x / length);
  return true;
}

class LoadedModel final : public StaticModel {
 public:
  LoadedModel(const ModelFiles& files, std::optional<TableFile> table)
      : table_(std::move(table)),
        fingerprint_(fingerprint_of(files)),
        config_(read_config(files.config)),
        tokenizer_(files.tokenizer),
        rows_(files.table, tokenizer_.tokens(), tokenizer_.ids_end()) {}

  std::uint32_t dimension() const override { return rows_.dimension(); }
  std::uint64_t fingerprint() const override { return fingerprint_; }
  std::size_t tokens_max() const override { return config_.tokens_max; }
  bool intact() const override {
    return !table_ || (table_->mapped->intact() && !table_->watch.written_to());
  }

  Vector embed(std::string_view text, std::size_t tokens_max) const override {
    if (tokens_max > 0) {
      const auto tokens = std::min(tokens_max, text.size());  // no text has more
      text = first_characters(text, tokens * tokenizer_.median_characters());
    }
    auto ids = tokenizer_.encode(text);
    if (tokens_max > 0 && ids.size() > tokens_max) ids.resize(tokens_max);
    if (const auto unknown = tokenizer_.unknown()) std::erase(ids, *unknown);
    if (ids.empty()) return {};
    auto mean = rows_.mean(ids);
    const bool zero = std::all_of(mean.begin(), mean.end(), [](float x) { return x == 0; });
    if (zero || (config_.normalize && !make_unit_length(mean))) return {};
    return mean;
  }

 private:
  const std::optional<TableFile> table_;  // or it is part of the program
  const std::uint64_t fingerprint_;
  const Config config_;
  const Tokenizer tokenizer_;
  const TokenRows rows_;
};

using Made = std::unique_ptr<const StaticModel>;

}  // namespace

Result<std::unique_ptr<const StaticModel>> StaticModel::open(const std::filesystem::path& folder) {
  return to_result([&]() -> Made {
    const auto path = folder / "model.safetensors";
    TableFile table{FileWatch(path), nullptr};
    table.mapped = or_throw(MappedFile::open(path, kModelTableBytesMax));
    const auto tokenizer =
        or_throw(MappedFile::open(folder / "tokenizer.json", kModelTokenizerBytesMax));
    const auto config = or_throw(MappedFile::open(folder / "config.json", kModelConfigBytesMax));
    const ModelFiles files{bytes_in(table.mapped), bytes_in(tokenizer), bytes_in(config)};
    auto model = std::make_unique<const LoadedModel>(files, std::move(table));
    if (!tokenizer->intact() || !config->intact() || !model->intact()) {
      throw Failure(ErrorCode::kUnavailable, "a file of the model was changed while it was read");
    }
    return model;
  });
}

Result<std::unique_ptr<const StaticModel>> StaticModel::from(ModelFiles files) {
  return to_result(
      [&]() -> Made { return std::make_unique<const LoadedModel>(files, std::nullopt); });
}

}  // namespace mosaic::text
