#include "trace.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "real.hpp"

namespace shim {
namespace {

struct State {
  std::mutex lock;
  std::unordered_map<std::string, std::uint64_t> ids;
  std::uint64_t next_id = 1;
  std::uint64_t next_record = 0;
  std::vector<char> bytes;
  int journal = -1;
  bool ignore_syncs = false;
};

/// Never destroyed: threads may still write while the process ends.
State& state() {
  static State* const made = [] {
    auto* fresh = new State;
    if (const char* path = std::getenv("SHIM_JOURNAL")) {
      fresh->journal = real::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
      if (fresh->journal < 0) std::abort();
    }
    const char* ignore = std::getenv("SHIM_IGNORE_SYNC");
    fresh->ignore_syncs = ignore != nullptr && *ignore == '1';
    return fresh;
  }();
  return *made;
}

bool is_sync(Op op) {
  return op == Op::kSync || op == Op::kSyncFolder || op == Op::kSyncWrite;
}

/// Packed as power_loss.py unpacks it: <BQQQIII, then path, other, data.
void pack(std::vector<char>& out, const Record& record) {
  const auto put = [&](const void* from, std::size_t size) {
    const auto* bytes = static_cast<const char*>(from);
    out.insert(out.end(), bytes, bytes + size);
  };
  const auto sizes = {static_cast<std::uint32_t>(record.path.size()),
                      static_cast<std::uint32_t>(record.other.size()),
                      static_cast<std::uint32_t>(record.data.size())};
  out.clear();
  put(&record.op, sizeof record.op);
  for (const auto number : {record.id, record.offset, record.length}) put(&number, sizeof number);
  for (const auto size : sizes) put(&size, sizeof size);
  for (const auto text : {record.path, record.other, record.data}) put(text.data(), text.size());
}

}  // namespace

Ordered::Ordered() {
  state().lock.lock();
}

Ordered::~Ordered() {
  state().lock.unlock();
}

std::uint64_t Ordered::append(const Record& record) {
  auto& all = state();
  const auto number = all.next_record++;
  if (all.journal < 0) return number;
  Record kept = record;
  // Still a record, so that numbers agree: one that says nothing is durable.
  if (all.ignore_syncs && is_sync(record.op)) kept = {Op::kSync};
  pack(all.bytes, kept);
  for (std::size_t done = 0; done < all.bytes.size();) {
    const auto wrote = real::write(all.journal, all.bytes.data() + done, all.bytes.size() - done);
    // A journal with a hole would make the test believe in states that never were.
    if (wrote < 0) std::abort();
    done += static_cast<std::size_t>(wrote);
  }
  return number;
}

std::uint64_t Ordered::next() const {
  return state().next_record;
}

std::uint64_t Ordered::id_of(const std::string& path, bool fresh) {
  auto& id = state().ids[path];
  if (fresh || id == 0) id = state().next_id++;
  return id;
}

void Ordered::renamed(const std::string& from, const std::string& to) {
  auto& ids = state().ids;
  ids.erase(to);
  const auto found = ids.find(from);
  if (found == ids.end()) return;
  ids[to] = found->second;
  ids.erase(from);
}

void Ordered::removed(const std::string& path) {
  state().ids.erase(path);
}

}  // namespace shim
