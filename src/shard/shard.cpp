#include "shard/shard.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/log.hpp"

namespace mosaic::shard {
namespace {

/// Below this many rows compacting is not worth the copy.
constexpr std::size_t kCompactRowsMin = 10'000;

const std::filesystem::path& ready_file(const ShardOptions& options) {
  if (!options.made && !storage::shard_file_complete(options.path)) {
    storage::create_shard_file(options.path, options.identity);
  }
  return options.path;
}

std::span<const float> as_floats(std::string_view bytes) {
  return {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
}

}  // namespace

Shard::Shard(ShardOptions options)
    : options_(std::move(options)),
      writer_(ready_file(options_), options_.identity, options_.retention_s),
      index_file_(options_.path, options_.identity, options_.metric),
      views_(std::make_shared<ViewShelf>(options_.path)) {
  if (writer_.applied_seq() < options_.durable) {
    throw Failure(
        ErrorCode::kCorruptData,
        fmt::format(
            "shard file '{}' stands at seq {}, but was once safe up to {}: it is an older copy",
            options_.path.filename().string(), writer_.applied_seq(), options_.durable));
  }
  options_.identity.dimension = writer_.space().dimension;
  open_vectors();
  writer_.begin();
  writer_.set_indexed(options_.indexed);
  views_->publish([this] {
    writer_.commit(writer_.applied_seq());
    indexed_ = writer_.indexed_paths();
    return make_view();
  });
}

void Shard::open_vectors() {
  auto graph = index_file_.open({options_.identity.dimension, writer_.applied_seq(),
                                 writer_.index_seq(), writer_.space().seq});
  if (!graph) {
    index_damage_ = graph.error();
    index_file_.remove();
  }
  if (!graph || !*graph) return reload_vectors();
  const auto& covered = (*graph)->parameters();
  vectors_ =
      std::make_unique<index::VectorSet>(options_.metric, options_.identity.dimension, *graph);
  load_vectors(*vectors_, covered.last_row);
  bring_ends(**graph, [this](Row row, Seq seq) { vectors_->end(row, seq); });
}

/// Of what was purged only the rows that are missing tell.
template <class End>
void Shard::bring_ends(const index::Graph& graph, End&& end) {
  const auto& covered = graph.parameters();
  writer_.for_each_end(covered.seq, end);
  const auto purged = writer_.history().marks().purged;
  if (purged <= covered.seq) return;
  const auto present = writer_.rows();
  for (const auto row : graph.file().rows()) {
    if (!present.contains(row)) end(row, purged);
  }
}

void Shard::load_vectors(index::VectorSet& vectors, Row after) {
  writer_.for_each_vector(after, [&](Row row, std::string_view id, std::string_view bytes) {
    if (bytes.size() != options_.identity.dimension * sizeof(float)) {
      throw Failure(ErrorCode::kCorruptData,
                    fmt::format("the vector of '{}' has {} bytes", id, bytes.size()));
    }
    vectors.append(row, id, as_floats(bytes));
  });
}

void Shard::reload_vectors() {
  auto loaded = std::make_unique<index::VectorSet>(options_.metric, options_.identity.dimension);
  load_vectors(*loaded, 0);
  vectors_ = std::move(loaded);
}

std::shared_ptr<ShardView> Shard::make_view() {
  const auto seq = writer_.applied_seq();
  return std::make_shared<ShardView>(seq, vectors_->view(seq), writer_.counts(), indexed_,
                                     writer_.space(), writer_.history().marks().from);
}

std::vector<Deleted> Shard::apply(const std::vector<ShardEntry>& entries) {
  std::vector<Deleted> deleted;
  Changes changes;
  const Seq before = writer_.applied_seq();
  Seq last = before;
  bool committed = false;
  writer_.begin();
  try {
    for (const auto& entry : entries) {
      if (entry.seq <= last) continue;
      last = entry.seq;
      unsaved_bytes_ += entry.bytes->size();
      deleted.push_back(apply_once(entry, changes));
      writer_.history().entry_applied(entry.seq, entry.time_ms, entry.kind != EntryKind::kPurge);
    }
    views_->publish([&] {
      writer_.commit(last);
      committed = true;
      changes.switched ? go_over() : follow(changes.rows);
      return make_view();
    });
  } catch (const Failure& failure) {
    // Once committed, the memory is behind the file, and only opening the shard anew brings it
    // level.
    if (committed) throw Failure(ErrorCode::kInternal, failure.error().detail);
    writer_.rollback();
    throw;
  }
  keep_readers(entries, before);
  return deleted;
}

void Shard::keep_readers(const std::vector<ShardEntry>& entries, Seq before) {
  for (const auto& entry : entries) {
    if (entry.seq <= before) continue;
    if (entry.kind == EntryKind::kKeepSnapshot)
      views_->give_up(or_throw(decode_snapshot(*entry.bytes)).name);
    if (entry.kind == EntryKind::kDropSnapshot)
      views_->give_up(or_throw(decode_snapshot_name(*entry.bytes)));
    if (entry.kind != EntryKind::kBeginSnapshot || entry.seq != applied_seq()) continue;
    // Without it there is no copy, and whoever wanted one hears so.
    const auto name = or_throw(decode_snapshot_begin(*entry.bytes)).name;
    const auto kept = to_result([&] { views_->keep(name); });
    if (!kept) log::warn("no reader is kept at seq {}: {}", entry.seq, kept.error().detail);
  }
}

/// All shards of a collection see the same entries, so all take the same ones for repeats.
Deleted Shard::apply_once(const ShardEntry& entry, Changes& changes) {
  if (!entry.request) return {entry.seq, apply(entry, changes)};
  auto& requests = writer_.requests();
  if (const auto before = requests.find(entry.request, entry.time_ms))
    return {entry.seq, before->outcome, before->seq};
  const auto documents = apply(entry, changes);
  requests.note(entry.request, entry.time_ms, {entry.seq, documents});
  return {entry.seq, documents};
}

std::uint64_t Shard::apply(const ShardEntry& entry, Changes& changes) {
  const auto& bytes = *entry.bytes;
  switch (entry.kind) {
    case EntryKind::kWrite:
      changes.writes.push_back(or_throw(decode_write(bytes)));
      return writer_.apply(changes.writes.back(), entry.seq, changes.rows);
    case EntryKind::kMove:
      changes.moves.push_back(or_throw(decode_move(bytes)));
      return writer_.apply(changes.moves.back(), entry.seq, changes.rows);
    case EntryKind::kPatchCollection:
      apply_settings(or_throw(decode_settings(bytes)));
      break;
    case EntryKind::kPageRank:
      writer_.set_pagerank(or_throw(decode_pagerank(bytes)), entry.seq);
      break;
    case EntryKind::kSetCentroids:
      begin_moves(or_throw(decode_centroids(bytes)), entry.seq);
      break;
    case EntryKind::kSettleCentroids:
      writer_.end_moves(or_throw(decode_settlement(bytes)).centroids);
      break;
    case EntryKind::kBeginReembed:
      writer_.begin_staging(or_throw(decode_reembedding(bytes)), entry.seq);
      break;
    case EntryKind::kStageVectors:
      writer_.stage(or_throw(decode_staged(bytes)));
      break;
    case EntryKind::kSwitchSpace:
      changes.switched |= writer_.switch_space(or_throw(decode_generation(bytes)), entry.seq);
      break;
    case EntryKind::kCancelReembed:
      writer_.cancel_staging(or_throw(decode_generation(bytes)));
      break;
    case EntryKind::kPurge:
      return writer_.history().purge(or_throw(decode_purge(bytes)), entry.seq, entry.time_ms);
    case EntryKind::kBeginSnapshot:
      writer_.history().begin_snapshot(or_throw(decode_snapshot_begin(bytes)), entry.seq);
      break;
    case EntryKind::kKeepSnapshot:
      writer_.history().keep_snapshot(or_throw(decode_snapshot(bytes)));
      break;
    case EntryKind::kDropSnapshot:
      writer_.history().drop_snapshot(or_throw(decode_snapshot_name(bytes)));
      break;
    case EntryKind::kCreateCollection:
    case EntryKind::kDropCollection:
    case EntryKind::kRemember:
    case EntryKind::kSetNode:
    case EntryKind::kForgetNode:
    case EntryKind::kNodeLeaves:
    case EntryKind::kSetReplicas:
      break;
  }
  return 0;
}

/// Centroids that were found before the collection went over to another embedder are none: the
/// catalog refuses them, too.
void Shard::begin_moves(const Centroids& centroids, Seq seq) {
  const bool fit =
      std::all_of(centroids.vectors.begin(), centroids.vectors.end(),
                  [&](const Vector& vector) { return vector.size() == writer_.space().dimension; });
  if (fit) writer_.begin_moves(seq);
}

/// The file has gone over to the vectors of another embedder.
void Shard::go_over() {
  ++generation_;
  index_file_.remove();
  options_.identity.dimension = writer_.space().dimension;
  reload_vectors();
}

void Shard::apply_settings(const CollectionSettings& settings) {
  writer_.history().set_retention(settings.retention_s);
  writer_.set_indexed(settings.indexed);
  indexed_ = writer_.indexed_paths();
  options_.index = settings.index;
  options_.quantization = settings.quantization;
}

/// Brings the vectors in memory to where the file is now.
void Shard::follow(const storage::RowChanges& changes) {
  for (const auto& added : changes.added) {
    if (!added.document->vector.empty())
      vectors_->append(added.row, added.document->id, added.document->vector);
  }
  for (const auto& ended : changes.ended) vectors_->end(ended.row, ended.seq);
  compact();
}

/// Rows in the tail that have ended go; those in a graph stay until the next one is built.
void Shard::compact() {
  const auto dead = vectors_->tail_ended();
  if (dead > kCompactRowsMin && dead > vectors_->tail() - dead)
    vectors_->compact(writer_.applied_seq());
}

std::optional<index::BuildStep> Shard::next_index_step() const {
  return index_file_.next_step(vectors_->view(writer_.applied_seq()), index_wish());
}

bool Shard::adopt(std::shared_ptr<index::Graph> graph, std::uint32_t generation) {
  if (generation != generation_) {
    index_file_.remove();
    return false;
  }
  // What ended since the graph's view may have left the memory by now.
  bring_ends(*graph, [&](Row row, Seq seq) { graph->end(row, seq); });
  // An older file is then known for a copy. On a full disk it is not: that one would serve, too.
  static_cast<void>(to_result([&] { writer_.note_index(graph->parameters().seq); }));
  vectors_->adopt(std::move(graph));
  views_->renew(make_view());
  return true;
}

void Shard::drop_index() {
  ++generation_;
  index_file_.remove();
  const auto dropped = to_result([this] { vectors_->drop_graph(); });
  if (!dropped && dropped.error().code != ErrorCode::kCorruptData) throw Failure(dropped.error());
  if (!dropped) reload_vectors();
  views_->renew(make_view());
}

bool Shard::repair_index(const std::shared_ptr<index::Graph>& damaged) {
  if (vectors_->graph() != damaged) return false;
  ++generation_;
  index_file_.remove();
  reload_vectors();
  views_->renew(make_view());
  return true;
}

ShardSizes Shard::sizes() const {
  const auto& graph = vectors_->graph();
  return {writer_.counts().documents, shard_bytes_on_disk(options_.path), vectors_->bytes(),
          graph ? graph->parameters().nodes : 0, vectors_->tail() - vectors_->tail_ended()};
}

Seq Shard::checkpoint() {
  views_->retire_old();
  if (writer_.checkpoint()) {
    views_->repin();
  } else {
    if (!views_->is_being_copied()) return 0;
    // A copy of a large file takes long, and the log must not have to keep all that comes
    // meanwhile.
    storage::sync_wal(options_.path);
  }
  unsaved_bytes_ = 0;
  return writer_.applied_seq();
}

}  // namespace mosaic::shard
