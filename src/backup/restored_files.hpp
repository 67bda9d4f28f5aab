// Files that are being restored: each is `<name>.part` until all of them are whole, and nothing of
// them is left unless keep() was called. Belongs to one run; functions throw Failure.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "backup/disk_file.hpp"
#include "backup/manifest.hpp"

namespace mosaic::backup {

class RestoredFiles {
 public:
  /// Makes the folder when it is missing. already_exists when a file of one of the names is there.
  RestoredFiles(std::filesystem::path folder, const std::vector<ManifestFile>& files);
  ~RestoredFiles();
  RestoredFiles(const RestoredFiles&) = delete;
  RestoredFiles& operator=(const RestoredFiles&) = delete;

  /// As much of the page as the file is long.
  void write_page(std::size_t file, std::uint64_t page, std::string_view bytes);
  /// Synced, and its bytes read from the disk have the SHA-256 of the manifest.
  bool verify(std::size_t file) const;
  /// Gives all of them their names, durably.
  std::vector<std::filesystem::path> keep();

 private:
  void remove_all() const;
  std::filesystem::path part_of(std::size_t file) const;

  const std::filesystem::path folder_;
  const std::vector<ManifestFile>& files_;
  bool made_folder_ = false;
  bool kept_ = false;
  std::vector<DiskFile> open_;
};

}  // namespace mosaic::backup
