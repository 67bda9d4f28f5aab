#include "shard/shard.hpp"

#include <span>

#include <fmt/format.h>

namespace mosaic::shard {
namespace {

/// Below this many rows compacting is not worth the copy.
constexpr std::size_t kCompactRowsMin = 10'000;

const std::filesystem::path& ready_file(const ShardOptions& options) {
  if (!options.made && !storage::shard_file_complete(options.path)) {
    std::filesystem::create_directories(options.path.parent_path());
    storage::create_shard_file(options.path, options.identity);
  }
  return options.path;
}

std::span<const float> as_floats(std::string_view bytes) {
  return {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
}

WriteBatch decode(const ShardEntry& entry) {
  auto batch = decode_write(*entry.bytes);
  if (!batch) throw Failure(batch.error());
  return std::move(*batch);
}

}  // namespace

Shard::Shard(ShardOptions options)
    : options_(std::move(options)),
      writer_(ready_file(options_), options_.identity),
      vectors_(std::make_unique<index::VectorSet>(options_.metric, options_.identity.dimension)),
      views_(std::make_shared<ViewShelf>(options_.path)) {
  if (writer_.applied_seq() < options_.durable) {
    throw Failure(
        ErrorCode::kCorruptData,
        fmt::format(
            "shard file '{}' stands at seq {}, but was once safe up to {}: it is an older copy",
            options_.path.filename().string(), writer_.applied_seq(), options_.durable));
  }
  load_vectors();
  writer_.begin();
  writer_.set_indexed(options_.indexed);
  views_->publish([this] {
    writer_.commit(writer_.applied_seq());
    indexed_ = writer_.indexed_paths();
    return make_view();
  });
}

void Shard::load_vectors() {
  writer_.for_each_vector([this](Row row, std::string_view id, std::string_view bytes) {
    if (bytes.size() != options_.identity.dimension * sizeof(float)) {
      throw Failure(ErrorCode::kCorruptData,
                    fmt::format("the vector of '{}' has {} bytes", id, bytes.size()));
    }
    vectors_->append(row, id, as_floats(bytes));
  });
}

std::shared_ptr<ShardView> Shard::make_view() {
  const auto seq = writer_.applied_seq();
  return std::make_shared<ShardView>(seq, vectors_->view(seq), writer_.counts(), indexed_);
}

std::vector<Deleted> Shard::apply(const std::vector<ShardEntry>& entries) {
  std::vector<Deleted> deleted;
  std::vector<WriteBatch> batches;  // the changes point into them
  batches.reserve(entries.size());
  storage::RowChanges changes;
  Seq last = writer_.applied_seq();
  bool committed = false;
  writer_.begin();
  try {
    for (const auto& entry : entries) {
      if (entry.seq <= last) continue;
      last = entry.seq;
      unsaved_bytes_ += entry.bytes->size();
      if (entry.kind == EntryKind::kWrite) {
        batches.push_back(decode(entry));
        deleted.push_back({entry.seq, writer_.apply(batches.back(), entry.seq, changes)});
      } else if (entry.kind == EntryKind::kPatchCollection) {
        auto settings = decode_settings(*entry.bytes);
        if (!settings) throw Failure(settings.error());
        writer_.set_indexed(settings->indexed);
        indexed_ = writer_.indexed_paths();
      } else if (entry.kind == EntryKind::kPageRank) {
        const auto values = decode_pagerank(*entry.bytes);
        if (!values) throw Failure(values.error());
        writer_.set_pagerank(*values, entry.seq);
      }
    }
    views_->publish([&] {
      writer_.commit(last);
      committed = true;
      follow(changes);
      return make_view();
    });
  } catch (const Failure& failure) {
    // Once committed, the memory is behind the file, and only opening the shard anew brings it
    // level.
    if (committed) throw Failure(ErrorCode::kInternal, failure.error().detail);
    writer_.rollback();
    throw;
  }
  return deleted;
}

/// Brings the vectors in memory to where the file is now.
void Shard::follow(const storage::RowChanges& changes) {
  for (const auto& added : changes.added) {
    if (!added.document->vector.empty())
      vectors_->append(added.row, added.document->id, added.document->vector);
  }
  for (const auto& ended : changes.ended) vectors_->end(ended.row, ended.seq);
  const auto dead = vectors_->size() - vectors_->live();
  if (dead > kCompactRowsMin && dead > vectors_->live())
    vectors_ = vectors_->compacted(writer_.applied_seq());
}

Seq Shard::checkpoint() {
  views_->retire_old();
  if (!writer_.checkpoint()) return 0;
  views_->repin();
  unsaved_bytes_ = 0;
  return writer_.applied_seq();
}

}  // namespace mosaic::shard
