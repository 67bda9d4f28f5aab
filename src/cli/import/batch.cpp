#include "cli/import/batch.hpp"

#include <algorithm>
#include <functional>

namespace mosaic::cli {

Batch::Item Batch::make_item(const Record& record) {
  return {record.place, to_json(record), std::hash<std::string>{}(record.id), record.links.size()};
}

void Batch::add(Item item) {
  bytes_ += item.json.size() + 1;
  id_hashes_.insert(item.id_hash);
  items_.push_back(std::move(item));
}

void Batch::erase(std::size_t position) {
  bytes_ -= items_[position].json.size() + 1;
  items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(position));
}

std::size_t Batch::links() const {
  std::size_t links = 0;
  for (const auto& item : items_) links += item.links;
  return links;
}

std::string Batch::body() const {
  std::string out = R"({"documents":[)";
  out.reserve(out.size() + bytes_ + 2);
  for (const auto& item : items_) {
    out += item.json;
    out += ',';
  }
  if (!items_.empty()) out.pop_back();
  return out + "]}";
}

std::pair<Batch, Batch> Batch::halves() const {
  std::pair<Batch, Batch> out;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    (i < items_.size() / 2 ? out.first : out.second).add(items_[i]);
  }
  return out;
}

bool Batch::overlaps(const Batch& other) const {
  return std::any_of(id_hashes_.begin(), id_hashes_.end(),
                     [&](std::size_t hash) { return other.id_hashes_.count(hash) != 0; });
}

}  // namespace mosaic::cli
