// BM25 over the FTS5 index of one connection, with statistics that may come from a whole
// collection. Shard-local statistics were seen to change 28% of the top ten over four shards, hence
// two steps: count, then rank. Formula: Robertson and Zaragoza, The Probabilistic Relevance
// Framework (2009), with the positive idf ln(1 + (N - n + 0.5) / (n + 0.5)); a word of the title
// counts kTitleWeight times.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "base/row_set.hpp"
#include "storage/database.hpp"
#include "storage/document_lengths.hpp"

struct fts5_api;
struct Fts5Tokenizer;

namespace mosaic::storage {

/// Counts over live documents; those of several shards add up.
struct TextStats {
  std::uint64_t documents = 0;
  std::uint64_t tokens = 0;
  std::vector<std::uint64_t> documents_with;  ///< one per term, in the order of the terms

  TextStats& operator+=(const TextStats& other);
};

/// The sum of the idf of all terms: about the score of a document of mean length that holds each
/// of them once.
double full_score(const TextStats& stats);

class TextIndex {
 public:
  /// Registers the ranking functions on `database`, which must be open and outlive this. `lengths`
  /// are those of the same shard.
  TextIndex(Database& database, std::shared_ptr<DocumentLengths> lengths);
  ~TextIndex();
  TextIndex(const TextIndex&) = delete;
  TextIndex& operator=(const TextIndex&) = delete;

  /// The words of `text` as the index folds them (lower case, no accents), before stemming.
  std::vector<std::string> words(std::string_view text);

  /// Counts for `terms`, which came from words(). Throws deadline_exceeded.
  TextStats stats(const std::vector<std::string>& terms, Deadline deadline);

  /// Visits every live document that holds a term, in no order of use, with its positive score.
  void rank(const std::vector<std::string>& terms, const TextStats& stats,
            const std::function<void(Row, double)>& visit);
  /// The same for the versions that have ended and whose text is kept.
  void rank_ended(const std::vector<std::string>& terms, const TextStats& stats,
                  const std::function<void(Row, double)>& visit);

 private:
  void rank_by(const char* sql, const std::vector<std::string>& terms, const TextStats& stats,
               const std::function<void(Row, double)>& visit);

  Database& database_;
  std::shared_ptr<DocumentLengths> lengths_;
  fts5_api* api_;
  Fts5Tokenizer* tokenizer_ = nullptr;
  void (*free_tokenizer_)(Fts5Tokenizer*) = nullptr;
};

}  // namespace mosaic::storage
