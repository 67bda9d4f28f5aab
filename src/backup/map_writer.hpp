// Collects the maps of a run's files and sends them in pieces. A piece names packs, so it waits
// until all that it names have been sent. Belongs to one run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "backup/pack_list.hpp"

namespace mosaic::backup {

class MapWriter {
 public:
  /// For so many files.
  MapWriter(ObjectStore& store, std::uint64_t tag, const PackList& packs, std::size_t files)
      : store_(store), tag_(tag), packs_(packs), layers_(files) {}

  /// To the new layer of a file, in ascending order of pages.
  void add(std::size_t file, const MapEntry& entry);
  /// The file has no more.
  void end_file(std::size_t file);
  std::size_t waiting() const { return waiting_.size(); }
  /// Sends what waits; no pack may be open. Throws Failure. The bytes that went up.
  std::uint64_t send_waiting();
  /// The new layer of a file; empty when nothing has changed.
  const std::vector<PieceRef>& layer(std::size_t file) const { return layers_[file]; }

 private:
  struct Waiting {
    std::size_t file;
    std::vector<MapEntry> entries;
  };

  ObjectStore& store_;
  const std::uint64_t tag_;
  const PackList& packs_;
  std::vector<MapEntry> entries_;
  std::vector<Waiting> waiting_;
  std::vector<std::vector<PieceRef>> layers_;
};

}  // namespace mosaic::backup
