// Questions to one shard, answered from an immutable view. One for each searcher actor; used by one
// thread at a time, beside the shard's writer and other searchers. `cut` or `at` names the state:
// the view at exactly that seq, or the newest for 0; unavailable says that it is not at hand and a
// newer cut should be tried, or that the shard has not come to a state of the past yet; not_found
// that one is not kept. Every error is a Result; corrupt_data means damage in the file, met while
// answering.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/domain_wire.hpp"
#include "query/candidate.hpp"
#include "query/filter_cache.hpp"
#include "shard/at.hpp"
#include "shard/placement_pages.hpp"
#include "shard/unstaged_page.hpp"
#include "shard/view_shelf.hpp"

namespace mosaic::shard {

class Session;

/// A page of a list stops after about so many bytes of documents.
constexpr std::size_t kPageBytesMax = 8 << 20;
/// A delete by filter or where reaches at most so many documents.
constexpr std::size_t kMatchesMax = 500'000;

/// Documents come with candidates up to about so many bytes: not all of them may be wanted.
constexpr std::size_t kAlongBytesMax = 64 << 10;

/// What a shard shall look for. An arm is asked for by its field.
struct ShardQuery {
  std::string text;         ///< the text arm, unless empty
  Vector vector;            ///< the query vector, unless empty
  bool vector_arm = false;  ///< rank by the vector; without it, it only gives distances
  std::size_t depth = 10;   ///< candidates wanted of each arm
  bool pagerank = false;    ///< candidates come with their PageRank
  std::string not_id;       ///< this document is no candidate, unless empty
  std::string filter;
  std::string where;
  std::optional<storage::TextStats>
      stats;                      ///< of the whole collection; absent: this shard is all of it
  std::uint32_t ef = kEfDefault;  ///< beam of a walk through the index, at least `depth`
  bool exact = false;             ///< scan the float32 vectors instead of asking the index
  std::optional<Include> documents = {};  ///< of the only arm: some come with the candidates
  std::size_t documents_max = 0;          ///< how many of them, the best first
  Seq space = 0;  ///< that `vector` is of: in a state of another one nothing is looked for
};

struct ShardCandidates {
  Seq seq = 0;
  std::uint64_t documents = 0;                    ///< live in this shard
  std::vector<query::Candidate> vector_arm = {};  ///< by falling score, ties by id
  std::vector<query::Candidate> text_arm = {};
  double full_text_score = 0;               ///< about that of a document that holds each word once
  std::optional<VectorPlan> plan = {};      ///< of the vector arm, where there is one
  std::vector<StoredDocument> stored = {};  ///< of the first of the only arm, if asked for
  Seq space = 0;  ///< of the state that was asked; with another than the query's, all is empty
};

/// Documents, and the space that their vectors are of.
struct FoundDocuments {
  std::vector<StoredDocument> documents;
  Seq space = 0;
};

struct Page {
  std::vector<StoredDocument> documents;  ///< by rising id
  bool more = false;                      ///< there are documents after the last of these
};

/// How many live documents there are, and how many of some ids are among them, in one state.
struct DocumentCount {
  std::uint64_t documents = 0;
  std::uint64_t existing = 0;
  Seq seq = 0;
};

/// Where to go on reading the documents and links of a shard as they stood at `as_of`.
struct GraphPosition {
  Row row = 0;
  std::int64_t edge = 0;
};

/// Live documents and the links that go out from them, in no order that means anything. A shard
/// gives all its documents first, then the links.
struct GraphPage {
  struct Edge {
    std::string source;
    std::string target;
    double weight = 1;
  };
  std::vector<std::string> documents;
  std::vector<Edge> edges;
  GraphPosition next;
  bool more = false;
};

/// Documents and links, ended ones included, that one page looks at: some ten milliseconds of a
/// searcher's time. A page may be empty although there is more.
constexpr std::size_t kGraphPageMax = 20'000;

/// Hears that a graph turned out to be damaged, and of what; once for each search that met it.
using DamageListener = std::function<void(const std::shared_ptr<index::Graph>&, const Error&)>;

class ShardSearcher {
 public:
  ShardSearcher(ShardId shard, Metric metric, std::shared_ptr<ViewShelf> views,
                std::shared_ptr<query::FilterCache> filters, std::filesystem::path path,
                DamageListener on_damage = {});

  Result<storage::TextStats> text_stats(Seq cut, const std::string& text, Deadline deadline);
  /// Of the past, text is ranked with the statistics of now.
  Result<ShardCandidates> search(At at, const ShardQuery& query, Deadline deadline);
  /// Rows never change, so the newest view knows every row that an older one has named, unless it
  /// was purged since: unavailable. `as_of` is the state of the past that has named them, or 0.
  Result<FoundDocuments> fetch(const std::vector<Row>& rows, const Include& include,
                               Deadline deadline, Seq as_of = 0);
  /// One, or none.
  Result<FoundDocuments> get(At at, const std::string& id, const Include& include,
                             Deadline deadline);
  Result<Page> list(At at, const ListRequest& request, const std::string& after, Deadline deadline);
  /// The live documents that match, as deletions of exactly these versions. payload_too_large past
  /// kMatchesMax.
  Result<std::vector<Deletion>> matches(Seq cut, const std::string& filter,
                                        const std::string& where, Deadline deadline);
  /// Row versions keep every state readable, so that a walk over all pages sees one cut although
  /// the shard goes on. unavailable while the shard has not reached `as_of`, and once it has purged
  /// what that state shows.
  Result<GraphPage> graph_page(Seq as_of, const GraphPosition& after, Deadline deadline);
  /// See shard/placement_pages.hpp; of the newest view.
  Result<SamplePage> sample(Row after, std::uint64_t seed, std::uint64_t lot_max,
                            Deadline deadline);
  Result<MovePage> misplaced(Row after, const std::shared_ptr<const Centroids>& centroids,
                             Deadline deadline);
  /// See shard/unstaged_page.hpp; of the newest view.
  Result<UnstagedPage> unstaged(Seq generation, Row after, std::size_t versions_max,
                                Deadline deadline);
  Result<DocumentCount> count(Seq cut, const std::vector<std::string>& ids, Deadline deadline);
  Result<ShardInfo> info(Seq cut = 0);
  /// The reader that was kept for whoever copies the file. Errors as ViewShelf::take_kept.
  Result<std::shared_ptr<KeptReader>> kept(const std::string& name, Seq seq);
  /// See storage::PastReader; of the newest view.
  Result<Seq> resolve(const AsOf& as_of, Deadline deadline);
  Result<std::uint64_t> purgeable(std::int64_t time_ms, std::uint64_t limit, Deadline deadline);

 private:
  void load_documents(ShardCandidates& found, const ShardQuery& query, const At& at,
                      Session& session) const;
  StoredDocument load(Session& session, Row row, const Include& include) const;

  const ShardId shard_;
  const Metric metric_;
  const std::shared_ptr<ViewShelf> views_;
  const std::shared_ptr<query::FilterCache> filters_;
  const std::filesystem::path path_;
  const DamageListener on_damage_;
};

}  // namespace mosaic::shard
