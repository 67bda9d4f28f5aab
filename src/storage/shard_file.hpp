// The identity of a shard file and what both its writer and its readers need to open one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/entry.hpp"
#include "storage/database.hpp"

namespace mosaic::storage {

/// Which shard a file must be: stored inside it and compared at every open.
struct ShardIdentity {
  CollectionId collection;
  ShardId shard;
  std::uint32_t shards = 1;
  std::uint32_t dimension = 0;  ///< of the vectors in `space`: a file in another may have another
  bool by_centroid = false;  ///< any shard may hold any document; known from the collection alone
  Seq space = 0;             ///< VectorOrigin::space, as the catalog has it
};

/// What a shard's vectors are: those in force, and those that are staged to take their place.
struct VectorSpace {
  Seq seq = 0;  ///< VectorOrigin::space
  std::uint32_t dimension = 0;
  Seq staging = 0;  ///< Reembedding::generation; 0: nothing is staged
  std::uint32_t staging_dimension = 0;
  std::uint64_t staged = 0;   ///< live versions with a staged vector
  std::uint64_t without = 0;  ///< live versions that will have none
  friend bool operator==(const VectorSpace&, const VectorSpace&) = default;
};

/// Makes a new shard file, durable when it returns. A half-made file of an earlier try is replaced.
void create_shard_file(const std::filesystem::path& path, const ShardIdentity& identity);

/// True when the file holds a whole schema: false means that its making was cut short.
bool shard_file_complete(const std::filesystem::path& path);

/// How far a shard's file has come; 0 for one that is not there, or cannot say.
Seq stored_seq(const std::filesystem::path& path);

/// Throws corrupt_data when the file has a newer format or belongs to another shard.
void check_identity(Database& database, const ShardIdentity& identity);

/// Throws corrupt_data when it has another dimension than it should. A file that has not come to
/// the catalog's space yet, or is ahead of it, is right: the log brings them together.
void check_dimension(Database& database, const ShardIdentity& identity);

/// What files of before lack of today's schema.
void complete_schema(Database& database);

VectorSpace read_space(Database& database);
void write_space(Database& database, const VectorSpace& space);

std::int64_t read_meta(Database& database, std::string_view key);
void write_meta(Database& database, std::string_view key, std::int64_t value);

/// `a.b` as SQLite spells it: `$."a"."b"`. The path has passed validate(CollectionSettings).
std::string json_path(std::string_view dotted);

/// The index of a metadata path for `use`: `filter` or `where`. SQLite does not tell A from a in
/// names, hence the checksum behind the path.
std::string index_name(std::string_view use, std::string_view path);

/// The indexed metadata paths that the file really has indexes for.
std::vector<std::string> read_indexed_paths(Database& database);

}  // namespace mosaic::storage
