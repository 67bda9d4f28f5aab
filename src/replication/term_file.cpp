#include "replication/term_file.hpp"

#include <array>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "replication/numbers_file.hpp"

namespace mosaic::replication {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 2> kMetadata = {"metadata1", "metadata2"};

/// As libraft writes it.
struct Metadata {
  std::uint64_t format = 0;
  std::uint64_t version = 0;
  Term term;
};
static_assert(sizeof(Metadata) == 32);

/// Nothing when there is no such file, or its making was cut short.
std::optional<Metadata> read_metadata(const fs::path& path) {
  const auto bytes = read_whole(path);
  if (!bytes || bytes->size() < sizeof(Metadata)) return std::nullopt;
  Metadata metadata;
  std::memcpy(&metadata, bytes->data(), sizeof metadata);
  const bool whole = bytes->size() == sizeof metadata && metadata.format == 1;
  if (whole && metadata.version != 0) return metadata;
  throw Failure(ErrorCode::kCorruptData,
                fmt::format("'{}' of the log is damaged", path.filename().string()));
}

struct Stored {
  std::optional<Metadata> newest;
  std::optional<Metadata> older;
};

Stored read_stored(const fs::path& folder) {
  Stored stored{read_metadata(folder / kMetadata[0]), read_metadata(folder / kMetadata[1])};
  const auto version = [](const auto& metadata) { return metadata ? metadata->version : 0; };
  if (version(stored.newest) == version(stored.older) && stored.newest)
    throw Failure(ErrorCode::kCorruptData, "both files of the log's terms claim to be the newest");
  if (version(stored.newest) < version(stored.older)) std::swap(stored.newest, stored.older);
  return stored;
}

struct Noted {
  Term before;
  Term now;
  bool made = false;
};

Result<std::optional<Noted>> read_noted(const fs::path& folder) {
  const auto numbers =
      read_numbers(folder / kTermFile, {"term_before", "vote_before", "term", "vote", "made"});
  if (!numbers) return numbers.error();
  if (!*numbers) return std::optional<Noted>();
  const auto& said = **numbers;
  return std::optional(Noted{{said.at("term_before"), said.at("vote_before")},
                             {said.at("term"), said.at("vote")},
                             said.at("made") != 0});
}

std::string as_text(Term term) {
  return fmt::format("term {}, vote {}", term.term, term.vote);
}

/// What is wrong with what is stored, going by what was noted.
std::vector<std::string> compare(const Stored& stored, const Noted& noted) {
  const auto newest = stored.newest ? stored.newest->term : Term{};
  if (!noted.made && newest == noted.before) return {};
  if (newest != noted.now) {
    return {fmt::format("the log stands at {}, it should stand at {}", as_text(newest),
                        as_text(noted.now))};
  }
  if (stored.newest->version == 1) return {};
  if (stored.older && stored.older->term == noted.before) return {};
  return {fmt::format("the older of its files of terms should say {}", as_text(noted.before))};
}

}  // namespace

Term stored_term(const fs::path& folder) {
  const auto stored = read_stored(folder);
  return stored.newest ? stored.newest->term : Term{};
}

void note_term_change(const fs::path& folder, Term before, Term now, bool made) {
  write_numbers(folder / kTermFile, {{"term_before", before.term},
                                     {"vote_before", before.vote},
                                     {"term", now.term},
                                     {"vote", now.vote},
                                     {"made", made ? 1 : 0}});
}

std::vector<std::string> check_terms(const fs::path& folder) {
  const auto stored = to_result([&] { return read_stored(folder); });
  if (!stored) return {stored.error().detail};
  const auto noted = read_noted(folder);
  if (!noted) return {noted.error().detail};
  if (*noted) return compare(*stored, **noted);
  if (!stored->newest) return {};
  return {"it is missing"};
}

bool has_metadata(const fs::path& folder) {
  return fs::exists(folder / kMetadata[0]) || fs::exists(folder / kMetadata[1]);
}

}  // namespace mosaic::replication
