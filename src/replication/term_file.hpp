// libraft keeps its term and vote in two small files without a checksum, by turns. The log's
// `terms` file says what they must hold: the values before the last change and those after it. It
// is written before the change is made, when either may be found, and after it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mosaic::replication {

inline constexpr const char* kTermFile = "terms";

struct Term {
  std::uint64_t term = 0;
  std::uint64_t vote = 0;  ///< the node that was voted for in it; 0: none
  friend bool operator==(const Term&, const Term&) = default;
};

/// What libraft will start with. Throws corrupt_data when its files do not say.
Term stored_term(const std::filesystem::path& folder);

/// Remembers that libraft goes over from one to the other, or has. Throws unavailable.
void note_term_change(const std::filesystem::path& folder, Term before, Term now, bool made);

/// What is wrong with the files of terms, one line each.
std::vector<std::string> check_terms(const std::filesystem::path& folder);

/// Whether libraft has been started in this folder before.
bool has_metadata(const std::filesystem::path& folder);

}  // namespace mosaic::replication
