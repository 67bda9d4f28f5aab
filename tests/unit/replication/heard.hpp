// What a log under test reports, until as much has come as is awaited.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "replication/log.hpp"

namespace mosaic::replication::test {

struct Heard {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Entry> entries;
  std::vector<std::pair<Ticket, Error>> refusals;

  LogListener listener() {
    return {[this](const Entry& entry) {
              const std::lock_guard lock(mutex);
              entries.push_back(entry);
              changed.notify_all();
            },
            [this](Ticket ticket, const Error& error) {
              const std::lock_guard lock(mutex);
              refusals.emplace_back(ticket, error);
              changed.notify_all();
            }};
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
