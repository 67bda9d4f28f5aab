// One import: reads the files on the calling thread, builds batches, has them sent by two more.
// Never holds more than the batch it builds and those that wait or are under way.
#pragma once

#include <memory>

#include "cli/arguments.hpp"
#include "cli/import/link_file.hpp"
#include "cli/import/pipeline.hpp"
#include "cli/import/record_reader.hpp"
#include "cli/import/tally.hpp"
#include "cli/settings_file.hpp"

namespace mosaic::cli {

class Importer {
 public:
  /// `arguments` and `tally` outlive it.
  Importer(const ImportArguments& arguments, ImportTally& tally)
      : arguments_(arguments), tally_(tally) {}

  /// Throws Failure when the import could not go on. Complete batches that were read before a bad
  /// line are sent all the same; the batch with the bad line is not.
  void run();

  /// Edges of the links file that begin at no document of the import.
  std::uint64_t unmatched_links() const { return links_.unmatched(); }

 private:
  void require_collection();
  void read_file(const std::string& path);
  void take(Record record);
  bool send_batch();
  void create_collection();
  std::optional<CollectionSetup> setup_beside_files() const;
  void start_pipeline();

  const ImportArguments& arguments_;
  ImportTally& tally_;
  LinkFile links_;
  Batch batch_;
  std::size_t first_dimension_ = 0;  // Of the first vector in the first batch.
  bool collection_missing_ = false;
  bool sending_failed_ = false;
  std::uint64_t running_ = 0;  // Ids of fvecs files.
  std::uint64_t bytes_before_ = 0;
  std::unique_ptr<ImportPipeline> pipeline_;
};

}  // namespace mosaic::cli
