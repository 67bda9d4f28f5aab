#include "metrics/node_metrics.hpp"

#include <iterator>

#include <prometheus/text_serializer.h>

namespace mosaic::metrics {

std::string NodeMetrics::text(TimePoint now) {
  info.tell(!info.ending() && log.level(now) && !shards.any_missed(), now);
  auto families = registry_.Collect();
  for (const prometheus::Collectable* sampled :
       std::initializer_list<const prometheus::Collectable*>{&admission, &shards, &process}) {
    auto more = sampled->Collect();
    families.insert(families.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace mosaic::metrics
