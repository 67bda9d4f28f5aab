// Long work that runs beside searches and writes: started by a request, watched and cancelled by
// id.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mosaic/result.hpp"

namespace mosaic {

enum class JobState : std::uint8_t { kRunning, kDone, kFailed, kCancelled };

struct Job {
  std::string id;
  std::string kind;  ///< what it does, like "pagerank"
  JobState state = JobState::kRunning;
  double progress = 0;  ///< 0 to 1
  std::string detail;   ///< what it is at, or why it failed, for people
  std::string result;   ///< a JSON object once done, else empty
};

/// PageRank over the links of a collection (Brin and Page 1998): a walker follows a link with
/// probability `damping`, else jumps to any document; from a document without links it always
/// jumps.
struct PageRankOptions {
  double damping = 0.85;           ///< 0 to below 1
  std::uint32_t iterations = 200;  ///< at most so many
  double tolerance = 1e-9;         ///< ends when a round changes less, as a sum over all documents
  bool weighted = false;           ///< links are followed in proportion to their weight
};

constexpr std::uint32_t kPageRankIterationsMax = 10'000;

struct PageRankRequest {
  std::string collection;
  PageRankOptions options;
};

/// A collection goes over to another embedder, or to the same one once its model has changed.
struct ReembedRequest {
  std::string collection;
  std::string embedder;
  std::uint32_t dimension = 0;  ///< 0: the embedder's own
};

std::string_view to_string(JobState state);

/// The error names the field and its value.
Status validate(const PageRankOptions& options);

}  // namespace mosaic
