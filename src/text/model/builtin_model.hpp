// The model that is part of the program: the files of assets/embedding, linked in.
#pragma once

#include <memory>

#include "text/model/static_model.hpp"

namespace mosaic::text {

/// Opened at the first call, 256 numbers a vector; never null.
std::shared_ptr<const StaticModel> builtin_model();

}  // namespace mosaic::text
