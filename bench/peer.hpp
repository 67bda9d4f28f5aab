// Graphs of other libraries over the same vectors, where the library was there when this was
// built. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vector_data.hpp"

namespace mosaic::bench {

class Peer {
 public:
  virtual ~Peer() = default;
  virtual std::string name() const = 0;
  /// Puts all of `data` in.
  virtual void build(const VectorData& data) = 0;
  virtual void save(const std::string& path) = 0;
  /// What save() wrote.
  virtual void load(const std::string& path) = 0;
  /// Puts the numbers of the `k` nearest into `found`.
  virtual void search(const float* query, std::size_t k, std::size_t ef,
                      std::vector<std::size_t>& found) = 0;
};

using Peers = std::vector<std::unique_ptr<Peer>>;

/// As many candidates for each result are measured again with float32 where a graph has codes: 20
/// for 10, as in the index itself.
constexpr std::size_t kRefined = 2;

struct PeerOptions {
  std::size_t m = 16;
  std::size_t ef_construction = 200;
};

/// Libraries that this program was built without.
std::vector<std::string> absent_peers();
/// Those it was built with, over vectors like those of `data`, which stay where they are.
Peers make_peers(const VectorData& data, const PeerOptions& options);

/// Each adds its own.
void add_faiss(Peers& peers, const VectorData& data, const PeerOptions& options);
void add_usearch(Peers& peers, const VectorData& data, const PeerOptions& options);

}  // namespace mosaic::bench
