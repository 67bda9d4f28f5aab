// The part of the catalog that knows the snapshots of collections.
#include <algorithm>

#include <fmt/format.h>

#include "storage/catalog.hpp"

namespace mosaic::storage {
namespace {

using Records = std::vector<SnapshotRecord>;

Records::const_iterator named(const Records& records, const std::string& name) {
  return std::find_if(records.begin(), records.end(),
                      [&](const SnapshotRecord& record) { return record.snapshot.name == name; });
}

bool has(const CollectionRecord& record, const std::string& name) {
  return named(*record.snapshots, name) != record.snapshots->end();
}

/// What a change makes of the records; those who read them have the ones of before.
template <class Edit>
SnapshotRecords edited(const CollectionRecord& record, Edit&& edit) {
  auto records = std::make_shared<Records>(*record.snapshots);
  edit(*records);
  return records;
}

}  // namespace

void Catalog::load_snapshots() {
  auto select =
      database_.prepare("SELECT collection, kept, snapshot, state FROM snapshots ORDER BY seq");
  while (select.step()) {
    auto& record = collections_.at({static_cast<Seq>(select.column_int(0))});
    SnapshotRecord stored{or_throw(decode_snapshot(select.column_blob(2))),
                          select.column_int(1) != 0, std::string(select.column_blob(3))};
    record.snapshots =
        edited(record, [&](Records& records) { records.push_back(std::move(stored)); });
  }
}

void Catalog::store_snapshots(const CollectionRecord& record) {
  database_.execute(fmt::format("DELETE FROM snapshots WHERE collection = {}", record.id.value));
  for (const auto& [snapshot, kept, state] : *record.snapshots) {
    const auto bytes = encode_snapshot(snapshot);
    auto insert = database_.cached("INSERT INTO snapshots VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    insert->bind(1, static_cast<std::int64_t>(record.id.value))
        .bind(2, static_cast<std::int64_t>(snapshot.seq))
        .bind_text(3, std::string_view(snapshot.name));
    insert->bind(4, std::int64_t{kept}).bind_blob(5, bytes).bind_blob(6, state).run();
  }
}

Result<CollectionRecord> Catalog::begin_snapshot(Seq seq, CollectionId id,
                                                 const std::string& name) {
  const auto found = collections_.find(id);
  if (seq > applied_seq_ && found != collections_.end() && has(found->second, name))
    return Error{ErrorCode::kAlreadyExists, fmt::format("snapshot '{}' exists already", name)};
  return change(seq, id, [&](CollectionRecord& record) {
    SnapshotRecord begun{{.name = name, .seq = seq, .files = {}},
                         false,
                         encode_state({{record.settings, record.origin}, *record.centroids})};
    record.snapshots =
        edited(record, [&](Records& records) { records.push_back(std::move(begun)); });
  });
}

Result<CollectionRecord> Catalog::keep_snapshot(Seq seq, CollectionId id, Snapshot snapshot) {
  const auto found = collections_.find(id);
  if (seq > applied_seq_ && found != collections_.end()) {
    const auto& records = *found->second.snapshots;
    const auto begun = named(records, snapshot.name);
    if (begun == records.end() || begun->snapshot.seq != snapshot.seq)
      return Error{ErrorCode::kNotFound, fmt::format("no snapshot '{}' was begun at seq {}",
                                                     snapshot.name, snapshot.seq)};
    // The same entry may be there twice: when nobody knew what became of the first one.
    if (begun->kept && begun->snapshot != snapshot)
      return Error{ErrorCode::kAlreadyExists,
                   fmt::format("snapshot '{}' exists already", snapshot.name)};
  }
  return change(seq, id, [&](CollectionRecord& record) {
    record.snapshots = edited(record, [&](Records& records) {
      const auto at = named(records, snapshot.name) - records.cbegin();
      auto& begun = records[static_cast<std::size_t>(at)];
      begun.snapshot = std::move(snapshot);
      begun.kept = true;
    });
  });
}

Result<CollectionRecord> Catalog::drop_snapshot(Seq seq, CollectionId id, const std::string& name) {
  const auto found = collections_.find(id);
  if (seq > applied_seq_ && found != collections_.end() && !has(found->second, name))
    return Error{ErrorCode::kNotFound, fmt::format("snapshot '{}' does not exist", name)};
  return change(seq, id, [&](CollectionRecord& record) {
    record.snapshots =
        edited(record, [&](Records& records) { records.erase(named(records, name)); });
  });
}

}  // namespace mosaic::storage
