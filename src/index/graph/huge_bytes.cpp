#include "index/graph/huge_bytes.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cstdint>

#include "base/failure.hpp"

namespace mosaic::index {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
/// What is left for the last page must be worth that much memory.
constexpr std::size_t kLastBytesMin = kHugePage / 8;

std::size_t rounded_up(std::size_t bytes) {
  return (bytes + kHugePage - 1) / kHugePage * kHugePage;
}

std::size_t in_huge_pages(std::size_t bytes) {
  return (bytes + kHugePage - kLastBytesMin) / kHugePage * kHugePage;
}

}  // namespace

HugeBytes::HugeBytes(std::size_t bytes)
    : mapped_bytes_(rounded_up(bytes) + kHugePage), size_(bytes) {
  mapped_ =
      mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped_ == MAP_FAILED) {
    throw Failure(ErrorCode::kUnavailable,
                  fmt::format("no memory for {} bytes of a vector index", bytes));
  }
  data_ = reinterpret_cast<std::byte*>(rounded_up(reinterpret_cast<std::uintptr_t>(mapped_)));
  madvise(data_, in_huge_pages(bytes), MADV_HUGEPAGE);
}

HugeBytes::~HugeBytes() {
  munmap(mapped_, mapped_bytes_);
}

}  // namespace mosaic::index
