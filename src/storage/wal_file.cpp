#include "storage/wal_file.hpp"

#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/file_bytes.hpp"
#include "storage/checksum_vfs.hpp"

namespace mosaic::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::size_t kFrameBytes = kFrameHeaderBytes + kPageBytes;
constexpr std::uint32_t kMagic = 0x377f0682;  // its last bit: checksums over big-endian words
constexpr std::uint32_t kVersion = 3007000;

/// The header of the index of a write-ahead log, in the -shm file: two copies of these words, in
/// the byte order of the machine. "WAL-Index File Format" in https://www.sqlite.org/walformat.html.
constexpr std::size_t kIndexHeaderBytes = 48;
constexpr std::size_t kIndexInitialized = 12;
constexpr std::size_t kIndexFrames = 16;
constexpr std::size_t kIndexSalt = 32;
constexpr std::size_t kIndexChecksum = 40;

struct Sum {
  std::uint32_t first = 0, second = 0;
  friend bool operator==(const Sum&, const Sum&) = default;
};

std::uint32_t big_endian(const char* at) {
  std::array<unsigned char, 4> b;
  std::memcpy(b.data(), at, b.size());
  return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
}

std::uint32_t little_endian(const char* at) {
  return __builtin_bswap32(big_endian(at));
}

/// SQLite's checksum over pairs of words.
Sum add(Sum sum, bool big, const char* bytes, std::size_t size) {
  const auto word = big ? big_endian : little_endian;
  for (std::size_t i = 0; i < size; i += 8) {
    sum.first += word(bytes + i) + sum.second;
    sum.second += word(bytes + i + 4) + sum.first;
  }
  return sum;
}

Sum stored_sum(const char* at) {
  return {big_endian(at), big_endian(at + 4)};
}

class Wal {
 public:
  explicit Wal(const fs::path& path) : file_(path), frame_(kFrameBytes) {}

  bool read_header() {
    std::array<char, kHeaderBytes> header;
    if (file_.read(0, header) < kHeaderBytes) return false;
    const auto magic = big_endian(header.data());
    if ((magic & ~1u) != kMagic || big_endian(header.data() + 4) != kVersion) return false;
    if (big_endian(header.data() + 8) != kPageBytes) return false;
    big_ = (magic & 1) != 0;
    std::memcpy(salt_.data(), header.data() + 16, salt_.size());
    sum_ = add({}, big_, header.data(), 24);
    return sum_ == stored_sum(header.data() + 24);
  }

  std::uint64_t frames() const {
    return file_.size() < kHeaderBytes ? 0 : (file_.size() - kHeaderBytes) / kFrameBytes;
  }
  std::uint64_t size() const { return file_.size(); }

  bool load(std::uint64_t frame) {
    return file_.read(kHeaderBytes + frame * kFrameBytes, frame_) == kFrameBytes;
  }
  /// The loaded frame was written since the header was.
  bool current() const { return std::memcmp(frame_.data() + 8, salt_.data(), salt_.size()) == 0; }
  /// It follows the frames that were taken before.
  bool follows() {
    if (!current() || page() == 0) return false;
    auto sum = add(sum_, big_, frame_.data(), 8);
    sum = add(sum, big_, frame_.data() + kFrameHeaderBytes, kPageBytes);
    if (sum != stored_sum(frame_.data() + 16)) return false;
    sum_ = sum;
    return true;
  }
  std::uint32_t page() const { return big_endian(frame_.data()); }
  /// The size of the database in pages if the frame ends a transaction, else 0.
  std::uint32_t commit() const { return big_endian(frame_.data() + 4); }
  const std::array<char, 8>& salt() const { return salt_; }

 private:
  FileBytes file_;
  std::vector<char> frame_;
  bool big_ = false;
  std::array<char, 8> salt_{};
  Sum sum_;
};

/// Takes frames for as long as they follow one another; the number of the first that does not.
std::uint64_t take_frames(Wal& wal, WalContents& contents,
                          const std::function<void(std::uint64_t)>& progress) {
  std::vector<std::uint32_t> uncommitted;
  std::uint64_t frame = 0;
  for (; frame < wal.frames() && wal.load(frame) && wal.follows(); ++frame) {
    progress(kFrameBytes);
    uncommitted.push_back(wal.page());
    if (wal.commit() == 0) continue;
    contents.pages.insert(uncommitted.begin(), uncommitted.end());
    contents.committed = static_cast<std::uint32_t>(frame + 1);
    contents.database_pages = wal.commit();
    uncommitted.clear();
  }
  return frame;
}

/// A frame of the present generation behind one that does not follow. Frames are written in order,
/// but those of before a recovery are of the same generation, too.
std::optional<std::uint64_t> later_frame(Wal& wal, std::uint64_t broken) {
  for (auto frame = broken + 1; frame < wal.frames() && wal.load(frame); ++frame) {
    if (wal.current()) return frame;
  }
  return std::nullopt;
}

/// What the process that wrote last had committed, from the index that it kept beside the log.
struct Known {
  std::uint32_t frames = 0;
  std::array<char, 8> salt{};
};

std::optional<Known> known_frames(const fs::path& database) {
  const fs::path path = database.string() + "-shm";
  if (!fs::exists(path)) return std::nullopt;
  std::array<char, 2 * kIndexHeaderBytes> bytes;
  if (FileBytes(path).read(0, bytes) < bytes.size()) return std::nullopt;
  const char* const header = bytes.data();
  // Two copies that differ: the process ended while it wrote them.
  if (std::memcmp(header, header + kIndexHeaderBytes, kIndexHeaderBytes) != 0) return std::nullopt;
  if (header[kIndexInitialized] == 0) return std::nullopt;
  // Its checksum is over words in the order of the machine, as they stand.
  const auto sum = add({}, false, header, kIndexChecksum);
  if (sum !=
      Sum{little_endian(header + kIndexChecksum), little_endian(header + kIndexChecksum + 4)})
    return std::nullopt;
  Known known;
  known.frames = little_endian(header + kIndexFrames);
  std::memcpy(known.salt.data(), header + kIndexSalt, known.salt.size());
  return known;
}

std::string fewer(std::uint32_t known, std::uint32_t found) {
  return fmt::format("{} frames were committed, {} are left", known, found);
}

}  // namespace

WalContents read_wal(const fs::path& database, const std::function<void(std::uint64_t)>& progress) {
  WalContents contents;
  const auto known = known_frames(database);
  const fs::path path = database.string() + "-wal";
  if (!fs::exists(path)) {
    if (known && known->frames > 0) contents.damage = "it is missing: " + fewer(known->frames, 0);
    return contents;
  }
  Wal wal(path);
  if (!wal.read_header()) {
    // Nothing of it was ever written, or its beginning was just being written.
    const bool had_frames = wal.frames() > 0 && wal.load(0);
    if (known && known->frames > 0) {
      contents.damage = "its header does not match its checksum: " + fewer(known->frames, 0);
    } else if (had_frames) {
      contents.doubt = "its header does not match its checksum";
    }
    return contents;
  }
  const auto broken = take_frames(wal, contents, progress);
  if (known && known->salt == wal.salt()) {
    if (known->frames > contents.committed) {
      contents.damage = fmt::format("it ends at frame {}: {}", contents.committed,
                                    fewer(known->frames, contents.committed));
    }
  } else if (const auto later = later_frame(wal, broken)) {
    contents.doubt = fmt::format("frame {} does not match its checksum, but frame {} is there",
                                 broken + 1, *later + 1);
  }
  return contents;
}

}  // namespace mosaic::storage
