// A bound on the memory that SQLite may take for one piece of work. Budgets belong to a thread: the
// statement that asks for too much fails as out of memory, everybody else goes on.
#pragma once

#include <cstddef>

#include "base/deadline.hpp"

namespace mosaic::storage {

/// Makes SQLite allocate through here. Call it before SQLite's first use; answers SQLite's code.
int install_heap_budget();

/// While it lives, SQLite's memory on this thread may grow by at most `bytes_max`, and not at all
/// once `deadline` has passed: code that calls nothing of ours still allocates, so it stops there.
/// What the thread frees counts as given back, whenever it was taken. Budgets do not nest.
class HeapBudget {
 public:
  explicit HeapBudget(std::size_t bytes_max, Deadline deadline = {});
  ~HeapBudget();
  HeapBudget(const HeapBudget&) = delete;
  HeapBudget& operator=(const HeapBudget&) = delete;
};

}  // namespace mosaic::storage
