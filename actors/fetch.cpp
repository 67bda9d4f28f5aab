#include "actors/fetch.hpp"

#include <fmt/format.h>

#include "actors/exceptions.hpp"
#include "base/durable_file.hpp"
#include "base/durable_names.hpp"
#include "base/file_digest.hpp"
#include "base/log.hpp"
#include "storage/shard_copy.hpp"

namespace mosaic::actors {
namespace {

namespace fs = std::filesystem;
using fetch_pointer = fetch_actor::stateful_pointer<fetch_state>;

fs::path incoming(const fetch_state& state) {
  return state.config.beside / "file";
}

/// Whoever gives the file is needed no more, and may go.
void release(fetch_pointer self) {
  auto& state = self->state;
  if (state.giver) self->demonitor(state.giver.address());
  if (state.source) {
    self->demonitor(state.source.address());
    self->send(state.source, ended_atom_v);
  }
  state.giver = nullptr;
  state.source = nullptr;
}

/// Whoever waits may fetch the next file to the same place.
void end(fetch_pointer self, const Status& status) {
  auto& state = self->state;
  release(self);
  state.file.close();
  state.clear();
  state.config.done({state.ready, status ? std::nullopt : std::optional(status.error())});
  status ? self->quit() : self->quit(to_caf(status.error()));
}

void put_in_place(const fetch_state& state) {
  const auto& place = state.config.place;
  make_durable_folder(place.parent_path());
  state.config.prepare(incoming(state));
  storage::replace_database(incoming(state), place);
}

/// Everything has arrived: it is used once the log has come as far.
void use_when_log_is_there(fetch_pointer self) {
  auto& state = self->state;
  if (state.config.log_seq() < state.ready.seq) {
    self->delayed_send(self, kFetchPause, step_atom_v);
    return;
  }
  end(self, to_result([&] { put_in_place(state); }));
}

/// A node whose disk is full loses more than one shard.
Status check_room(const fetch_state& state) {
  std::error_code failed;
  const auto free = fs::space(state.config.beside, failed).available;
  const auto wanted = state.ready.bytes + state.ready.bytes / kRoomPart;
  if (failed || free >= wanted) return {};  // What cannot be told does not stand in the way.
  return Error{ErrorCode::kUnavailable,
               fmt::format("a file of {} bytes does not come from another node: {} bytes are free, "
                           "{} are wanted",
                           state.ready.bytes, free, wanted)};
}

Status check(const fetch_state& state) {
  const auto digest = sha256_of_file(incoming(state));
  if (!digest) return digest.error();
  if (*digest == state.ready.sha256) return {};
  return Error{ErrorCode::kCorruptData, "a file came from another node otherwise than it was sent"};
}

void ask_for_more(fetch_pointer self);

/// No faster than it may.
void ask_in_turn(fetch_pointer self, std::size_t bytes) {
  auto& state = self->state;
  const auto now = self->clock().now();
  const std::chrono::duration<double> takes(static_cast<double>(bytes) /
                                            static_cast<double>(state.config.bytes_per_s));
  state.next = std::max(state.next, now) + std::chrono::duration_cast<TimePoint::duration>(takes);
  if (state.next <= now) return ask_for_more(self);
  self->delayed_send(self, state.next - now, read_atom_v);
}

void received(fetch_pointer self, const std::string& bytes) {
  auto& state = self->state;
  state.received += bytes.size();
  if (bytes.empty() || state.received > state.ready.bytes)
    return end(self, Error{ErrorCode::kCorruptData, "a file from another node has another size"});
  state.file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!state.file.flush())
    return end(self, Error{ErrorCode::kUnavailable, "a file from another node is not written"});
  if (state.received < state.ready.bytes) return ask_in_turn(self, bytes.size());
  state.file.close();
  release(self);
  if (const auto whole = check(state); !whole) return end(self, whole);
  use_when_log_is_there(self);
}

void ask_for_more(fetch_pointer self) {
  self->request(self->state.source, kCopyChunkTimeout, read_atom_v, self->state.received)
      .then([=](const std::string& bytes) { received(self, bytes); },
            [=](caf::error& error) { end(self, from_caf(error)); });
}

void start(fetch_pointer self, const peer_actor& from) {
  self->state.giver = from;
  self->monitor(from);
  self->request(from, kCopyTimeout, copy_atom_v, self->state.config.wanted)
      .then(
          [=](const copy_actor& source, const copy_ready& ready) {
            auto& state = self->state;
            self->monitor(source);
            state.source = source;
            state.ready = ready;
            const auto made = to_result([&] { make_durable_folder(state.config.beside); });
            if (!made) return end(self, made.error());
            if (const auto fits = check_room(state); !fits) return end(self, fits);
            state.file.open(incoming(state), std::ios::binary | std::ios::trunc);
            ask_for_more(self);
          },
          [=](caf::error& error) { end(self, from_caf(error)); });
}

}  // namespace

void fetch_state::clear() {
  std::error_code failed;
  if (!config.beside.empty()) fs::remove_all(std::exchange(config.beside, {}), failed);
}

fetch_actor::behavior_type fetch(fetch_pointer self, fetch_config config) {
  die_with_reason(self);
  self->state.config = std::move(config);
  if (const auto& owner = self->state.config.owner) self->monitor(owner);
  self->set_down_handler([=](caf::down_msg&) {
    end(self, Error{ErrorCode::kUnavailable, "whoever gave the file, or wanted it, is gone"});
  });
  return {
      [=](start_atom, const peer_actor& from) { start(self, from); },
      [=](read_atom) { ask_for_more(self); },
      [=](step_atom) { use_when_log_is_there(self); },
  };
}

}  // namespace mosaic::actors
