// The collection that POST /api/search asks, so that a new node answers its first search.
#pragma once

#include "base/node_settings.hpp"
#include "mosaic/engine.hpp"

namespace mosaic::cli {

/// Makes it with the default settings where search.create_default says so and it is missing; one
/// that is there stays as it is. Waits for the engine's answer.
Status create_default_collection(Engine& engine, const NodeSettings& settings);

}  // namespace mosaic::cli
