#include "storage/restored_files.hpp"

#include <fmt/format.h>

#include "base/durable_names.hpp"
#include "storage/shard_restore.hpp"

namespace mosaic::storage {

void take_restored_files(const DataFolder& folder, Catalog& catalog,
                         const CollectionRecord& collection) {
  if (collection.token.empty()) return;
  const auto incoming = folder.incoming(collection.token);
  if (std::filesystem::exists(incoming)) {
    for (std::uint32_t i = 0; i < collection.settings.shards; ++i)
      adopt_shard(incoming / fmt::format("shard-{}.db", i), collection.id);
    rename_durably(incoming, folder.collection(collection.id, collection.settings.name));
  }
  for (std::uint32_t i = 0; i < collection.settings.shards; ++i) {
    auto known = catalog.shard(collection.id, {i});
    if (known.made) continue;
    known.made = true;
    catalog.set_shard(collection.id, {i}, known);
  }
}

}  // namespace mosaic::storage
