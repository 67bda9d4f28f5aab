#include "http/json_reader.hpp"
#include "http/json_requests.hpp"

namespace mosaic::http {
namespace {

log::Level read_level(JsonValue value) {
  const auto level = log::level_of(value.string());
  if (!level) value.refuse_value("one of trace, debug, info, warn, error, critical, off");
  return *level;
}

}  // namespace

log::Level read_log_level(std::string body) {
  std::optional<log::Level> level;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field([&](std::string_view key, JsonValue value) {
      if (key != "level") refuse_unknown(value);
      level = read_level(value);
    });
    if (!level) refuse_missing("level", object.path());
  });
  return *level;
}

}  // namespace mosaic::http
