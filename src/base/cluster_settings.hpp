// What the settings of a cluster must be to one another. Pure.
#pragma once

#include <string>

#include "base/node_settings.hpp"
#include "mosaic/result.hpp"

namespace mosaic {

bool has_certificates(const NodeSettings::Cluster& cluster);

/// Where other nodes are to find this one: cluster.listen, else the host of http.listen with port
/// 0.
std::string cluster_address(const NodeSettings& settings);

/// Whether it may listen there: only this machine reaches it, or others show certificates, or the
/// user allowed that they need none.
bool may_listen_for_cluster(const NodeSettings& settings);

/// Error that names key and value, and what to do. Each value is right by itself already.
Status check_cluster(const NodeSettings& settings);

}  // namespace mosaic
