// How a node opens its log.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/wall_clock.hpp"
#include "mosaic/result.hpp"
#include "replication/address_book.hpp"
#include "replication/log.hpp"
#include "tls/tls_files.hpp"

namespace mosaic::replication {

struct RaftMember {
  NodeId id = 0;
  std::string address;  ///< HOST:PORT
};

/// Bytes of entries that the log keeps before it forgets what every shard has on disk.
constexpr std::uint64_t kRetainedBytes = 64 << 20;

struct RaftLogOptions {
  std::filesystem::path folder;
  std::uint64_t retained_bytes = kRetainedBytes;
  /// The log must reach this far: a node that has applied more than its log holds has lost entries.
  Seq applied = 0;
  /// What it has forgotten must not go beyond this: the catalog has noted it before. None: it is
  /// not known.
  std::optional<Seq> floor = {};
  /// The disk has failed. Called on the log's thread; the log does not go on.
  std::function<void(const Error&)> fail_stop = {};
  std::function<std::int64_t()> now_ms = wall_clock_ms;
  bool carrying = false;  ///< entries are being carried over from another log
  NodeId id = 0;          ///< of the node in a log that is just begun; 0: any
  /// HOST:PORT that other nodes are told. This and `listen` empty: there are none, and no port.
  std::string address = {};
  /// HOST:PORT to listen at: a name or IPv4 address, 0.0.0.0 among them. Empty: `address`.
  std::string listen = {};
  /// Where the others are just now; one that is not in it is looked for where it was last. May be
  /// null.
  std::shared_ptr<const AddressBook> addresses = {};
  std::vector<RaftMember> others = {};  ///< that vote from the start, in a log that is just begun
  tls::TlsFiles tls = {};               ///< none: others connect without certificates
  /// A folder without a log waits for a leader that adds this node. It never begins a log of its
  /// own, on later starts neither.
  bool joins = false;
  std::int64_t base = -1;  ///< RaftLog::base() of the log that it joins
  /// Others may have forgotten entries that this node lacks, as they do in its absence: then it is
  /// for the owner to compare forgotten() with what it has.
  bool may_be_behind = false;
  /// The leader no longer had the entries that this node lacked. From here on the listener is told
  /// of nothing: the owner has to fetch what they have led to, up to forgotten(), and to open the
  /// log anew. Called once, on the log's thread.
  std::function<void()> overtaken = {};
};

}  // namespace mosaic::replication
