#include "storage/shard_file.hpp"

#include <fmt/format.h>

#include "base/checksum.hpp"
#include "base/durable_file.hpp"
#include "storage/applied_requests.hpp"
#include "storage/schema.hpp"

namespace mosaic::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFilterIndexPrefix = "filter:";

void remove_with_wal(const fs::path& path) {
  for (const auto* suffix : {"", "-wal", "-shm"}) fs::remove(path.string() + suffix);
}

void check_meta(Database& database, std::string_view key, std::int64_t expected) {
  const auto found = read_meta(database, key);
  if (found == expected) return;
  throw Failure(ErrorCode::kCorruptData,
                fmt::format("shard file '{}' has {} {}, expected {}",
                            database.path().filename().string(), key, found, expected));
}

}  // namespace

std::int64_t read_meta(Database& database, std::string_view key) {
  auto select = database.cached("SELECT value FROM meta WHERE key = ?1");
  select->bind_text(1, key);
  if (!select->step())
    throw Failure(ErrorCode::kCorruptData, fmt::format("shard file has no meta value '{}'", key));
  return select->column_int(0);
}

void write_meta(Database& database, std::string_view key, std::int64_t value) {
  auto write = database.cached(
      "INSERT INTO meta VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value");
  write->bind_text(1, key).bind(2, value);
  write->run();
}

void create_shard_file(const fs::path& path, const ShardIdentity& identity) {
  // Durable before the catalog says that the shard was made.
  make_durable_folder(path.parent_path());
  remove_with_wal(path);
  Database database(path, OpenMode::kCreate);
  database.execute(fmt::format("PRAGMA application_id = {}", kApplicationId));
  {
    Transaction transaction(database);
    database.execute(kShardSchema);
    complete_schema(database);
    write_meta(database, "collection", static_cast<std::int64_t>(identity.collection.value));
    write_meta(database, "shard", identity.shard.value);
    write_meta(database, "shards", identity.shards);
    write_meta(database, "dimension", identity.dimension);
    write_meta(database, "applied_seq", 0);
    write_meta(database, "documents", 0);
    write_meta(database, "edges", 0);
    // Last: the version is the mark of a whole file.
    database.execute(fmt::format("PRAGMA user_version = {}", kShardFormatVersion));
    transaction.commit();
  }
  database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

bool shard_file_complete(const fs::path& path) {
  if (!fs::exists(path) || fs::file_size(path) == 0) return false;
  Database database(path, OpenMode::kReadWrite);
  return database.query_int("PRAGMA user_version") > 0;
}

Seq stored_seq(const fs::path& path) {
  const auto seq = to_result([&] {
    Database database(path, OpenMode::kReadOnly);
    return static_cast<Seq>(read_meta(database, "applied_seq"));
  });
  return seq ? *seq : 0;
}

void check_identity(Database& database, const ShardIdentity& identity) {
  const auto name = database.path().filename().string();
  if (database.query_int("PRAGMA application_id") != kApplicationId) {
    throw Failure(ErrorCode::kCorruptData, fmt::format("'{}' is not a shard file", name));
  }
  const auto version = database.query_int("PRAGMA user_version");
  if (version != kShardFormatVersion) {
    throw Failure(ErrorCode::kCorruptData,
                  fmt::format("shard file '{}' has format version {}, this program reads {}", name,
                              version, kShardFormatVersion));
  }
  check_meta(database, "collection", static_cast<std::int64_t>(identity.collection.value));
  check_meta(database, "shard", identity.shard.value);
  check_meta(database, "shards", identity.shards);
}

void check_dimension(Database& database, const ShardIdentity& identity) {
  if (static_cast<Seq>(read_meta(database, "space")) == identity.space)
    check_meta(database, "dimension", identity.dimension);
}

VectorSpace read_space(Database& database) {
  const auto number = [&](std::string_view key) { return read_meta(database, key); };
  return {static_cast<Seq>(number("space")),
          static_cast<std::uint32_t>(number("dimension")),
          static_cast<Seq>(number("staging")),
          static_cast<std::uint32_t>(number("staging_dimension")),
          static_cast<std::uint64_t>(number("staged")),
          static_cast<std::uint64_t>(number("staged_without"))};
}

void write_space(Database& database, const VectorSpace& space) {
  const auto write = [&](std::string_view key, std::uint64_t value) {
    write_meta(database, key, static_cast<std::int64_t>(value));
  };
  write("space", space.seq);
  write("dimension", space.dimension);
  write("staging", space.staging);
  write("staging_dimension", space.staging_dimension);
  write("staged", space.staged);
  write("staged_without", space.without);
}

void complete_schema(Database& database) {
  database.execute(kShardAdditions);
  database.execute(kAppliedRequestsSchema);
}

std::string json_path(std::string_view dotted) {
  std::string path = "$";
  while (true) {
    const auto dot = dotted.find('.');
    path += fmt::format(".\"{}\"", dotted.substr(0, dot));
    if (dot == std::string_view::npos) return path;
    dotted.remove_prefix(dot + 1);
  }
}

std::string index_name(std::string_view use, std::string_view path) {
  return fmt::format("{}:{}#{:016x}", use, path, checksum(path));
}

std::vector<std::string> read_indexed_paths(Database& database) {
  auto select = database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE 'filter:%' ORDER BY name");
  std::vector<std::string> paths;
  while (select.step()) {
    const auto name = select.column_text(0).substr(kFilterIndexPrefix.size());
    paths.emplace_back(name.substr(0, name.rfind('#')));
  }
  return paths;
}

}  // namespace mosaic::storage
