// What a log under test reports, until as much has come as is awaited.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "replication/log.hpp"

namespace mosaic::replication::test {

inline Proposal write(Ticket ticket, std::string bytes = "entry", Seq collection = 1) {
  return {{collection}, EntryKind::kWrite, std::move(bytes), ticket};
}

struct Heard {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Entry> entries;
  std::vector<std::pair<Ticket, Error>> refusals;
  std::size_t unknown_outcomes = 0;  ///< among the refusals

  LogListener listener() {
    return {[this](const Entry& entry) {
              const std::lock_guard lock(mutex);
              entries.push_back(entry);
              changed.notify_all();
            },
            [this](Ticket ticket, const Error& error, bool unknown) {
              const std::lock_guard lock(mutex);
              refusals.emplace_back(ticket, error);
              unknown_outcomes += unknown ? 1 : 0;
              changed.notify_all();
            }};
  }

  /// The first entry that says `bytes`, so far.
  std::optional<Entry> entry(std::string_view bytes) {
    const std::lock_guard lock(mutex);
    for (const auto& one : entries) {
      if (*one.bytes == bytes) return one;
    }
    return std::nullopt;
  }

  /// Waits for what becomes of an append: its entry, or nothing if it was refused.
  std::optional<Entry> outcome(Ticket ticket) {
    const auto stored = [&] {
      return std::find_if(entries.begin(), entries.end(),
                          [&](const Entry& one) { return one.ticket == ticket; });
    };
    const auto refused = [&] {
      return std::any_of(refusals.begin(), refusals.end(),
                         [&](const auto& one) { return one.first == ticket; });
    };
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(60),
                     [&] { return stored() != entries.end() || refused(); });
    if (stored() == entries.end()) return std::nullopt;
    return *stored();
  }

  void await(std::size_t count) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(
        changed.wait_for(lock, std::chrono::seconds(30), [&] { return entries.size() >= count; }));
  }

  void await_refusals(std::size_t count) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(
        changed.wait_for(lock, std::chrono::seconds(30), [&] { return refusals.size() >= count; }));
  }
};

}  // namespace mosaic::replication::test
