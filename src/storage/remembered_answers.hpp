// How requests with an idempotency key were answered: tables of catalog.db, filled by entries of
// the log, each kept until its window has passed or newer ones need the room. The catalog writes; a
// reader with a connection of its own is asked from any thread.
#pragma once

#include <mutex>
#include <optional>

#include "base/entry.hpp"
#include "storage/database.hpp"

namespace mosaic::storage {

/// Of all answers that are kept; past either the oldest go. Entries of documents are known for
/// repeats without them (AppliedRequests).
constexpr std::uint64_t kAnswersMax = 100'000;
constexpr std::uint64_t kAnswersBytesMax = 64 << 20;

inline constexpr const char* kRememberedAnswersSchema = R"sql(
CREATE TABLE IF NOT EXISTS answers(
  seq INTEGER PRIMARY KEY, high INTEGER NOT NULL, low INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
  answer BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS answers_by_id ON answers(high, low);
)sql";

class RememberedAnswers {
 public:
  /// The tables of the schema above are there. Throws Failure.
  explicit RememberedAnswers(Database& database);

  /// Keeps what the entry at `seq` of `time_ms` says. Within a transaction of the owner.
  void keep(Seq seq, std::int64_t time_ms, const RememberedAnswer& answer);
  /// The owner's transaction was rolled back: what is counted is counted anew.
  void recount();

  std::uint64_t count() const { return count_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  void remove(std::int64_t seq, std::int64_t bytes);

  Database& database_;
  std::uint64_t count_ = 0;
  std::uint64_t bytes_ = 0;
};

class AnswerReader {
 public:
  /// Of a catalog that has been opened before.
  explicit AnswerReader(const std::filesystem::path& catalog)
      : database_(catalog, OpenMode::kReadOnly) {}

  /// The answer whose window reaches `now_ms`, in milliseconds since 1970. From any thread. Error
  /// corrupt_data when it cannot be read.
  Result<std::optional<RememberedAnswer>> find(const RequestId& request, std::int64_t now_ms);

 private:
  std::mutex mutex_;  ///< guards the connection
  Database database_;
};

}  // namespace mosaic::storage
