#include "http/centroid_replies.hpp"

#include "base/json_writer.hpp"

namespace mosaic::http {
namespace {

template <class Number>
void write_numbers(JsonWriter& json, const std::vector<Number>& numbers) {
  json.begin_array();
  for (const auto number : numbers) json.number(number);
  json.end_array();
}

}  // namespace

std::string centroids_json(const Centroids& centroids) {
  JsonWriter json;
  json.begin_object().key("centroids").begin_array();
  for (const auto& vector : centroids.vectors) write_numbers(json, vector);
  json.end_array();
  json.key("seq").number(centroids.seq);
  json.key("settled").boolean(centroids.settled);
  json.key("recall");
  write_numbers(json, centroids.recall);
  json.end_object();
  return json.take();
}

}  // namespace mosaic::http
