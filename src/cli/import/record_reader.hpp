// Reads the documents of one file, whatever its format. One thread; holds one document at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cli/import/input_file.hpp"
#include "cli/import/record.hpp"

namespace mosaic::cli {

enum class ImportFormat { kJsonl, kCsv, kFvecs };

/// The format of a file: the word of --format, else what its name ends in (.gz left aside), else
/// JSONL for standard input. Throws UsageError for what this version does not read.
ImportFormat import_format(const std::string& word, const std::string& path);

class RecordReader {
 public:
  virtual ~RecordReader() = default;

  /// The next document, a line that is none (reading may go on behind it) or the end. Throws
  /// Failure when the file itself cannot be read.
  virtual ReadResult next() = 0;
};

/// `file` and `running` outlive the reader. `running` numbers the vectors of fvecs files, which
/// have no ids of their own, on over all files.
std::unique_ptr<RecordReader> make_reader(ImportFormat format, InputFile& file,
                                          std::uint64_t& running);

}  // namespace mosaic::cli
