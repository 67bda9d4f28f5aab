#include "backup/restored_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "backup/page.hpp"
#include "base/durable_file.hpp"
#include "base/failure.hpp"

namespace mosaic::backup {
namespace {

namespace fs = std::filesystem;

bool is_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

RestoredFiles::RestoredFiles(fs::path folder, const std::vector<ManifestFile>& files)
    : folder_(std::move(folder)), files_(files), made_folder_(!fs::exists(folder_)) {
  make_durable_folder(folder_, kPrivateFolder);
  for (const auto& file : files_) {
    if (fs::exists(folder_ / file.name)) {
      throw Failure(ErrorCode::kAlreadyExists,
                    fmt::format("'{}' exists", (folder_ / file.name).string()));
    }
  }
  try {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      // What a restore that was killed has left is nobody's.
      open_.emplace_back(part_of(i), O_RDWR | O_CREAT | O_TRUNC);
      open_.back().resize(files_[i].bytes);
    }
  } catch (...) {
    remove_all();
    throw;
  }
}

RestoredFiles::~RestoredFiles() {
  if (!kept_) remove_all();
}

void RestoredFiles::remove_all() const {
  std::error_code ignored;
  for (std::size_t i = 0; i < open_.size(); ++i) {
    fs::remove(part_of(i), ignored);
    fs::remove(folder_ / files_[i].name, ignored);
  }
  if (made_folder_) fs::remove(folder_, ignored);
}

fs::path RestoredFiles::part_of(std::size_t file) const {
  return folder_ / (files_[file].name + ".part");
}

void RestoredFiles::write_page(std::size_t file, std::uint64_t page, std::string_view bytes) {
  // The file is as long as it will be: holes read as zeros.
  if (is_zero(bytes)) return;
  const auto offset = page * kPageBytes;
  open_[file].write_at(
      offset, bytes.substr(0, std::min<std::uint64_t>(bytes.size(), files_[file].bytes - offset)));
}

bool RestoredFiles::verify(std::size_t file) const {
  const auto& disk = open_[file];
  disk.sync();
  disk.forget_cached();
  Sha256 digest;
  std::string buffer(1 << 20, '\0');
  std::uint64_t offset = 0;
  while (const auto got = disk.read_at(offset, buffer.data(), buffer.size())) {
    digest.update({buffer.data(), got});
    offset += got;
  }
  return offset == files_[file].bytes && digest.finish() == files_[file].digest;
}

std::vector<fs::path> RestoredFiles::keep() {
  std::vector<fs::path> paths;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    paths.push_back(folder_ / files_[i].name);
    std::error_code error;
    fs::rename(part_of(i), paths.back(), error);
    if (error) {
      throw Failure(ErrorCode::kUnavailable,
                    fmt::format("cannot write '{}': {}", paths.back().string(), error.message()));
    }
  }
  sync_folder(folder_);
  kept_ = true;
  return paths;
}

}  // namespace mosaic::backup
