#include "base/file_digest.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "base/digest.hpp"

namespace mosaic {
namespace {

constexpr std::size_t kReadBytes = 1 << 20;

Error unreadable(const std::filesystem::path& path) {
  return {ErrorCode::kUnavailable,
          fmt::format("'{}' cannot be read: {}", path.filename().string(), std::strerror(errno))};
}

}  // namespace

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             std::fclose);
  if (!file) return unreadable(path);
  Sha256 digest;
  std::vector<char> buffer(kReadBytes);
  while (const auto read = std::fread(buffer.data(), 1, buffer.size(), file.get()))
    digest.update({buffer.data(), read});
  if (std::ferror(file.get()) != 0) return unreadable(path);
  return to_hex(digest.finish());
}

}  // namespace mosaic
