// Zeroed memory in huge pages, where the system gives them: touching it for the first time costs a
// fifth, touching it at random does not miss the TLB. Owned like a unique_ptr.
#pragma once

#include <cstddef>

namespace mosaic::index {

class HugeBytes {
 public:
  /// Starts on a huge page. Throws unavailable when there is no memory.
  explicit HugeBytes(std::size_t bytes);
  ~HugeBytes();
  HugeBytes(const HugeBytes&) = delete;
  HugeBytes& operator=(const HugeBytes&) = delete;

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  void* mapped_ = nullptr;
  std::size_t mapped_bytes_ = 0;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace mosaic::index
