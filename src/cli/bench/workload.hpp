// Makes the requests of a load generator, one after the other, from a corpus and a mix. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "cli/bench/corpus.hpp"
#include "net/load_loop.hpp"

namespace mosaic::cli {

class BenchWorkload {
 public:
  /// `prefix` begins the ids of all documents that are written.
  BenchWorkload(const BenchArguments& arguments, BenchCorpus corpus, std::string prefix,
                std::uint64_t seed);

  /// Fills in the next request.
  Operation next(net::LoadRequest& request);

  /// Documents in all writes so far; their ids are id(0), id(1), ...
  std::uint64_t written() const { return written_; }
  std::string id(std::uint64_t number) const { return prefix_ + std::to_string(number); }
  const BenchCorpus& corpus() const { return corpus_; }

 private:
  void search(Operation mode, net::LoadRequest& request);
  void write(net::LoadRequest& request);
  void get(net::LoadRequest& request);

  const std::string path_;
  const std::size_t batch_documents_;
  const BenchCorpus corpus_;
  const std::string prefix_;
  BenchMix mix_;
  std::array<std::size_t, kOperations> turns_{};
  std::uint64_t written_ = 0;
};

}  // namespace mosaic::cli
