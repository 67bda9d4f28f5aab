// What requests of a load generator are made of: queries from a file or sampled from a collection,
// ids to read, and documents to write.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/api_client.hpp"
#include "cli/bench/arguments.hpp"

namespace mosaic::cli {

struct BenchCorpus {
  /// By mode, bodies of searches; a mode that is not asked for has none.
  std::vector<std::string> text;
  std::vector<std::string> vector;
  std::vector<std::string> hybrid;
  std::vector<std::string> ids;
  /// The members of documents without their ids: `"title":"...","text":"..."`.
  std::vector<std::string> documents;

  const std::vector<std::string>& searches(Operation mode) const;
};

/// Asks the node for the collection and a page of its documents. The order is the seed's. Throws
/// Failure when there is nothing to make the requests of that are asked for.
BenchCorpus make_corpus(ApiClient& client, const BenchArguments& arguments, std::uint64_t seed);

/// The body of a search: `query` (members of a search body) with what the arguments say where it
/// says nothing itself.
std::string bench_search_body(nlohmann::json query, Operation mode,
                              const BenchArguments& arguments);

}  // namespace mosaic::cli
