// Bodies of requests as domain types. Only JSON and types are checked here; what depends on a
// collection's settings is the engine's to check. Every function throws a Failure that names the
// field and its value; unknown fields are refused, in documents, links and index, too.
#pragma once

#include <string>
#include <vector>

#include "base/log_line.hpp"
#include "mosaic/backup.hpp"
#include "mosaic/centroids.hpp"
#include "mosaic/fault.hpp"
#include "mosaic/job.hpp"
#include "mosaic/search.hpp"

namespace mosaic::http {

/// What OpenAPI says of the query parameter `as_of`.
constexpr std::string_view kAsOfText =
    "A state of the past: a seq in digits, the name of a snapshot, or an RFC 3339 time.";
/// Seqs are stored as 64-bit numbers with a sign.
constexpr std::uint64_t kSeqMax = 9'223'372'036'854'775'807ULL;

/// An empty body means all defaults.
CollectionSettings read_collection(std::string name, std::string body);
CollectionPatch read_collection_patch(std::string body);

/// `{"documents":[...]}`. Errors begin with the position: "documents[3].title ...".
UpsertRequest read_upsert(std::string collection, std::string body);

/// One document per line. Errors begin with "documents[3] (line 4): ".
UpsertRequest read_upsert_ndjson(std::string collection, std::string body);

/// `{"ids":[...]}`, `{"filter":{...}}` or `{"where":"SQL"}`.
DeleteRequest read_delete(std::string collection, std::string body);

SearchRequest read_search(std::string collection, std::string body);

/// `{"searches":[...]}`. Errors begin with the position: "searches[1].k ...".
std::vector<SearchRequest> read_search_batch(const std::string& collection, std::string body);

/// An empty body means all defaults.
PageRankRequest read_pagerank(std::string collection, std::string body);

/// `{"embedder":"...","dimension":256}`.
ReembedRequest read_reembed(std::string collection, std::string body);

/// `{"centroids":[[...],...]}`.
CentroidsRequest read_centroids(std::string collection, std::string body);

/// An empty body means all defaults.
TrainRequest read_train(std::string collection, std::string body);

/// An empty body means all defaults.
SnapshotRequest read_snapshot(std::string collection, std::string body);
/// `{"keep":5}`.
PruneRequest read_prune(std::string collection, std::string body);
BackupRequest read_backup(std::string body);
RestoreRequest read_restore(std::string body);

FaultRequest read_fault(std::string body);

/// `{"level":"debug"}`.
log::Level read_log_level(std::string body);

/// A filter that came as a query parameter.
std::string read_filter(std::string text);

/// A state of the past that came as a query parameter: digits alone are a seq.
AsOf read_as_of(const std::string& text);
/// The same of a text that is no seq: 1 to kAsOfBytesMax bytes.
AsOf checked_as_of(std::string text);

/// Adds the part of a document that `word` names; false for a word that names none.
bool add_include(Include& include, std::string_view word);

}  // namespace mosaic::http
