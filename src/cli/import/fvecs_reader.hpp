// Vectors of an fvecs file (corpus-texmex.irisa.fr): for each an int32 dimension and that many
// float32, little-endian. They have no ids: the running number from 0 becomes the id.
#pragma once

#include "cli/import/record_reader.hpp"

namespace mosaic::cli {

class FvecsReader : public RecordReader {
 public:
  FvecsReader(InputFile& file, std::uint64_t& running) : file_(file), running_(running) {}
  ReadResult next() override;

 private:
  BadLine bad(std::string reason, bool ends_file) const;

  InputFile& file_;
  std::uint64_t& running_;
  std::uint64_t number_ = 0;  ///< of the vector within its file, from 1
};

}  // namespace mosaic::cli
