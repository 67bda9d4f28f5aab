#include "storage/page_walk.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/checksum.hpp"
#include "base/file_bytes.hpp"
#include "storage/checksum_vfs.hpp"

namespace mosaic::storage {
namespace {

constexpr std::size_t kReadPages = 64;
constexpr std::size_t kPagesInHeader = 28;

std::uint32_t pages_of(const char* first_page) {
  std::array<unsigned char, 4> b;
  std::memcpy(b.data(), first_page + kPagesInHeader, b.size());
  return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
}

/// A page that the log was not moved to yet, while one behind it was.
bool is_hole(const char* page) {
  return std::all_of(page, page + kPageBytes, [](char byte) { return byte == 0; });
}

/// How many pages there are to be: the last commit says it, else the file's header, else its size.
std::uint64_t expected_pages(const FileBytes& file, const WalContents& wal) {
  if (wal.database_pages != 0) return wal.database_pages;
  std::vector<char> page(kPageBytes);
  if (file.read(0, page) == page.size() && page_matches(page.data(), 1)) {
    return pages_of(page.data());
  }
  return (file.size() + kPageBytes - 1) / kPageBytes;
}

}  // namespace

PageReport walk_pages(const std::filesystem::path& database, const WalContents& wal,
                      const std::function<void(std::uint64_t)>& progress) {
  const FileBytes file(database);
  PageReport report;
  report.pages = expected_pages(file, wal);
  std::vector<char> bytes(kReadPages * kPageBytes);
  for (std::uint64_t first = 0; first < report.pages; first += kReadPages) {
    const auto got = file.read(first * kPageBytes, bytes);
    progress(got);
    for (std::uint64_t i = 0; i < kReadPages && first + i < report.pages; ++i) {
      const auto number = static_cast<std::uint32_t>(first + i + 1);
      const bool whole = (i + 1) * kPageBytes <= got;
      if (whole && page_matches(bytes.data() + i * kPageBytes, number)) continue;
      if (!wal.pages.contains(number)) {
        report.damaged.push_back(number);
      } else if (whole && !is_hole(bytes.data() + i * kPageBytes)) {
        report.shadowed.push_back(number);
      }
    }
  }
  return report;
}

}  // namespace mosaic::storage
