#include "cli/import/importer.hpp"

#include <fmt/format.h>

#include "cli/commands.hpp"

namespace mosaic::cli {
namespace {

constexpr int kSenders = 2;
constexpr int kNotFound = 404;

}  // namespace

void Importer::require_collection() {
  ApiClient client(arguments_.server);
  const auto answer = client.send("GET", collection_path(arguments_.collection));
  if (answer.ok()) return;
  collection_missing_ = answer.status == kNotFound && parse_problem(answer).code == "not_found";
  if (!collection_missing_) throw problem(answer);
  if (!arguments_.create) {
    throw Failure(ErrorCode::kNotFound,
                  problem(answer).error().detail + "; --create makes the collection");
  }
}

void Importer::create_collection() {
  auto options = arguments_.options;
  if (!options.dimension && first_dimension_ != 0) {
    options.dimension = static_cast<std::uint32_t>(first_dimension_);
  }
  ApiClient client(arguments_.server);
  const auto path = collection_path(arguments_.collection);
  if (const auto setup = setup_beside_files()) {
    const auto wanted = with_options(*setup, arguments_.options);
    client.call("PUT", path, wanted.settings);
    // Before any document: each is put where it lived.
    if (!wanted.centroids.empty()) client.call("PUT", path + "/centroids", wanted.centroids);
  } else {
    client.call("PUT", path, collection_body(options));
  }
  collection_missing_ = false;
}

/// Of several files that were exported together or apart, one collection can be made alike.
std::optional<CollectionSetup> Importer::setup_beside_files() const {
  std::optional<CollectionSetup> setup;
  if (arguments_.no_settings) return setup;
  for (const auto& file : arguments_.files) {
    auto found = read_settings_beside(file);
    if (found && setup && *found != *setup) {
      throw Failure(invalid(fmt::format(
          "'{}' has other settings than that of a file before it; --no-settings leaves them aside",
          settings_file_of(file))));
    }
    if (found) setup = std::move(found);
  }
  return setup;
}

void Importer::start_pipeline() {
  std::vector<ImportPipeline::Send> sends;
  for (int i = 0; i < kSenders; ++i) {
    auto sender = std::make_shared<BatchSender>(arguments_.server, arguments_.collection, tally_);
    sends.push_back(
        [sender](Batch batch, const Pause& pause) { sender->send(std::move(batch), pause); });
  }
  pipeline_ = std::make_unique<ImportPipeline>(std::move(sends));
}

/// False when there is no use in reading on.
bool Importer::send_batch() {
  if (collection_missing_) create_collection();
  if (batch_.empty()) return true;
  const bool pushed = pipeline_->push(std::move(batch_));
  batch_ = Batch();
  return pushed;
}

void Importer::take(Record record) {
  links_.add_to(record);
  if (first_dimension_ == 0) first_dimension_ = record.dimension;
  Batch::Item item = Batch::make_item(record);
  if (!batch_.empty() && batch_.bytes() + item.json.size() > kBatchJsonBytes) {
    sending_failed_ = !send_batch();
  }
  batch_.add(std::move(item));
  if (batch_.size() >= arguments_.batch_documents) sending_failed_ |= !send_batch();
}

void Importer::read_file(const std::string& path) {
  InputFile file(path);
  const auto reader = make_reader(import_format(arguments_.format, path), file, running_);
  while (!sending_failed_) {
    auto result = reader->next();
    tally_.bytes_read = bytes_before_ + file.offset();
    if (auto* record = std::get_if<Record>(&result)) {
      take(std::move(*record));
    } else if (auto* bad = std::get_if<BadLine>(&result)) {
      const bool ends_file = bad->ends_file;
      tally_.bad_lines.add(std::move(*bad));
      if (ends_file) break;
    } else {
      break;
    }
  }
  bytes_before_ += file.offset();
}

void Importer::run() {
  require_collection();
  if (!arguments_.links_file.empty()) {
    links_.read(arguments_.links_file,
                [this](BadLine line) { tally_.bad_lines.add(std::move(line)); });
  }
  start_pipeline();
  try {
    for (const auto& file : arguments_.files) {
      if (!sending_failed_) read_file(file);
    }
    if (!sending_failed_) send_batch();
  } catch (const Failure&) {
    pipeline_->finish();  // A failure of a batch before says more and goes first.
    throw;
  }
  pipeline_->finish();
}

}  // namespace mosaic::cli
