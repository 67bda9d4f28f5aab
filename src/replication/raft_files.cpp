#include "replication/raft_files.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "replication/raft_crc.hpp"
#include "replication/snapshot_manifest.hpp"
#include "replication/term_file.hpp"

namespace mosaic::replication {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kDiskFormat = 1;
constexpr std::size_t kSectorBytes = 512;
constexpr std::size_t kEntryHeaderBytes = 16;
constexpr std::size_t kPreamble = 2 * sizeof(std::uint32_t) + sizeof(std::uint64_t);
constexpr std::uint8_t kCommand = 1;

template <class T>
T number_at(std::string_view bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

bool all_zero(std::string_view bytes) {
  if (bytes.empty()) return true;
  // Each byte equals the one before.
  return bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

/// A write that was cut short leaves whole sectors as they were, and in a segment that is being
/// written these are zeros. The end of an entry may be zeros that were written.
bool has_unwritten_sector(std::string_view segment, std::size_t from, std::size_t to) {
  to = std::min(to, segment.size());
  const auto next_sector = (from + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
  // What comes before in the sector of the beginning was there already, and is written once more.
  if (next_sector <= to && next_sector - from >= kPreamble &&
      all_zero(segment.substr(from, next_sector - from))) {
    return true;
  }
  for (auto at = next_sector; at + kRecordAlignment <= to; at += kSectorBytes) {
    if (all_zero(segment.substr(at, std::min(kSectorBytes, to - at)))) return true;
  }
  return false;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad() || !file.is_open())
    throw Failure(ErrorCode::kUnavailable,
                  fmt::format("'{}' cannot be read", path.filename().string()));
  return bytes;
}

struct Segment {
  std::string name;
  bool open = false;
  Index first = 0;  ///< of a closed one
  Index last = 0;
  unsigned long long counter = 0;  ///< of an open one
};

std::optional<Segment> segment_named(const std::string& name) {
  Segment segment{name};
  int used = 0;
  const auto whole = [&] { return used == static_cast<int>(name.size()); };
  unsigned long long first = 0;
  unsigned long long last = 0;
  if (std::sscanf(name.c_str(), "%16llu-%16llu%n", &first, &last, &used) == 2 && whole()) {
    segment.first = first;
    segment.last = last;
    return segment;
  }
  used = 0;
  if (std::sscanf(name.c_str(), "open-%llu%n", &segment.counter, &used) != 1 || !whole())
    return std::nullopt;
  segment.open = true;
  return segment;
}

/// In the order in which they were written.
bool comes_before(const Segment& a, const Segment& b) {
  if (a.open != b.open) return b.open;
  return a.open ? a.counter < b.counter : a.first < b.first;
}

struct Batch {
  std::vector<std::string_view> commands;  ///< empty view: an entry of the engine's own
  std::size_t end = 0;                     ///< where the next one begins
  std::string error;                       ///< why it could not be read
  std::size_t extent = 0;                  ///< where it should have ended, as far as that is known
};

/// It would be whole if it said that it held one entry.
bool is_header_of_one(std::string_view batch) {
  std::string header(batch.substr(8, 8 + kEntryHeaderBytes));
  if (header.size() < 8 + kEntryHeaderBytes) return false;
  const std::uint64_t one = 1;
  std::memcpy(header.data(), &one, sizeof one);
  return crc32(header) == number_at<std::uint32_t>(batch, 0);
}

Batch read_batch(std::string_view segment, std::size_t at) {
  Batch batch;
  batch.extent = segment.size();
  const auto bad = [&](std::string why) {
    batch.error = std::move(why);
    return batch;
  };
  if (segment.size() - at < kPreamble) return bad("it ends within a batch");
  const auto count = number_at<std::uint64_t>(segment, at + 8);
  if (count == 0 || count > segment.size() / kEntryHeaderBytes) {
    batch.extent = at + kPreamble;
    // Its first sector was never written: how far the others of that write go is not known.
    if (has_unwritten_sector(segment, at, at + kSectorBytes)) batch.extent = segment.size();
    return bad(fmt::format("a batch of {} entries", count));
  }
  const auto header_bytes = 8 + count * kEntryHeaderBytes;
  if (segment.size() - at - 8 < header_bytes) {
    if (is_header_of_one(segment.substr(at))) batch.extent = at + kPreamble;
    return bad("it ends within the header of a batch");
  }
  const auto header = segment.substr(at + 8, header_bytes);
  batch.extent = at + 8 + header_bytes;
  if (crc32(header) != number_at<std::uint32_t>(segment, at)) {
    // Most hold one entry: a count that was damaged must not make the header seem longer.
    if (is_header_of_one(segment.substr(at))) batch.extent = at + kPreamble + kEntryHeaderBytes;
    return bad("the header of a batch does not match its checksum");
  }
  std::size_t data_bytes = 0;
  for (std::size_t i = 0; i < count; ++i)
    data_bytes += number_at<std::uint32_t>(header, 8 + i * kEntryHeaderBytes + 12);
  const auto data_at = at + 8 + header_bytes;
  batch.extent = data_at + data_bytes;
  if (segment.size() - data_at < data_bytes) return bad("it ends within the data of a batch");
  if (crc32(segment.substr(data_at, data_bytes)) != number_at<std::uint32_t>(segment, at + 4))
    return bad("the data of a batch does not match its checksum");
  auto entry_at = data_at;
  for (std::size_t i = 0; i < count; ++i) {
    const auto bytes = number_at<std::uint32_t>(header, 8 + i * kEntryHeaderBytes + 12);
    const bool is_command = header[8 + i * kEntryHeaderBytes + 8] == kCommand;
    batch.commands.push_back(is_command ? segment.substr(entry_at, bytes) : std::string_view());
    entry_at += bytes;
  }
  batch.end = entry_at;
  return batch;
}

class Inspector {
 public:
  Inspector(const fs::path& folder, const RecordVisit& visit) : folder_(folder), visit_(visit) {}

  LogInspection run() {
    list();
    look_at_snapshots();
    std::sort(segments_.begin(), segments_.end(), comes_before);
    Index next = 0;
    for (const auto& segment : segments_) next = look_at(segment, next);
    found_.last = std::max(next == 0 ? 0 : next - 1, snapshot_index_);
    if (next != 0 && next <= snapshot_index_)
      found_.superseded = fmt::format("its entries end at {}, before its snapshot at {}", next - 1,
                                      snapshot_index_);
    // A snapshot that was taken here has the entry that it was taken at beside it.
    if (!found_.superseded.empty() || found_.first == 0 || found_.first > snapshot_index_)
      found_.floor = snapshot_seq_;
    for (auto& problem : check_terms(folder_)) damaged(kTermFile, std::move(problem));
    found_.fresh = segments_.empty() && snapshots_.empty() && !has_metadata(folder_);
    return std::move(found_);
  }

 private:
  void damaged(std::string file, std::string detail) {
    found_.damage.push_back({std::move(file), std::move(detail)});
  }

  void list() {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder_, failed)) {
      const auto name = entry.path().filename().string();
      if (auto segment = segment_named(name)) segments_.push_back(std::move(*segment));
      if (const auto snapshot = snapshot_named(name); snapshot && is_complete(folder_, *snapshot))
        snapshots_[snapshot->index] = *snapshot;
    }
    if (failed)
      throw Failure(ErrorCode::kUnavailable,
                    fmt::format("the log's folder cannot be read: {}", failed.message()));
  }

  void look_at_snapshots() {
    for (const auto& [index, snapshot] : snapshots_) {
      for (auto& [file, problem] : check_snapshot(folder_, snapshot))
        damaged(std::move(file), std::move(problem));
      const auto manifest = decode_manifest(read_whole(folder_ / snapshot.data).value_or(""));
      if (manifest) {
        found_.floor = manifest->floor;
        snapshot_seq_ = manifest->seq;
      }
      snapshot_index_ = index;
    }
  }

  /// `next`: the index that the segment should begin with; 0: any. Gives the one after its last.
  Index look_at(const Segment& segment, Index next) {
    const auto bytes = read_file(folder_ / segment.name);
    if (segment.open && all_zero(bytes)) return next;
    if (!found_.unbegun.empty())
      damaged(found_.unbegun, "it lacks its beginning, but another was written after it");
    if (segment.open && all_zero(std::string_view(bytes).substr(0, kSectorBytes))) {
      found_.unbegun = segment.name;
      return next;
    }
    if (!segment.open) next = begin_closed(segment, next);
    if (next == 0) next = snapshot_index_ + 1;
    if (found_.first == 0) found_.first = next;
    if (bytes.size() < 8 || number_at<std::uint64_t>(bytes, 0) != kDiskFormat) {
      damaged(segment.name, "it does not begin like a segment");
      return segment.open ? next : segment.last + 1;
    }
    next = look_at_batches(segment, bytes, next);
    if (segment.open || next == segment.last + 1) return next;
    damaged(segment.name, fmt::format("it ends with entry {}, not {}", next - 1, segment.last));
    return segment.last + 1;
  }

  Index begin_closed(const Segment& segment, Index next) {
    if (next == 0 && segment.first > snapshot_index_ + 1)
      damaged(segment.name, fmt::format("entries {} to {} before it are missing",
                                        snapshot_index_ + 1, segment.first - 1));
    if (next != 0 && next != segment.first)
      damaged(segment.name,
              fmt::format("it begins with entry {}, {} should come next", segment.first, next));
    return segment.first;
  }

  Index look_at_batches(const Segment& segment, std::string_view bytes, Index next) {
    for (std::size_t at = 8; at < bytes.size();) {
      if (segment.open && all_zero(bytes.substr(at))) return next;
      const auto batch = read_batch(bytes, at);
      if (!batch.error.empty()) {
        // One write may hold several batches, and what comes behind a hole in it be there: whoever
        // has applied more than the log then holds will notice (RaftLogOptions::applied).
        const bool torn = segment.open && has_unwritten_sector(bytes, at, batch.extent);
        if (!torn)
          damaged(segment.name, fmt::format("{} (byte {}, entry {})", batch.error, at, next));
        return next;
      }
      for (const auto& command : batch.commands) look_at_command(segment, next++, command);
      at = batch.end;
    }
    return next;
  }

  void look_at_command(const Segment& segment, Index index, std::string_view command) {
    if (command.empty()) return;
    const auto record = read_record(command);
    if (!record)
      return damaged(segment.name, fmt::format("entry {}: {}", index, record.error().detail));
    ++found_.records;
    if (visit_) visit_(index, *record);
  }

  const fs::path& folder_;
  const RecordVisit& visit_;
  LogInspection found_;
  std::vector<Segment> segments_;
  std::map<Index, SnapshotName> snapshots_;
  Index snapshot_index_ = 0;
  Seq snapshot_seq_ = 0;
};

}  // namespace

LogInspection inspect_log(const fs::path& folder, const RecordVisit& visit) {
  return Inspector(folder, visit).run();
}

}  // namespace mosaic::replication
