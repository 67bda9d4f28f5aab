#include "backup/backup_mark.hpp"

#include <fmt/format.h>

#include "backup/backup.hpp"
#include "base/failure.hpp"

namespace mosaic::backup {
namespace {

constexpr std::string_view kFolder = "marks/";
constexpr std::string_view kMark = ".mark";
constexpr std::string_view kDead = ".dead";

/// At 50 kB/s still every hour and a half.
constexpr std::uint64_t kRenewBytes = std::uint64_t{256} << 20;

/// After that no process of before comes back.
constexpr std::int64_t kForgottenMs = 30 * kMarkStaleMs;

void check(const Status& status) {
  if (!status) throw Failure(status.error());
}

}  // namespace

BackupMark::BackupMark(ObjectStore& store, const std::string& collection, const std::string& id)
    : store_(store),
      mark_(fmt::format("{}{}/{}{}", kFolder, collection, id, kMark)),
      dead_(fmt::format("{}{}/{}{}", kFolder, collection, id, kDead)) {
  if (or_throw(store_.exists(mark_))) {
    throw Failure(ErrorCode::kAlreadyExists,
                  fmt::format("backup '{}' of collection '{}' is under way: {}", id, collection,
                              store_.address(mark_)));
  }
  renew();
}

BackupMark::~BackupMark() {
  // One that stays only keeps a prune from removing content until it is stale.
  static_cast<void>(store_.remove(mark_));
}

void BackupMark::renew() {
  check(store_.put(mark_, ""));
}

void BackupMark::worked(std::uint64_t bytes) {
  worked_ += bytes;
  if (worked_ < kRenewBytes) return;
  worked_ = 0;
  check_alive();
  renew();
}

void BackupMark::check_alive() {
  if (!or_throw(store_.exists(dead_))) return;
  throw Failure(ErrorCode::kUnavailable,
                fmt::format("the backup took so long that a prune has taken it for dead: {}; make "
                            "another",
                            store_.address(dead_)));
}

bool backup_under_way(ObjectStore& store, std::int64_t now_ms) {
  bool under_way = false;
  for (const auto& object : or_throw(store.list(std::string(kFolder)))) {
    const auto age_ms = now_ms - object.modified_ms;
    if (object.key.ends_with(kMark) && age_ms <= kMarkStaleMs) under_way = true;
    if (object.key.ends_with(kMark) && age_ms > kMarkStaleMs) {
      const auto stem = object.key.substr(0, object.key.size() - kMark.size());
      check(store.put(fmt::format("{}{}", stem, kDead), ""));
      check(store.remove(object.key));
    }
    if (object.key.ends_with(kDead) && age_ms > kForgottenMs) check(store.remove(object.key));
  }
  return under_way;
}

}  // namespace mosaic::backup
