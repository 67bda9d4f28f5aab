#include "replication/log_identity.hpp"

#include <bit>
#include <random>

#include "replication/numbers_file.hpp"
#include "replication/term_file.hpp"

namespace mosaic::replication {

Result<std::optional<LogIdentity>> read_identity(const std::filesystem::path& folder) {
  const auto numbers = read_numbers(folder / kIdentityFile, {"node", "base", "whole"});
  if (!numbers) return numbers.error();
  if (*numbers) {
    const auto& said = **numbers;
    return std::optional(LogIdentity{said.at("node"), std::bit_cast<std::int64_t>(said.at("base")),
                                     said.at("whole") != 0, said.contains("joins")});
  }
  if (!has_metadata(folder)) return std::optional<LogIdentity>();
  return Error{ErrorCode::kCorruptData, "the log's file 'identity' is missing"};
}

void write_identity(const std::filesystem::path& folder, const LogIdentity& identity) {
  Numbers said{{"node", identity.node},
               {"base", std::bit_cast<std::uint64_t>(identity.base)},
               {"whole", identity.whole ? 1 : 0}};
  if (identity.joins) said["joins"] = 1;
  write_numbers(folder / kIdentityFile, said);
}

LogIdentity new_identity() {
  std::random_device chance;
  std::uniform_int_distribution<std::uint64_t> any(1);
  // Its first entry is the engine's own, which says who votes: ours begin at seq 1.
  return {.node = any(chance), .base = -1};
}

}  // namespace mosaic::replication
