#include "storage/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <fmt/format.h>

#include "base/durable_file.hpp"
#include "base/failure.hpp"

namespace mosaic::storage {
namespace {

namespace fs = std::filesystem;

/// A node that was killed holds its lock until the system has taken it apart.
constexpr auto kLockPatience = std::chrono::seconds(2);
constexpr auto kLockPause = std::chrono::milliseconds(20);
/// Others may take files out of a folder, or put some in, while it is being removed.
constexpr int kRemoveTries = 10;

bool lock_patiently(int file) {
  for (const auto until = std::chrono::steady_clock::now() + kLockPatience;;) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return true;
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(kLockPause);
  }
}

void remove_others(const fs::path& folder, const std::vector<fs::path>& keep) {
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    if (std::find(keep.begin(), keep.end(), entry.path()) == keep.end())
      fs::remove_all(entry.path());
  }
}

Error refused(const fs::path& root, std::string_view why) {
  return {ErrorCode::kUnavailable, fmt::format("data folder '{}' {}", root.string(), why)};
}

}  // namespace

Result<std::unique_ptr<DataFolder>> DataFolder::open(const fs::path& root) {
  try {
    make_durable_folder(root / "collections");
  } catch (const Failure& failure) {
    return refused(root, "cannot be made: " + failure.error().detail);
  }
  const int lock = ::open((root / "LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0) return refused(root, fmt::format("cannot be written: {}", std::strerror(errno)));
  if (!lock_patiently(lock)) {
    ::close(lock);
    return refused(root, "is in use by another mosaic process");
  }
  return std::unique_ptr<DataFolder>(new DataFolder(root, lock));
}

DataFolder::~DataFolder() {
  ::close(lock_);
}

fs::path DataFolder::collection(CollectionId id, std::string_view name) const {
  return root_ / "collections" / fmt::format("{}-{}", name, id.value);
}

fs::path DataFolder::shard(CollectionId id, std::string_view name, ShardId shard) const {
  return shard_in(collection(id, name), shard);
}

fs::path DataFolder::shard_in(const fs::path& collection, ShardId shard) {
  return collection / fmt::format("shard-{}.db", shard.value);
}

std::optional<fs::path> DataFolder::find_collection(CollectionId id) const {
  const auto end = fmt::format("-{}", id.value);
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(root_ / "collections", missing)) {
    if (entry.path().filename().string().ends_with(end)) return entry.path();
  }
  return std::nullopt;
}

bool DataFolder::remove(const fs::path& collection) {
  std::error_code failed;
  for (int i = 0; i < kRemoveTries; ++i) {
    const auto removed = fs::remove_all(collection, failed);
    if (!failed) return removed > 0 || i > 0;
  }
  throw Failure(refused(collection, "cannot be removed: " + failed.message()));
}

void DataFolder::remove_strays(const std::vector<fs::path>& keep) const {
  remove_others(root_ / "collections", keep);
  remove_others(root_ / "incoming", keep);
  std::error_code missing;
  for (const auto& collection : fs::directory_iterator(root_ / "snapshots", missing)) {
    remove_others(collection.path(), keep);
    if (fs::is_empty(collection.path())) fs::remove(collection.path());
  }
}

fs::path DataFolder::snapshots(CollectionId id, std::string_view name) const {
  return root_ / "snapshots" / fmt::format("{}-{}", name, id.value);
}

fs::path DataFolder::snapshot(CollectionId id, std::string_view name,
                              std::string_view snapshot) const {
  return snapshots(id, name) / snapshot;
}

fs::path DataFolder::incoming(std::string_view token) const {
  return root_ / "incoming" / token;
}

}  // namespace mosaic::storage
