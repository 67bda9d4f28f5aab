#include "storage/sandbox_functions.hpp"

#include <sqlite3.h>

#include <cstring>
#include <optional>
#include <string_view>

#include "storage/pattern.hpp"

namespace mosaic::storage {
namespace {

Patience patience_of(sqlite3_context* context) {
  return Patience(*static_cast<Deadline*>(sqlite3_user_data(context)));
}

void stop(sqlite3_context* context) {
  sqlite3_result_error_code(context, SQLITE_INTERRUPT);
}

bool is_null(sqlite3_value* value) {
  return sqlite3_value_type(value) == SQLITE_NULL;
}
bool is_blob(sqlite3_value* value) {
  return sqlite3_value_type(value) == SQLITE_BLOB;
}

std::string_view text_of(sqlite3_value* value) {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (text == nullptr) return "";
  return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

std::string_view blob_of(sqlite3_value* value) {
  const auto* const bytes = static_cast<const char*>(sqlite3_value_blob(value));
  if (bytes == nullptr) return "";
  return {bytes, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

int limit_of(sqlite3_context* context, int limit) {
  return sqlite3_limit(sqlite3_context_db_handle(context), limit, -1);
}

void give(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void answer(sqlite3_context* context, Match match) {
  if (match == Match::kStopped) return stop(context);
  sqlite3_result_int(context, match == Match::kYes ? 1 : 0);
}

/// False when the answer has been given without a comparison. NULLs are left to the caller: SQLite
/// looks at the escape character before them.
bool comparable(sqlite3_context* context, sqlite3_value** values) {
  if (is_blob(values[0]) || is_blob(values[1])) {
    sqlite3_result_int(context, 0);  // As Debian builds SQLite: blobs match no pattern.
    return false;
  }
  const auto longest = limit_of(context, SQLITE_LIMIT_LIKE_PATTERN_LENGTH);
  if (text_of(values[0]).size() <= static_cast<std::size_t>(longest)) return true;
  sqlite3_result_error(context, "LIKE or GLOB pattern too complex", -1);
  return false;
}

/// The escape character; nothing when the answer has been given instead.
std::optional<std::string_view> escape_of(sqlite3_context* context, int count,
                                          sqlite3_value** values) {
  if (count < 3) return "";
  if (is_null(values[2])) return std::nullopt;
  const auto escape = text_of(values[2]);
  if (!escape.empty() && character_bytes(escape, 0) == escape.size()) return escape;
  sqlite3_result_error(context, "ESCAPE expression must be a single character", -1);
  return std::nullopt;
}

/// like(PATTERN, TEXT[, ESCAPE]) is what `TEXT LIKE PATTERN ESCAPE ESCAPE` calls.
void sql_like(sqlite3_context* context, int count, sqlite3_value** values) {
  if (!comparable(context, values)) return;
  const auto escape = escape_of(context, count, values);
  if (!escape || is_null(values[0]) || is_null(values[1])) return;
  auto patience = patience_of(context);
  answer(context, like(text_of(values[0]), text_of(values[1]), *escape, patience));
}

void sql_glob(sqlite3_context* context, int, sqlite3_value** values) {
  if (!comparable(context, values) || is_null(values[0]) || is_null(values[1])) return;
  auto patience = patience_of(context);
  answer(context, glob(text_of(values[0]), text_of(values[1]), patience));
}

std::size_t count_characters(std::string_view text) {
  std::size_t characters = 0;
  for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return characters;
}

/// Positions count from 1: bytes between two blobs, characters otherwise.
void sql_instr(sqlite3_context* context, int, sqlite3_value** values) {
  if (is_null(values[0]) || is_null(values[1])) return;
  const bool bytes = is_blob(values[0]) && is_blob(values[1]);
  const auto text = bytes ? blob_of(values[0]) : text_of(values[0]);
  const auto needle = bytes ? blob_of(values[1]) : text_of(values[1]);
  if (needle.empty()) return sqlite3_result_int(context, 1);
  auto patience = patience_of(context);
  const auto found = find(text, needle, 0, patience);
  if (found.match != Match::kYes) return answer(context, found.match);
  const auto before = bytes ? found.at : count_characters(text.substr(0, found.at));
  sqlite3_result_int64(context, static_cast<sqlite3_int64>(before) + 1);
}

/// How often `needle` stands in `text`, taken from the left without overlaps.
std::optional<std::size_t> count_places(std::string_view text, std::string_view needle,
                                        Patience& patience) {
  std::size_t places = 0;
  for (std::size_t from = 0;; ++places) {
    const auto found = find(text, needle, from, patience);
    if (found.match == Match::kStopped) return std::nullopt;
    if (found.match == Match::kNo) return places;
    from = found.at + needle.size();
  }
}

char* append(char* out, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

/// Writes `text` with every `needle` replaced; false when the deadline passed.
bool write_replaced(char* out, std::string_view text, std::string_view needle,
                    std::string_view substitute, Patience& patience) {
  std::size_t from = 0;
  while (true) {
    const auto found = find(text, needle, from, patience);
    if (found.match == Match::kStopped) return false;
    if (found.match == Match::kNo) break;
    out = append(append(out, text.substr(from, found.at - from)), substitute);
    from = found.at + needle.size();
  }
  append(out, text.substr(from));
  return true;
}

void sql_replace(sqlite3_context* context, int, sqlite3_value** values) {
  if (is_null(values[0]) || is_null(values[1])) return;
  const auto text = text_of(values[0]);
  const auto needle = text_of(values[1]);
  if (needle.empty()) return sqlite3_result_value(context, values[0]);
  if (is_null(values[2])) return;
  const auto substitute = text_of(values[2]);
  auto patience = patience_of(context);
  const auto places = count_places(text, needle, patience);
  if (!places) return stop(context);
  const auto bytes = text.size() - *places * needle.size() + *places * substitute.size();
  if (bytes > static_cast<std::size_t>(limit_of(context, SQLITE_LIMIT_LENGTH))) {
    return sqlite3_result_error_toobig(context);
  }
  auto* const out = static_cast<char*>(sqlite3_malloc64(bytes + 1));
  if (out == nullptr) return sqlite3_result_error_nomem(context);
  const bool whole = write_replaced(out, text, needle, substitute, patience);
  sqlite3_result_text64(context, out, bytes, sqlite3_free, SQLITE_UTF8);
  if (!whole) stop(context);
}

std::size_t last_character_bytes(std::string_view text) {
  auto at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) --at;
  return text.size() - at;
}

/// Cuts characters of `set` off one end of `text`.
template <class Character, class Cut>
Match trim_end(std::string_view& text, std::string_view set, Patience& patience,
               Character character, Cut cut) {
  while (!text.empty()) {
    const auto found = find(set, character(text), 0, patience);
    if (found.match != Match::kYes) return found.match;
    cut(text, character(text).size());
  }
  return Match::kNo;
}

Match trim_left(std::string_view& text, std::string_view set, Patience& patience) {
  return trim_end(
      text, set, patience,
      [](std::string_view rest) { return rest.substr(0, character_bytes(rest, 0)); },
      [](std::string_view& rest, std::size_t bytes) { rest.remove_prefix(bytes); });
}

Match trim_right(std::string_view& text, std::string_view set, Patience& patience) {
  return trim_end(
      text, set, patience,
      [](std::string_view rest) { return rest.substr(rest.size() - last_character_bytes(rest)); },
      [](std::string_view& rest, std::size_t bytes) { rest.remove_suffix(bytes); });
}

template <bool Left, bool Right>
void sql_trim(sqlite3_context* context, int, sqlite3_value** values) {
  if (is_null(values[0]) || is_null(values[1])) return;
  auto text = text_of(values[0]);
  const auto set = text_of(values[1]);
  auto patience = patience_of(context);
  if (Left && trim_left(text, set, patience) == Match::kStopped) return stop(context);
  if (Right && trim_right(text, set, patience) == Match::kStopped) return stop(context);
  give(context, text);
}

struct Function {
  const char* name;
  int arguments;
  void (*call)(sqlite3_context*, int, sqlite3_value**);
};

constexpr Function kFunctions[] = {
    {"like", 2, sql_like},
    {"like", 3, sql_like},
    {"glob", 2, sql_glob},
    {"instr", 2, sql_instr},
    {"replace", 3, sql_replace},
    {"trim", 2, sql_trim<true, true>},
    {"ltrim", 2, sql_trim<true, false>},
    {"rtrim", 2, sql_trim<false, true>},
};

}  // namespace

void register_sandbox_functions(Database& database, Deadline* deadline) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  for (const auto& function : kFunctions) {
    const int rc =
        sqlite3_create_function_v2(database.handle(), function.name, function.arguments, kFlags,
                                   deadline, function.call, nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) database.fail(rc, "registering SQL functions");
  }
}

}  // namespace mosaic::storage
