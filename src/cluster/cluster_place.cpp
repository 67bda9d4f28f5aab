#include "cluster/cluster_place.hpp"

#include "base/cluster_settings.hpp"
#include "base/host_port.hpp"

namespace mosaic::cluster {

ClusterPlace cluster_place(const NodeSettings& settings) {
  const auto place = parse_host_port(cluster_address(settings));
  if (!place || !may_listen_for_cluster(settings)) return {};
  return {true, place->host, place->port};
}

}  // namespace mosaic::cluster
