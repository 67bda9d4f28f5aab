// usearch over float32, and over int8 with float32 to refine, which the library leaves to its user.
#include <algorithm>
#include <stdexcept>
#include <usearch/index_dense.hpp>

#include "index/measure.hpp"
#include "peer.hpp"

namespace mosaic::bench {
namespace {

namespace us = unum::usearch;

us::metric_kind_t metric_of(Metric metric) {
  if (metric == Metric::kL1) throw std::runtime_error("usearch has no l1");
  if (metric == Metric::kL2) return us::metric_kind_t::l2sq_k;
  return metric == Metric::kCosine ? us::metric_kind_t::cos_k : us::metric_kind_t::ip_k;
}

class UsearchPeer : public Peer {
 public:
  UsearchPeer(std::string name, const VectorData& data, const PeerOptions& options,
              us::scalar_kind_t scalar)
      : name_(std::move(name)), data_(data), refine_(scalar != us::scalar_kind_t::f32_k) {
    auto made =
        us::index_dense_t::make(us::metric_punned_t(data.dimension, metric_of(data.metric), scalar),
                                us::index_dense_config_t(options.m, options.ef_construction, 64));
    if (!made) throw std::runtime_error(made.error.release());
    index_ = std::move(made.index);
  }

  std::string name() const override { return name_; }

  void build(const VectorData& data) override {
    if (!index_.try_reserve(data.size())) throw std::runtime_error("usearch: no memory");
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (auto added = index_.add(i, data.row(i)); !added) {
        throw std::runtime_error(added.error.release());
      }
    }
  }

  void save(const std::string& path) override {
    if (auto saved = index_.save(path.c_str()); !saved) {
      throw std::runtime_error(saved.error.release());
    }
  }

  void load(const std::string& path) override {
    if (auto loaded = index_.load(path.c_str()); !loaded) {
      throw std::runtime_error(loaded.error.release());
    }
  }

  void search(const float* query, std::size_t k, std::size_t ef,
              std::vector<std::size_t>& found) override {
    index_.change_expansion_search(ef);
    const std::size_t wanted = refine_ ? kRefined * k : k;
    keys_.resize(wanted);
    keys_.resize(index_.search(query, wanted).dump_to(keys_.data()));
    found.assign(keys_.begin(), keys_.end());
    if (refine_) refine(query, k, found);
  }

 private:
  void refine(const float* query, std::size_t k, std::vector<std::size_t>& found) {
    const index::Measure measure(data_.metric, {query, data_.dimension});
    std::vector<std::pair<double, std::size_t>> measured;
    for (const auto number : found) {
      const auto scale =
          index::Measure::scale_of(data_.metric, {data_.row(number), data_.dimension});
      measured.emplace_back(measure.key(data_.row(number), scale), number);
    }
    std::ranges::sort(measured);
    found.clear();
    for (std::size_t i = 0; i < std::min(k, measured.size()); ++i) {
      found.push_back(measured[i].second);
    }
  }

  const std::string name_;
  const VectorData& data_;
  const bool refine_;
  us::index_dense_t index_;
  std::vector<us::index_dense_t::vector_key_t> keys_;
};

}  // namespace

void add_usearch(Peers& peers, const VectorData& data, const PeerOptions& options) {
  peers.push_back(
      std::make_unique<UsearchPeer>("usearch", data, options, us::scalar_kind_t::f32_k));
  // It scales vectors to length 1 before it makes them int8.
  if (data.metric != Metric::kCosine) return;
  peers.push_back(
      std::make_unique<UsearchPeer>("usearch-i8", data, options, us::scalar_kind_t::i8_k));
}

}  // namespace mosaic::bench
