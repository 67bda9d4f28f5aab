#include "peer.hpp"

namespace mosaic::bench {

std::vector<std::string> absent_peers() {
  std::vector<std::string> absent;
#ifndef MOSAIC_BENCH_FAISS
  absent.push_back("faiss");
#endif
#ifndef MOSAIC_BENCH_USEARCH
  absent.push_back("usearch");
#endif
  return absent;
}

Peers make_peers([[maybe_unused]] const VectorData& data,
                 [[maybe_unused]] const PeerOptions& options) {
  Peers peers;
#ifdef MOSAIC_BENCH_FAISS
  add_faiss(peers, data, options);
#endif
#ifdef MOSAIC_BENCH_USEARCH
  add_usearch(peers, data, options);
#endif
  return peers;
}

}  // namespace mosaic::bench
