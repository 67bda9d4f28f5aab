// What SQL of strangers may touch, as an authorizer of SQLite asks it while it prepares a
// statement.
#pragma once

#include <string>

namespace mosaic::storage {

/// The secret names, and whether strangers' SQL is being prepared or run just now.
struct SandboxRules {
  std::string view;
  std::string past_view;  ///< also the beginning of the names of its functions
  bool active = false;
};

/// A callback for sqlite3_set_authorizer; `rules` is a SandboxRules.
int authorize(void* rules, int action, const char* first, const char* second, const char* database,
              const char* origin);

}  // namespace mosaic::storage
