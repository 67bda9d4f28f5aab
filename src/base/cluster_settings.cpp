#include "base/cluster_settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/host_port.hpp"

namespace mosaic {
namespace {

constexpr std::string_view kWhatToDo =
    "give cluster.certificate, cluster.key and cluster.ca, or set cluster.insecure = true on a "
    "network that nobody else is on";

Status check_voters(std::uint32_t voters) {
  if (voters % 2 == 1) return {};
  return invalid(fmt::format(
      "cluster.voters = '{}': must be odd; one more than an odd number outlives no more nodes",
      voters));
}

/// All three files of mutual TLS, or none.
Status check_certificates(const NodeSettings::Cluster& cluster) {
  const auto any = !cluster.certificate.empty() || !cluster.key.empty() || !cluster.ca.empty();
  if (!any || has_certificates(cluster)) return {};
  const auto* missing = cluster.certificate.empty() ? "certificate"
                        : cluster.key.empty()       ? "key"
                                                    : "ca";
  return invalid(
      fmt::format("cluster.{} = '': cluster.certificate, cluster.key and cluster.ca are given all "
                  "three or none",
                  missing));
}

Status check_exposure(const NodeSettings& settings) {
  const auto& cluster = settings.cluster;
  if (may_listen_for_cluster(settings)) return {};
  if (!cluster.listen.empty()) {
    return invalid(
        fmt::format("cluster.listen = '{}': other machines reach it without being known; {}",
                    cluster.listen, kWhatToDo));
  }
  // Without a cluster to join it is a cluster of one that nobody can join, which needs no address.
  if (cluster.join.empty()) return {};
  return invalid(fmt::format(
      "cluster.join = '{}': the others must reach this node, and at '{}' other machines would "
      "without being known; {}",
      fmt::join(cluster.join, ","), settings.http.listen, kWhatToDo));
}

/// Clients show no certificate, and reach all that nodes reach.
Status check_clients(const NodeSettings& settings) {
  const auto& listen = settings.caf.listen;
  const auto place = parse_host_port(listen);
  if (!place || is_loopback(place->host) || settings.cluster.insecure) return {};
  return invalid(
      fmt::format("caf.listen = '{}': other machines reach it without being known; listen at "
                  "127.0.0.1, or set cluster.insecure = true on a network that nobody else is on",
                  listen));
}

}  // namespace

bool has_certificates(const NodeSettings::Cluster& cluster) {
  return !cluster.certificate.empty() && !cluster.key.empty() && !cluster.ca.empty();
}

std::string cluster_address(const NodeSettings& settings) {
  if (!settings.cluster.listen.empty()) return settings.cluster.listen;
  return settings.http.listen.substr(0, settings.http.listen.rfind(':')) + ":0";
}

bool may_listen_for_cluster(const NodeSettings& settings) {
  const auto place = parse_host_port(cluster_address(settings));
  return (place && is_loopback(place->host)) || has_certificates(settings.cluster) ||
         settings.cluster.insecure;
}

Status check_cluster(const NodeSettings& settings) {
  for (const auto& status :
       {check_voters(settings.cluster.voters), check_certificates(settings.cluster),
        check_exposure(settings), check_clients(settings)}) {
    if (!status) return status;
  }
  return {};
}

}  // namespace mosaic
