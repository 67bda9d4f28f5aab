// HNSW of faiss, over float32 and over 8-bit codes with float32 to refine.
#include <faiss/IndexHNSW.h>
#include <faiss/IndexRefine.h>
#include <faiss/index_io.h>
#include <omp.h>

#include <stdexcept>

#include "peer.hpp"

namespace mosaic::bench {
namespace {

faiss::MetricType metric_of(Metric metric) {
  if (metric == Metric::kL1) throw std::runtime_error("hnsw of faiss has no l1");
  return metric == Metric::kL2 ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
}

class FaissPeer : public Peer {
 public:
  FaissPeer(std::string name, std::unique_ptr<faiss::Index> index)
      : name_(std::move(name)), index_(std::move(index)) {
    omp_set_num_threads(1);
  }

  std::string name() const override { return name_; }

  void build(const VectorData& data) override {
    const auto rows = static_cast<faiss::Index::idx_t>(data.size());
    index_->train(rows, data.base.data());
    index_->add(rows, data.base.data());
  }

  void save(const std::string& path) override { faiss::write_index(index_.get(), path.c_str()); }
  void load(const std::string& path) override { index_.reset(faiss::read_index(path.c_str())); }

  void search(const float* query, std::size_t k, std::size_t ef,
              std::vector<std::size_t>& found) override {
    auto* refine = dynamic_cast<faiss::IndexRefineFlat*>(index_.get());
    auto* graph = refine == nullptr ? index_.get() : refine->base_index;
    if (refine != nullptr) refine->k_factor = kRefined;
    dynamic_cast<faiss::IndexHNSW&>(*graph).hnsw.efSearch = static_cast<int>(ef);
    std::vector<float> distances(k);
    std::vector<faiss::Index::idx_t> labels(k);
    index_->search(1, query, static_cast<faiss::Index::idx_t>(k), distances.data(), labels.data());
    found.clear();
    for (const auto label : labels) {
      if (label >= 0) found.push_back(static_cast<std::size_t>(label));
    }
  }

 private:
  const std::string name_;
  std::unique_ptr<faiss::Index> index_;
};

}  // namespace

void add_faiss(Peers& peers, const VectorData& data, const PeerOptions& options) {
  const auto metric = metric_of(data.metric);
  const auto dimension = static_cast<int>(data.dimension), m = static_cast<int>(options.m);
  auto flat = std::make_unique<faiss::IndexHNSWFlat>(dimension, m, metric);
  flat->hnsw.efConstruction = static_cast<int>(options.ef_construction);
  peers.push_back(std::make_unique<FaissPeer>("faiss", std::move(flat)));
  auto codes =
      std::make_unique<faiss::IndexHNSWSQ>(dimension, faiss::ScalarQuantizer::QT_8bit, m, metric);
  codes->hnsw.efConstruction = static_cast<int>(options.ef_construction);
  auto refined = std::make_unique<faiss::IndexRefineFlat>(codes.release());
  refined->own_fields = true;
  peers.push_back(std::make_unique<FaissPeer>("faiss-sq8", std::move(refined)));
}

}  // namespace mosaic::bench
