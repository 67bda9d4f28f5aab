#include <limits>

#include <fmt/format.h>

#include "http/json_reader.hpp"
#include "http/json_requests.hpp"

namespace mosaic::http {
namespace {

std::vector<Vector> read_vectors(JsonValue value) {
  std::vector<Vector> vectors;
  value.each_item([&](JsonValue item) {
    if (vectors.size() == kShardsMax) {
      throw Failure(invalid(fmt::format("centroids has more than {} vectors", kShardsMax)));
    }
    vectors.push_back(item.vector());
  });
  return vectors;
}

void read_option(TrainOptions& options, std::string_view key, JsonValue value) {
  if (key == "sample") {
    options.sample = static_cast<std::uint32_t>(value.whole_number(1, kTrainSampleMax));
  } else if (key == "iterations") {
    options.iterations = static_cast<std::uint32_t>(value.whole_number(1, kTrainIterationsMax));
  } else if (key == "seed") {
    options.seed = value.whole_number(0, std::numeric_limits<std::uint64_t>::max());
  } else {
    refuse_unknown(value);
  }
}

}  // namespace

CentroidsRequest read_centroids(std::string collection, std::string body) {
  CentroidsRequest request{std::move(collection), {}};
  bool given = false;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field([&](std::string_view key, JsonValue value) {
      if (key != "centroids") refuse_unknown(value);
      request.vectors = read_vectors(value);
      given = true;
    });
    if (!given) refuse_missing("centroids", object.path());
  });
  return request;
}

TrainRequest read_train(std::string collection, std::string body) {
  TrainRequest request{std::move(collection), {}};
  if (body.empty()) return request;
  JsonText(std::move(body)).read([&](JsonObject object) {
    object.each_field(
        [&](std::string_view key, JsonValue value) { read_option(request.options, key, value); });
  });
  return request;
}

}  // namespace mosaic::http
