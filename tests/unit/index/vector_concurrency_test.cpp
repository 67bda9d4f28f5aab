// One writer, several readers. Worth most under the thread sanitizer.
#include <gtest/gtest.h>

#include <mutex>
#include <optional>
#include <thread>

#include "index/vector_set.hpp"
#include "unit/index/vectors.hpp"
#include "unit/index/views.hpp"

namespace mosaic::index {
namespace {

using namespace test;

constexpr Seq kEntries = 4'000;
constexpr Row kLifetime = 700;  ///< entry n adds row n and ends row n - kLifetime
constexpr int kSearches = 60;
constexpr int kReaders = 3;

/// What a shard does with its newest view.
class Published {
 public:
  void set(VectorView view) {
    const std::lock_guard lock(mutex_);
    view_ = std::move(view);
  }
  std::optional<VectorView> get() const {
    const std::lock_guard lock(mutex_);
    return view_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<VectorView> view_;
};

void write(Published& published) {
  VectorSet set(Metric::kL2, 8);
  for (Seq seq = 1; seq <= kEntries; ++seq) {
    const auto row = static_cast<Row>(seq);
    set.append(row, id_of(seq), Vector(8, static_cast<float>(row)));
    set.end(row - kLifetime, seq);
    published.set(set.view(seq));
  }
}

void expect_exactly_its_rows(const VectorView& view, const RowSet* filter) {
  const auto found = neighbors(view, Vector(8, 0), kEntries, filter);
  const auto last = static_cast<Row>(view.seq());
  const auto first = std::max<Row>(1, last - kLifetime + 1);
  ASSERT_EQ(found->size(), view.live());
  ASSERT_EQ(view.live(), static_cast<std::size_t>(last - first + 1));
  EXPECT_EQ(found->front().row, first);
  EXPECT_EQ(found->back().row, last);
}

void read(const Published& published) {
  RowSet all;
  all.insert_range(1, kEntries);
  std::optional<VectorView> kept;
  for (int search = 0; search < kSearches;) {
    const auto view = published.get();
    if (!view) {
      std::this_thread::yield();
      continue;
    }
    if (!kept) kept = view;
    expect_exactly_its_rows(*view, search % 2 == 0 ? nullptr : &all);
    expect_exactly_its_rows(*kept, nullptr);
    ++search;
  }
}

TEST(VectorSetConcurrency, EveryViewShowsExactlyItsOwnRowsWhileTheSetGrows) {
  Published published;
  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; ++i) readers.emplace_back([&] { read(published); });
  write(published);
  for (auto& reader : readers) reader.join();
  expect_exactly_its_rows(*published.get(), nullptr);
}

}  // namespace
}  // namespace mosaic::index
