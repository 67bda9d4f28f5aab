// Shards of one collection that apply the same entries as a log would hand them out, twice over:
// the second time in other groups, with reopening in between.
#pragma once

#include <map>
#include <random>

#include <fmt/format.h>

#include "shard_fixture.hpp"

namespace mosaic::shard {

/// A shard that takes entries as they come.
class Replica {
 public:
  explicit Replica(ShardOptions options) : options_(std::move(options)) { open(); }

  void open() {
    shard_.reset();
    shard_ = std::make_unique<Shard>(options_);
    options_.made = true;
  }

  void take(const ShardEntry& entry) { waiting_.push_back(entry); }
  void flush() {
    if (!waiting_.empty()) shard_->apply(waiting_);
    waiting_.clear();
  }
  void close() {
    flush();
    shard_.reset();
  }

  Shard& shard() { return *shard_; }
  const ShardOptions& options() const { return options_; }
  ShardSearcher searcher() {
    return {options_.identity.shard, options_.metric, shard_->views(), filters_, options_.path};
  }

 private:
  ShardOptions options_;
  std::unique_ptr<Shard> shard_;
  std::vector<ShardEntry> waiting_;
  std::shared_ptr<query::FilterCache> filters_ = std::make_shared<query::FilterCache>(1 << 20);
};

/// Every row of every table of the file that follows from the log, as text.
inline std::string dump(const std::filesystem::path& path) {
  storage::Database database(path, storage::OpenMode::kReadOnly);
  std::string text;
  const auto add = [&](const std::string& table, const std::string& columns,
                       const std::string& where = "true") {
    auto select = database.prepare(
        fmt::format("SELECT {} FROM {} WHERE {} ORDER BY 1, 2", columns, table, where));
    while (select.step()) {
      text += table;
      text += fmt::format(" {}\n", select.column_text(0));
      text += fmt::format(" {}\n", select.column_text(1));
    }
  };
  add("versions", "row, quote(id) || seq || quote(title) || quote(metadata) || quote(text)");
  add("ended", "row, seq_ended");
  add("vectors", "row, quote(vector)");
  add("arrivals", "row, seq");
  add("carried_links", "row, position || quote(target) || quote(kind) || weight");
  add("edges", "edge, quote(source) || quote(target) || quote(kind) || weight || seq");
  add("ended_edges", "edge, seq_ended");
  add("pagerank", "id, value || ' ' || seq");
  add("pagerank_history", "seq_ended, quote(id) || value || ' ' || seq");
  add("times", "time_ms, seq");
  add("pins", "name, seq || ' ' || kept");
  add("history_fts_docsize", "id, quote(sz)");
  add("meta", "key, value", "key <> 'index_seq'");
  return text;
}

}  // namespace mosaic::shard
