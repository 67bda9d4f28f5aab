#include "cli/json_fields.hpp"

#include "cli/progress.hpp"

namespace mosaic::cli {
namespace {

std::string shown(const nlohmann::json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string out;
  for (const auto& item : value) out += (out.empty() ? "" : ", ") + shown(item);
  return out;
}

}  // namespace

std::string field(const nlohmann::json& object, const char* key) {
  if (!object.is_object() || !object.contains(key)) return "-";
  return shown(object[key]);
}

std::string count_field(const nlohmann::json& object, const char* key) {
  if (!object.is_object() || !object.contains(key)) return "-";
  const auto& value = object[key];
  return value.is_number_unsigned() ? with_thousands(value.get<std::uint64_t>()) : shown(value);
}

const nlohmann::json& items(const nlohmann::json& answer, const char* key) {
  static const auto kNone = nlohmann::json::array();
  if (answer.is_array()) return answer;
  if (!answer.is_object() || !answer.contains(key) || !answer[key].is_array()) return kNone;
  return answer[key];
}

}  // namespace mosaic::cli
