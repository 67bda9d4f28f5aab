#include "http/json_reader.hpp"
#include "http/json_requests.hpp"

namespace mosaic::http {
namespace {

FaultKind read_kind(JsonValue value) {
  const auto word = value.string();
  for (const auto kind :
       {FaultKind::kCrash, FaultKind::kStall, FaultKind::kSlow, FaultKind::kDrop}) {
    if (word == to_string(kind)) return kind;
  }
  value.refuse_value("one of crash, stall, slow, drop");
}

std::uint32_t read_number(JsonValue value, std::uint32_t low, std::uint32_t high) {
  return static_cast<std::uint32_t>(value.whole_number(low, high));
}

void read_field(FaultRequest& request, std::string_view key, JsonValue value) {
  if (key == "part") {
    request.part = value.string();
  } else if (key == "fault") {
    request.kind = read_kind(value);
  } else if (key == "collection") {
    request.collection = value.string();
  } else if (key == "shard") {
    request.shard = {read_number(value, 0, kShardsMax - 1)};
  } else if (key == "duration_ms") {
    request.duration_ms = read_number(value, 0, kFaultDurationMsMax);
  } else if (key == "count") {
    request.count = read_number(value, 1, kFaultCountMax);
  } else {
    refuse_unknown(value);
  }
}

}  // namespace

FaultRequest read_fault(std::string body) {
  FaultRequest request;
  bool part = false;
  bool fault = false;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field([&](std::string_view key, JsonValue value) {
      read_field(request, key, value);
      part |= key == "part";
      fault |= key == "fault";
    });
    if (!part) refuse_missing("part", object.path());
    if (!fault) refuse_missing("fault", object.path());
  });
  return request;
}

}  // namespace mosaic::http
