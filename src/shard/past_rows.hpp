// The rows that were live at states of the past, remembered for those that were asked for last:
// whoever looks at one state looks often. One for each shard, on any threads. A state that can be
// asked for is whole, so its rows are the same whenever they are looked up.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <utility>

#include "storage/past_reader.hpp"

namespace mosaic::shard {

/// A bit for each row version of the shard, for so many states.
constexpr std::size_t kPastStatesMax = 4;

class PastRows {
 public:
  std::shared_ptr<const RowSet> live(const storage::Past& past, storage::PastReader& reader);

 private:
  using State = std::pair<Seq, std::shared_ptr<const RowSet>>;

  std::shared_ptr<const RowSet> find(Seq seq);

  std::mutex mutex_;
  std::list<State> states_;  ///< the most recently used in front
};

}  // namespace mosaic::shard
