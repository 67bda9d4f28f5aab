// The links and codes of a graph in anonymous memory, in huge pages where the system gives them: a
// walk touches them at random, and with small pages each touch would also miss the TLB. Owned by
// the graph; immutable once it is filled.
#pragma once

#include <atomic>
#include <memory>

#include "index/graph/graph_file.hpp"
#include "index/graph/huge_bytes.hpp"
#include "mosaic/result.hpp"

namespace mosaic::index {

class HotArrays {
 public:
  /// Copies and verifies. corrupt_data when the file is damaged; null once `stop` is true.
  static Result<std::unique_ptr<const HotArrays>> load(const GraphFile& file,
                                                       const std::atomic<bool>& stop);

  const std::byte* links() const { return links_.data(); }
  const std::byte* codes() const { return codes_.data(); }
  std::size_t bytes() const { return links_.size() + codes_.size(); }

 private:
  HotArrays(std::size_t link_bytes, std::size_t code_bytes)
      : links_(link_bytes), codes_(code_bytes) {}

  HugeBytes links_;
  HugeBytes codes_;
};

}  // namespace mosaic::index
