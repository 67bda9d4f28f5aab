// One shard: the file that is its truth, and the vectors that derive from it: in the graph of an
// index file as far as there is one, the rest in memory. Owned by the shard actor; its thread
// applies log entries and publishes views, which searchers read without it.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "index/vector_set.hpp"
#include "shard/index_file.hpp"
#include "shard/view_shelf.hpp"

namespace mosaic::shard {

struct ShardOptions {
  std::filesystem::path path;
  storage::ShardIdentity identity;
  Metric metric = Metric::kCosine;
  std::vector<std::string> indexed;
  bool made = false;  ///< the file was made before: one that is missing is damage
  Seq durable = 0;    ///< the file was once safe on disk up to here: one behind it is an older copy
  IndexSettings index = {};
  Quantization quantization = Quantization::kInt8;
  std::uint64_t retention_s = 0;  ///< for a file that knows of none: entries change it
};

/// One log entry for a shard.
struct ShardEntry {
  Seq seq = 0;
  EntryKind kind = EntryKind::kWrite;
  std::shared_ptr<const std::string> bytes;
  std::int64_t time_ms = 0;  ///< replication::Entry::time_ms
  RequestId request = {};
};

/// How many documents an entry took away here: deletions that hit, documents that moved, versions
/// that were purged.
struct Deleted {
  Seq seq = 0;
  std::uint64_t documents = 0;
  /// Unless it is 0: the entry repeats the request that this one was written for, whose `documents`
  /// these are, and changed nothing.
  Seq first = 0;
};

/// What a shard holds, as of its newest view.
struct ShardSizes {
  std::uint64_t documents = 0;
  std::uint64_t file_bytes = 0;    ///< on disk, with the WAL and the index file
  std::uint64_t memory_bytes = 0;  ///< of vectors and their graph, about
  std::uint64_t graph_nodes = 0;   ///< ended ones too
  std::uint64_t tail_vectors = 0;  ///< live ones that are not in the graph
};

class Shard {
 public:
  /// Opens the file, making it first when it is new, and the index file beside it; loads the
  /// vectors that are not in that. An index file that cannot be used is removed. Throws
  /// corrupt_data.
  explicit Shard(ShardOptions options);
  ~Shard() { views_->close(); }

  /// What was wrong with the index file when the shard was opened.
  const std::optional<Error>& index_damage() const { return index_damage_; }

  Seq applied_seq() const { return writer_.applied_seq(); }
  const storage::VectorSpace& space() const { return writer_.space(); }
  const std::shared_ptr<ViewShelf>& views() const { return views_; }

  /// Applies entries in order of seq as one transaction and publishes the new view. Entries already
  /// applied are skipped. Throws when the disk fails or is full: the file then stands where it
  /// stood.
  std::vector<Deleted> apply(const std::vector<ShardEntry>& entries);

  const IndexFile& index_file() const { return index_file_; }
  /// As the collection's settings stand at the newest view.
  IndexWish index_wish() const { return {generation_, options_.index, options_.quantization}; }
  /// What the newest view asks for to have the index that is wished for.
  std::optional<index::BuildStep> next_index_step() const;
  /// Goes on with `graph`, made from a view of this shard by a wish of `generation`, and publishes
  /// the newest view anew. False when a graph has been given up since: the file is removed.
  bool adopt(std::shared_ptr<index::Graph> graph, std::uint32_t generation);
  /// Goes on without a graph, with all vectors in memory; removes the file.
  void drop_index();
  /// The same for a graph that is damaged. False when the shard has none like it (any more).
  bool repair_index(const std::shared_ptr<index::Graph>& damaged);

  ShardSizes sizes() const;
  /// Bytes of entries applied since the last checkpoint.
  std::uint64_t unsaved_bytes() const { return unsaved_bytes_; }
  /// Moves everything applied into the file and syncs it. Returns the seq that is safe now, or 0
  /// when a reader of an old state stood in the way.
  Seq checkpoint();

 private:
  /// Of one group of entries; the rows point into the others.
  struct Changes {
    std::deque<WriteBatch> writes;
    std::deque<Move> moves;
    storage::RowChanges rows;
    bool switched = false;  ///< to the vectors of another embedder: none of before counts any more
  };

  Deleted apply_once(const ShardEntry& entry, Changes& changes);
  std::uint64_t apply(const ShardEntry& entry, Changes& changes);
  /// A reader stays at each state that files are to be made of, until these are made.
  void keep_readers(const std::vector<ShardEntry>& entries, Seq before);
  void open_vectors();
  /// Tells `graph`, which covers the shard up to its own seq, what has ended since.
  template <class End>
  void bring_ends(const index::Graph& graph, End&& end);
  /// Those of the file that are live and come after row `after`.
  void load_vectors(index::VectorSet& vectors, Row after);
  void reload_vectors();
  std::shared_ptr<ShardView> make_view();
  void apply_settings(const CollectionSettings& settings);
  void begin_moves(const Centroids& centroids, Seq seq);
  void go_over();
  void follow(const storage::RowChanges& changes);
  void compact();

  ShardOptions options_;
  storage::ShardWriter writer_;
  IndexFile index_file_;
  std::optional<Error> index_damage_;
  std::uint32_t generation_ = 0;
  std::unique_ptr<index::VectorSet> vectors_;
  std::vector<std::string> indexed_;
  std::shared_ptr<ViewShelf> views_;
  std::uint64_t unsaved_bytes_ = 0;
};

}  // namespace mosaic::shard
