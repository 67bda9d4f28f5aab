#include "actors/protocol.hpp"

namespace mosaic::actors {

void add_protocol(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::mosaic>();
  config.add_message_type<shard_actor>("mosaic::actors::shard_actor");
  config.add_message_type<searcher_actor>("mosaic::actors::searcher_actor");
  config.add_message_type<std::vector<searcher_actor>>("mosaic::actors::searchers");
  config.add_message_type<copy_actor>("mosaic::actors::copy_actor");
  config.add_message_type<peer_actor>("mosaic::actors::peer_actor");
  config.add_message_type<far_shards_actor>("mosaic::actors::far_shards_actor");
  config.add_message_type<far_replicas_actor>("mosaic::actors::far_replicas_actor");
  config.add_message_type<route_listener>("mosaic::actors::route_listener");
  config.add_message_type<supervisor_actor>("mosaic::actors::supervisor_actor");
  config.add_error_category(
      caf::atom("mosaic"), [](std::uint8_t code, caf::atom_value, const caf::message& context) {
        return std::string(to_string(static_cast<ErrorCode>(code))) + caf::to_string(context);
      });
}

caf::error to_caf(const Error& error) {
  return caf::make_error(error.code, error.detail);
}

Error from_caf(const caf::error& error) {
  if (error.category() == caf::atom("mosaic")) {
    const auto& context = error.context();
    const bool has_detail = context.match_elements<std::string>();
    return {static_cast<ErrorCode>(error.code()),
            has_detail ? context.get_as<std::string>(0) : std::string()};
  }
  if (error == caf::sec::request_timeout)
    return {ErrorCode::kDeadlineExceeded, "no answer in time"};
  if (error == caf::sec::request_receiver_down)
    return {ErrorCode::kUnavailable, "the part that should answer is down"};
  return {ErrorCode::kInternal, "an inner part failed: " + caf::to_string(error)};
}

}  // namespace mosaic::actors
