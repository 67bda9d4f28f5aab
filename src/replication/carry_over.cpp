#include "replication/carry_over.hpp"

#include <algorithm>

#include "base/durable_file.hpp"
#include "base/failure.hpp"
#include "base/log.hpp"
#include "replication/log_identity.hpp"
#include "replication/raft_log.hpp"
#include "storage/log_file.hpp"

namespace mosaic::replication {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadBytes = 4 << 20;

bool is_done(const fs::path& folder) {
  const auto identity = or_throw(read_identity(folder));
  return identity && identity->whole;
}

/// The other threads of the log have ended when this returns.
Index copy_entries(storage::LogFile& from, const fs::path& folder) {
  RaftLogOptions options;
  options.folder = folder;
  options.carrying = true;
  RaftLog log(std::move(options));
  std::optional<Error> refused;
  log.listen({[](const Entry&) {}, [&](Ticket, const Error& error, bool) { refused = error; }});
  Ticket ticket = 0;
  for (Seq after = 0;;) {
    auto rows = from.read(after, std::nullopt, kReadBytes);
    if (rows.empty()) break;
    after = rows.back().seq;
    for (auto& row : rows)
      log.append({row.collection, row.kind, std::move(row.bytes), ++ticket, {}, row.seq});
  }
  log.stop();
  if (refused) throw Failure(*refused);
  // Before any of ours there is the entry that says who votes.
  return std::max<Index>(log.last_index(), 1);
}

void remove_database(const fs::path& path) {
  for (const auto* suffix : {"", "-wal", "-shm"}) fs::remove(path.string() + suffix);
  sync_folder(path.parent_path());
}

}  // namespace

void carry_over(const fs::path& log_db, const fs::path& folder) {
  if (!fs::exists(log_db)) return;
  if (!is_done(folder)) {
    storage::LogFile from(log_db);
    log::info("carrying the log over from log.db, up to seq {}", from.last_seq());
    fs::remove_all(folder);
    make_durable_folder(folder);
    auto identity = new_identity();
    identity.whole = false;
    write_identity(folder, identity);
    const auto last = copy_entries(from, folder);
    identity.base = static_cast<std::int64_t>(from.last_seq()) - static_cast<std::int64_t>(last);
    identity.whole = true;
    write_identity(folder, identity);
  }
  remove_database(log_db);
}

}  // namespace mosaic::replication
