// Documents of a JSONL file: one JSON object a line, blank lines left out.
#pragma once

#include "cli/import/record_reader.hpp"

namespace mosaic::cli {

class JsonlReader : public RecordReader {
 public:
  explicit JsonlReader(InputFile& file) : file_(file) { file_.skip_byte_order_mark(); }
  ReadResult next() override;

 private:
  InputFile& file_;
  std::uint64_t number_ = 0;
  std::string line_;
};

}  // namespace mosaic::cli
