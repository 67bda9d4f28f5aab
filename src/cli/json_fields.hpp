// Fields of the server's answers as text for people. Tolerant: a newer server may say more, an
// older one less; what is absent is shown as "-".
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mosaic::cli {

/// Texts as they are, numbers and booleans in JSON, lists joined by commas.
std::string field(const nlohmann::json& object, const char* key);

/// A count with thousands separated.
std::string count_field(const nlohmann::json& object, const char* key);

/// The array under `key`, or the answer itself when it is one; else an empty array.
const nlohmann::json& items(const nlohmann::json& answer, const char* key);

}  // namespace mosaic::cli
