#include "storage/restored_files.hpp"

#include <fmt/format.h>

#include "base/durable_names.hpp"
#include "storage/shard_restore.hpp"

namespace mosaic::storage {

void take_restored_files(const DataFolder& folder, Catalog& catalog,
                         const CollectionRecord& collection) {
  if (collection.token.empty()) return;
  const auto incoming = folder.incoming(collection.token);
  if (!std::filesystem::exists(incoming)) return;
  for (std::uint32_t i = 0; i < collection.settings.shards; ++i) {
    adopt_shard(incoming / fmt::format("shard-{}.db", i), collection.id);
    catalog.set_shard(collection.id, {i}, {true, 0});
  }
  rename_durably(incoming, folder.collection(collection.id, collection.settings.name));
}

}  // namespace mosaic::storage
