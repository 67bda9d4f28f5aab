// One shard: the file that is its truth and the vectors in memory that derive from it. Owned by the
// shard actor; its thread applies log entries and publishes views, which searchers read without it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "index/vector_set.hpp"
#include "shard/view_shelf.hpp"

namespace mosaic::shard {

struct ShardOptions {
  std::filesystem::path path;
  storage::ShardIdentity identity;
  Metric metric = Metric::kCosine;
  std::vector<std::string> indexed;
  bool made = false;  ///< the file was made before: one that is missing is damage
  Seq durable = 0;    ///< the file was once safe on disk up to here: one behind it is an older copy
};

/// One log entry for a shard.
struct ShardEntry {
  Seq seq = 0;
  EntryKind kind = EntryKind::kWrite;
  std::shared_ptr<const std::string> bytes;
};

/// How many deletions of an entry hit a document here.
struct Deleted {
  Seq seq = 0;
  std::uint64_t documents = 0;
};

class Shard {
 public:
  /// Opens the file, making it first when it is new, and loads the vectors. Throws corrupt_data.
  explicit Shard(ShardOptions options);
  ~Shard() { views_->close(); }

  Seq applied_seq() const { return writer_.applied_seq(); }
  const std::shared_ptr<ViewShelf>& views() const { return views_; }

  /// Applies entries in order of seq as one transaction and publishes the new view. Entries already
  /// applied are skipped. Throws when the disk fails or is full: the file then stands where it
  /// stood.
  std::vector<Deleted> apply(const std::vector<ShardEntry>& entries);

  /// Bytes of entries applied since the last checkpoint.
  std::uint64_t unsaved_bytes() const { return unsaved_bytes_; }
  /// Moves everything applied into the file and syncs it. Returns the seq that is safe now, or 0
  /// when a reader of an old state stood in the way.
  Seq checkpoint();

 private:
  void load_vectors();
  std::shared_ptr<ShardView> make_view();
  void follow(const storage::RowChanges& changes);

  ShardOptions options_;
  storage::ShardWriter writer_;
  std::unique_ptr<index::VectorSet> vectors_;
  std::vector<std::string> indexed_;
  std::shared_ptr<ViewShelf> views_;
  std::uint64_t unsaved_bytes_ = 0;
};

}  // namespace mosaic::shard
