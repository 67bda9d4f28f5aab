// A shard in a temporary folder, with shortcuts to write and to ask.
#pragma once

#include <gtest/gtest.h>

#include "shard/shard.hpp"
#include "shard/shard_searcher.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::shard {

inline Document make_document(std::string id, Vector vector, std::string text = "",
                              std::string metadata = "") {
  Document document;
  document.id = std::move(id);
  document.text = std::move(text);
  document.vector = std::move(vector);
  document.metadata = std::move(metadata);
  return document;
}

struct ShardFixture : ::testing::Test {
  test::TemporaryFolder folder;
  ShardOptions options{folder / "shard-0.db", {{1}, {0}, 1, 2}, Metric::kL2, {}, false, 0};
  std::unique_ptr<Shard> shard;
  Seq seq = 0;

  void open() { shard = std::make_unique<Shard>(options); }

  std::uint64_t write(const WriteBatch& batch) {
    const auto bytes = std::make_shared<const std::string>(encode_write(batch));
    return shard->apply({{++seq, EntryKind::kWrite, bytes}}).at(0).documents;
  }

  ShardSearcher searcher() {
    return {{0},
            options.metric,
            shard->views(),
            std::make_shared<query::FilterCache>(1 << 20),
            options.path};
  }

  static std::vector<std::string> ids(const std::vector<query::Candidate>& candidates) {
    std::vector<std::string> ids;
    for (const auto& candidate : candidates) ids.push_back(candidate.id);
    return ids;
  }
};

}  // namespace mosaic::shard
