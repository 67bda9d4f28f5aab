#include "actors/cluster_ports.hpp"

#include "base/failure.hpp"
#include "base/free_port.hpp"
#include "base/log.hpp"
#include "replication/numbers_file.hpp"

namespace mosaic::actors {
namespace {

std::uint16_t choose(std::uint16_t wanted, std::uint64_t kept, const std::string& host) {
  if (wanted != 0) return wanted;
  if (kept != 0) return static_cast<std::uint16_t>(kept);
  return or_throw(free_port(host));
}

}  // namespace

cluster_ports kept_ports(const std::filesystem::path& data_folder, const std::string& host,
                         cluster_ports wanted) {
  const auto file = data_folder / "ports";
  const auto read = replication::read_numbers(file, {"actors", "log"});
  // Others will be told of others.
  if (!read) log::warn("ports are chosen anew: {}", read.error().detail);
  const auto kept = read ? *read : std::nullopt;
  auto numbers = kept.value_or(replication::Numbers{{"actors", 0}, {"log", 0}});
  const cluster_ports ports{choose(wanted.actors, numbers["actors"], host),
                            choose(wanted.log, numbers["log"], host)};
  const replication::Numbers now{{"actors", ports.actors}, {"log", ports.log}};
  if (now != kept) replication::write_numbers(file, now);
  return ports;
}

}  // namespace mosaic::actors
