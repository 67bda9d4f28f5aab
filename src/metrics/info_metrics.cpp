#include "metrics/info_metrics.hpp"

namespace mosaic::metrics {

InfoMetrics::InfoMetrics(Registry& registry)
    : build_(gauges(registry, "mosaic_build_info", "What runs: always 1")),
      node_(gauges(registry, "mosaic_node_info", "The name of the node: always 1")),
      ready_(
          gauge(registry, "mosaic_ready", "1 when the node is ready, as GET /ready says, else 0")),
      uptime_(gauge(registry, "mosaic_uptime_seconds", "Time since the node started")) {}

void InfoMetrics::identify(const std::string& version, const std::string& node,
                           const std::string& kernels) {
  const std::string compiler = "g++ " __VERSION__;
  build_.Add({{"version", version}, {"compiler", compiler}, {"kernels", kernels}}).Set(1);
  node_.Add({{"node", node}}).Set(1);
}

void InfoMetrics::tell(bool ready, TimePoint now) {
  ready_.Set(ready ? 1 : 0);
  uptime_.Set(std::chrono::duration<double>(now - started_).count());
}

}  // namespace mosaic::metrics
