#include "storage/heap_budget.hpp"

#include <malloc.h>
#include <sqlite3.h>

#include <cstdint>
#include <cstdlib>

namespace mosaic::storage {
namespace {

// Copying a large value costs more than the look at the clock; small ones add up.
constexpr std::int64_t kBytesPerLook = 64 << 10;
constexpr std::int64_t kBytesPerAllocation = 256;  ///< counted at least

struct Budget {
  bool active = false;
  std::int64_t growth = 0;
  std::int64_t growth_max = 0;
  std::int64_t since_look = 0;
  Deadline deadline;

  bool refuses(std::int64_t bytes) {
    if (!active) return false;
    if (growth + bytes > growth_max) return true;
    since_look += bytes > kBytesPerAllocation ? bytes : kBytesPerAllocation;
    if (since_look < kBytesPerLook) return false;
    if (deadline.passed(std::chrono::steady_clock::now())) return true;
    since_look = 0;
    return false;
  }
};

thread_local Budget budget;

int usable_size(void* block) {
  return static_cast<int>(malloc_usable_size(block));
}

void* allocate(int bytes) {
  if (budget.refuses(bytes)) return nullptr;
  void* const block = std::malloc(static_cast<std::size_t>(bytes));
  if (block != nullptr) budget.growth += usable_size(block);
  return block;
}

void release(void* block) {
  budget.growth -= usable_size(block);
  std::free(block);
}

void* reallocate(void* block, int bytes) {
  const int before = usable_size(block);
  if (bytes > before && budget.refuses(bytes - before)) return nullptr;
  void* const moved = std::realloc(block, static_cast<std::size_t>(bytes));
  if (moved != nullptr) budget.growth += usable_size(moved) - before;
  return moved;
}

int round_up(int bytes) {
  return (bytes + 7) & ~7;
}

int start(void*) {
  return SQLITE_OK;
}
void stop(void*) {}

}  // namespace

int install_heap_budget() {
  const sqlite3_mem_methods methods = {allocate, release, reallocate, usable_size,
                                       round_up, start,   stop,       nullptr};
  const int rc = sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
  if (rc != SQLITE_OK) return rc;
  // SQLite's own statistics cost one lock, shared by all threads, per allocation.
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

HeapBudget::HeapBudget(std::size_t bytes_max, Deadline deadline) {
  budget = {true, 0, static_cast<std::int64_t>(bytes_max), 0, deadline};
}

HeapBudget::~HeapBudget() {
  budget.active = false;
}

}  // namespace mosaic::storage
