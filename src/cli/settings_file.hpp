// What an export holds of a collection besides its documents: its settings and its centroids, in a
// JSON file beside that of the documents, FILE.settings.json. Pure but for reading and writing it.
#pragma once

#include <optional>
#include <string>

#include "cli/api_client.hpp"
#include "cli/arguments.hpp"

namespace mosaic::cli {

/// Where the settings of what is exported to `file` are.
std::string settings_file_of(const std::string& file);

/// As bodies of requests that make the same again.
struct CollectionSetup {
  std::string settings;   ///< of PUT /api/v1/collections/{name}
  std::string centroids;  ///< of PUT .../centroids; empty: there are none
  friend bool operator==(const CollectionSetup&, const CollectionSetup&) = default;
};

/// As the collection stands now; throws Failure.
CollectionSetup setup_of(ApiClient& client, const std::string& collection);

/// The text of the file, and back; throws Failure when it is not one.
std::string settings_text(const std::string& collection, const CollectionSetup& setup);
CollectionSetup parse_settings(const std::string& text, const std::string& file);

/// What the file beside `file` says; nothing when there is none. Throws Failure.
std::optional<CollectionSetup> read_settings_beside(const std::string& file);

/// With `options` in the place of what they name. Centroids stay only with the number of shards and
/// the dimension that they were found for.
CollectionSetup with_options(CollectionSetup setup, const CollectionOptions& options);

}  // namespace mosaic::cli
