#include "cluster/write_guard.hpp"

#include <array>

#include <fmt/format.h>

namespace mosaic::cluster {
namespace {

/// Rounded down, so that what is less than a limit also reads so.
std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  std::uint64_t size = 1;
  while (bytes / size >= 1'024) size *= 1'024, ++unit;
  if (unit == 0) return fmt::format("{} bytes", bytes);
  const auto tenths = bytes % size / (size / 10);
  return fmt::format("{}.{} {}", bytes / size, tenths < 10 ? tenths : 9, kUnits[unit]);
}

/// Without the overflow of multiplying first.
std::uint64_t percent_of(std::uint64_t limit, std::uint64_t percent) {
  return limit / 100 * percent + limit % 100 * percent / 100;
}

}  // namespace

Threshold Threshold::at_most(std::uint64_t limit) {
  return {limit, percent_of(limit, kMemoryAgainPercent), true};
}

Threshold Threshold::at_least(std::uint64_t limit) {
  return {limit, percent_of(limit, kDiskAgainPercent), false};
}

bool Threshold::step(std::uint64_t value) {
  if (limit_ == 0) return false;
  if (upwards_) {
    reached_ = reached_ ? value >= again_ : value > limit_;
  } else {
    reached_ = reached_ ? value <= again_ : value < limit_;
  }
  return reached_;
}

WriteGuard::WriteGuard(const NodeSettings::Limits& limits)
    : memory_(Threshold::at_most(limits.memory)),
      disk_(Threshold::at_least(limits.disk_free)),
      disk_of_deletions_(Threshold::at_least(limits.disk_free / kDeletionsShare)) {}

std::vector<WriteGuard::Turn> WriteGuard::step(const Usage& usage) {
  usage_ = usage;
  std::vector<Turn> turns;
  if (const bool before = memory_.reached(); memory_.step(usage.resident_bytes) != before)
    turns.push_back({GuardLimit::kMemory, !before, memory_text()});
  if (const bool before = disk_.reached(); disk_.step(usage.disk_free_bytes) != before)
    turns.push_back({GuardLimit::kDiskFree, !before, disk_text()});
  disk_of_deletions_.step(usage.disk_free_bytes);
  return turns;
}

std::optional<WriteGuard::Refusal> WriteGuard::refusal_of(WriteKind kind) const {
  if (kind == WriteKind::kGrow && memory_.reached()) {
    return Refusal{GuardLimit::kMemory,
                   {ErrorCode::kOverloaded,
                    fmt::format("writes are refused: {}; they are let in again below {}",
                                memory_text(), bytes_text(memory_.again()))}};
  }
  if (kind == WriteKind::kGrow && disk_.reached()) {
    return Refusal{GuardLimit::kDiskFree,
                   {ErrorCode::kUnavailable,
                    fmt::format("writes are refused: {}; they are let in again above {}",
                                disk_text(), bytes_text(disk_.again()))}};
  }
  if (kind == WriteKind::kDelete && disk_of_deletions_.reached()) {
    return Refusal{GuardLimit::kDiskFree,
                   {ErrorCode::kUnavailable,
                    fmt::format("deletions are refused: {}, and deletions may take half of it; "
                                "collections can be dropped",
                                disk_text())}};
  }
  return std::nullopt;
}

std::string WriteGuard::memory_text() const {
  return fmt::format("the process has {} in memory, limits.memory allows {}",
                     bytes_text(usage_.resident_bytes), bytes_text(memory_.limit()));
}

std::string WriteGuard::disk_text() const {
  return fmt::format("{} are free on the disk of the data folder, limits.disk_free asks for {}",
                     bytes_text(usage_.disk_free_bytes), bytes_text(disk_.limit()));
}

}  // namespace mosaic::cluster
