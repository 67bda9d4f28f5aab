// Opens and reads thousands of mutated index files. Plain damage has to be noticed; damage by
// somebody who computes the checksums anew may go unnoticed, but must not lead out of the file. Run
// it with MOSAIC_SANITIZE=address,undefined to see the latter.
#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"
#include "unit/index/graph_sample.hpp"

namespace mosaic::index {
namespace {

using namespace test;

constexpr int kFiles = 5'000;

/// A range of `bytes`, mostly short, sometimes empty.
struct Range {
  Range(Random& random, const std::string& bytes)
      : begin(random() % bytes.size()),
        size(std::min(random() % (random() % 4 == 0 ? bytes.size() : 64), bytes.size() - begin)) {}
  std::size_t begin;
  std::size_t size;
};

void flip_bits(Random& random, std::string& bytes) {
  for (auto count = 1 + random() % 20; count > 0; --count) {
    bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
  }
}

void fill(Random& random, std::string& bytes) {
  const Range range(random, bytes);
  const auto byte = random() % 3 == 0   ? static_cast<char>(random())
                    : random() % 2 == 0 ? '\0'
                                        : '\xff';
  bytes.replace(range.begin, range.size, range.size, byte);
}

void scramble(Random& random, std::string& bytes) {
  const Range range(random, bytes);
  for (std::size_t i = 0; i < range.size; ++i) {
    bytes[range.begin + i] = static_cast<char>(random());
  }
}

void resize(Random& random, std::string& bytes) {
  bytes.resize(1 + random() % (bytes.size() * 5 / 4), static_cast<char>(random() % 2));
}

/// Puts a range of one of the files into this one, at its own or another place.
void transplant(Random& random, std::string& bytes, const std::string& from) {
  const Range range(random, from);
  const auto to = random() % 2 == 0 ? range.begin : random() % bytes.size();
  if (to < bytes.size()) bytes.replace(to, range.size, from, range.begin, range.size);
}

void swap_sections(Random& random, std::string& bytes) {
  if (bytes.size() < sizeof(GraphHeader)) return;
  const auto header = header_in(bytes);
  const auto& one = header.sections[random() % kSections];
  const auto& other = header.sections[random() % kSections];
  const auto last = std::max(one.offset, other.offset);
  if (last > bytes.size()) return;
  const auto size = std::min({one.bytes, other.bytes, bytes.size() - last});
  std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(one.offset),
                   bytes.begin() + static_cast<std::ptrdiff_t>(one.offset + size),
                   bytes.begin() + static_cast<std::ptrdiff_t>(other.offset));
}

/// A number of 4 or 8 bytes in the header becomes one that is at some edge.
void change_number(Random& random, std::string& bytes) {
  constexpr std::uint64_t kEdges[] = {0, 1, 2, 63, 64, 65, 255, 1ULL << 31, 1ULL << 32, 1ULL << 63};
  auto number = kEdges[random() % std::size(kEdges)] - random() % 2;
  if (random() % 4 == 0) number = random() >> (random() % 64);
  const std::size_t size = random() % 2 == 0 ? 4 : 8;
  const auto at = random() % (sizeof(GraphHeader) / size) * size;
  if (at + size <= bytes.size()) std::memcpy(&bytes[at], &number, size);
}

void mutate(Random& random, std::string& bytes, const std::string& other) {
  switch (random() % 7) {
    case 0:
      return flip_bits(random, bytes);
    case 1:
      return fill(random, bytes);
    case 2:
      return scramble(random, bytes);
    case 3:
      return resize(random, bytes);
    case 4:
      return transplant(random, bytes, other);
    case 5:
      return swap_sections(random, bytes);
    default:
      return change_number(random, bytes);
  }
}

/// What searches rely on without looking.
void expect_in_bounds(const GraphFile& file) {
  ASSERT_GT(file.nodes(), 0U);
  ASSERT_EQ(file.rows().size(), file.nodes());
  ASSERT_LE(file.live_count(), file.nodes());
  ASSERT_EQ(file.links().size(), file.nodes() * file.link_stride());
  ASSERT_EQ(file.codes().size(), file.nodes() * Quantizer(file.parameters().codes).code_bytes());
  auto below = file.nodes();
  for (const auto& level : file.levels()) {
    const auto nodes = static_cast<Node>(level.nodes.size());
    for (const Node node : level.nodes) ASSERT_LT(node, file.nodes());
    for (const Node node : level.below) ASSERT_LT(node, below);
    for (const Node node : level.links) ASSERT_TRUE(node < nodes || node == kNoNode);
    below = nodes;
  }
  ASSERT_LT(file.parameters().entry, below);
  for (const float x : file.parameters().codes.center) ASSERT_TRUE(std::isfinite(x));
}

struct Base {
  Base(Random& random, const std::filesystem::path& path, const GraphShape& shape)
      : sample(random_graph(random, shape)) {
    write_graph_file(path, sample.contents);
    bytes = bytes_of(path);
  }
  GraphSample sample;
  std::string bytes;
};

struct Opened {
  int all = 0;
  int whole = 0;
};

/// `bytes` in a file: what of it can be opened keeps to its bounds.
void read_mutated(const std::filesystem::path& path, const std::string& bytes, const Base& base,
                  Opened& opened) {
  put_bytes(path, bytes);
  const auto file = GraphFile::open(path, expected_of(base.sample.contents));
  if (!file.ok()) {
    const bool foreign =
        bytes.size() >= sizeof(GraphHeader) && header_in(bytes).version != kGraphFormatVersion;
    ASSERT_TRUE(file.error().code == ErrorCode::kCorruptData ||
                (foreign && file.error().code == ErrorCode::kNotFound))
        << file.error().detail;
    return;
  }
  ++opened.all;
  expect_in_bounds(**file);
  opened.whole += reads_whole(**file) ? 1 : 0;
}

TEST(GraphFileFuzz, NeitherCrashesNorMissesDamage) {
  const auto run = seed();
  SCOPED_TRACE("MOSAIC_TEST_SEED=" + std::to_string(run));
  Random random(run);
  const mosaic::test::TemporaryFolder folder;
  const auto path = folder / "graph";
  std::vector<Base> bases;
  bases.emplace_back(random, path, GraphShape{.levels = 0});
  bases.emplace_back(random, path, GraphShape{.dimension = 17, .nodes = 70, .m = 5, .levels = 3});
  bases.emplace_back(random, path, GraphShape{Metric::kL2, Quantization::kNone, 64, 300, 16, 4});

  Opened plain;
  Opened forged;
  for (int i = 0; i < kFiles && !testing::Test::HasFailure(); ++i) {
    const auto& base = bases[random() % bases.size()];
    auto bytes = base.bytes;
    for (auto count = 1 + random() % 3; count > 0; --count) {
      mutate(random, bytes, bases[random() % bases.size()].bytes);
    }
    if (random() % 2 == 0 && bytes.size() >= sizeof(GraphHeader)) {
      read_mutated(path, signed_again(bytes, header_in(bytes)), base, forged);
      continue;
    }
    const int whole = plain.whole;
    read_mutated(path, bytes, base, plain);
    ASSERT_TRUE(plain.whole == whole || bytes == base.bytes) << "file " << i << " is damaged";
  }
  // Else it tells nothing about what lies behind the first checks.
  EXPECT_GT(plain.all, kFiles / 100);
  EXPECT_GT(forged.all, kFiles / 100);
}

}  // namespace
}  // namespace mosaic::index
