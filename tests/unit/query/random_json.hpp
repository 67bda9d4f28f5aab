// Random documents and filters over few keys and values, so that matches are frequent, with the
// values that tend to go wrong among them.
#pragma once

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace mosaic::query {

class RandomJson {
 public:
  using Json = nlohmann::json;

  explicit RandomJson(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  Json document() {
    Json made = {{"$id", "d" + std::to_string(below(20))}};
    if (below(3) != 0) made["$title"] = text();
    if (below(3) != 0) made["$text"] = text() + text();
    if (below(5) != 0) made["metadata"] = object(3);
    return made;
  }

  Json filter(int depth) {
    Json made = Json::object();
    for (auto conditions = below(3); conditions <= 2; ++conditions) add_condition(made, depth);
    return made;
  }

  Json scalar() {
    static const std::vector<Json> kNumbers = {0,
                                               1,
                                               1.0,
                                               -1,
                                               2,
                                               0.5,
                                               -2.5,
                                               1e300,
                                               9007199254740992,
                                               9007199254740993,
                                               9007199254740992.0,
                                               INT64_MAX,
                                               INT64_MIN,
                                               9223372036854775808u,
                                               9223372036854775808.0,
                                               UINT64_MAX,
                                               18446744073709551616.0,
                                               1e19};
    const auto kind = below(8);
    if (kind == 0) return nullptr;
    if (kind == 1) return below(2) == 0;
    if (kind < 5) return text();
    return kNumbers[below(below(3) == 0 ? kNumbers.size() : 7)];
  }

 private:
  std::string text() {
    static const std::vector<std::string> kTexts = {"", "a", "ab", "b", "B", "1", "true", "\u00e9"};
    return kTexts[below(kTexts.size())];
  }

  std::string key() { return std::string(1, static_cast<char>('a' + below(3))); }

  std::string path() {
    static const std::vector<std::string> kOwn = {"$id", "$title", "$text"};
    if (below(8) == 0) return kOwn[below(kOwn.size())];
    return below(3) == 0 ? key() + "." + key() : key();
  }

  Json value(int depth) {
    if (depth == 0 || below(3) != 0) return scalar();
    return below(2) == 0 ? array(depth - 1) : object(depth - 1);
  }

  Json array(int depth) {
    Json made = Json::array();
    for (auto items = below(4); items > 0; --items) made.push_back(value(depth));
    return made;
  }

  Json object(int depth) {
    Json made = Json::object();
    for (auto keys = below(4); keys > 0; --keys) made[key()] = value(depth);
    return made;
  }

  Json bound() {
    Json made = scalar();
    while (!made.is_number() && !made.is_string()) made = scalar();
    return made;
  }

  Json operators(int depth) {
    static const std::vector<std::string> kOrderings = {"$gt", "$gte", "$lt", "$lte"};
    Json made = Json::object();
    for (auto count = 1 + below(2); count > 0; --count) {
      switch (below(8)) {
        case 0:
          made["$eq"] = value(1);
          break;
        case 1:
          made["$ne"] = value(1);
          break;
        case 2:
          made["$in"] = array(1);
          break;
        case 3:
          made["$nin"] = array(1);
          break;
        case 4:
          made["$exists"] = below(2) == 0;
          break;
        case 5:
          made["$contains"] = value(1);
          break;
        case 6:
          if (depth > 0) made["$not"] = operators(depth - 1);
          [[fallthrough]];
        default:
          made[kOrderings[below(4)]] = bound();
      }
    }
    return made;
  }

  Json list(int depth) {
    Json made = Json::array();
    for (auto items = 1 + below(3); items > 0; --items) made.push_back(filter(depth));
    return made;
  }

  void add_condition(Json& filter, int depth) {
    const auto kind = depth == 0 ? 9 : below(10);
    if (kind == 0) {
      filter["$and"] = list(depth - 1);
    } else if (kind <= 2) {
      filter["$or"] = list(depth - 1);
    } else if (kind == 3) {
      filter["$not"] = this->filter(depth - 1);
    } else {
      filter[path()] = below(3) == 0 ? value(1) : operators(2);
    }
  }

  std::mt19937_64 random_;
};

}  // namespace mosaic::query
