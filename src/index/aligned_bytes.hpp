// Bytes that start on a cache line. Owned like a unique_ptr.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace mosaic::index {

struct FreeBytes {
  void operator()(std::byte* bytes) const { ::operator delete[](bytes, std::align_val_t{64}); }
};

using AlignedBytes = std::unique_ptr<std::byte[], FreeBytes>;

/// `count` bytes, uninitialised.
inline AlignedBytes aligned_bytes(std::size_t count) {
  return AlignedBytes(static_cast<std::byte*>(::operator new[](count, std::align_val_t{64})));
}

}  // namespace mosaic::index
