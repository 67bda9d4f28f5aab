#include "actors/copies.hpp"

#include <fmt/format.h>
#include <fstream>

#include "actors/exceptions.hpp"
#include "base/durable_file.hpp"
#include "storage/shard_copy.hpp"

namespace mosaic::actors {
namespace {

namespace fs = std::filesystem;

struct copy_state {
  /// However it ends, the file goes.
  ~copy_state() {
    std::error_code failed;
    fs::remove_all(folder, failed);
  }
  fs::path folder;
  std::ifstream file;
  TimePoint read_at;
  static inline const char* name = "copy";
};
using copy_pointer = copy_actor::stateful_pointer<copy_state>;

caf::result<std::string> read(copy_pointer self, std::uint64_t offset) {
  auto& state = self->state;
  state.read_at = self->clock().now();
  std::string bytes(kCopyChunkBytes, '\0');
  state.file.clear();
  state.file.seekg(static_cast<std::streamoff>(offset));
  state.file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (state.file.bad())
    return to_caf(Error{ErrorCode::kUnavailable, "the copy of a file cannot be read"});
  bytes.resize(static_cast<std::size_t>(state.file.gcount()));
  return bytes;
}

/// The network keeps whoever has answered it alive: only by quitting does it end.
copy_actor::behavior_type copy(copy_pointer self, const fs::path& folder, const fs::path& file) {
  die_with_reason(self);
  self->state.folder = folder;
  self->state.file.open(file, std::ios::binary);
  self->state.read_at = self->clock().now();
  self->delayed_send(self, kCopyIdleMax, tick_atom_v);
  return {
      [=](read_atom, std::uint64_t offset) { return read(self, offset); },
      [=](ended_atom) { self->quit(); },
      [=](tick_atom) {
        if (self->clock().now() - self->state.read_at >= kCopyIdleMax) return self->quit();
        self->delayed_send(self, kCopyIdleMax, tick_atom_v);
      },
  };
}

using copies_pointer = copies_actor::stateful_pointer<copies_state>;

fs::path source_of(const copies_state& state, const copy_request& wanted) {
  const auto& folder = *state.config.folder;
  if (wanted.key.collection.value == 0) return folder.catalog();
  const auto collection = folder.find_collection(wanted.key.collection);
  const auto file =
      collection ? storage::DataFolder::shard_in(*collection, wanted.key.shard) : fs::path();
  if (!collection || !fs::exists(file)) {
    throw Failure(ErrorCode::kNotFound,
                  fmt::format("shard {} of collection {} is not here", wanted.key.shard.value,
                              wanted.key.collection.value));
  }
  return file;
}

/// `write(file, progress)` makes the copy.
template <class Write>
caf::result<copy_actor, copy_ready> make(copies_pointer self, Write write) {
  auto& state = self->state;
  if (state.open >= kCopiesMax) {
    return to_caf(Error{ErrorCode::kOverloaded,
                        fmt::format("{} copies of files are being read already", state.open)});
  }
  const auto folder = state.config.folder->incoming(fmt::format("copy-{}", ++state.made));
  const auto file = folder / "file";
  const storage::CopyProgress go_on = [&](std::uint64_t, std::uint64_t) {
    return !state.config.stop.stop_requested();
  };
  const auto made = to_result([&] {
    make_durable_folder(folder);
    return write(file, go_on);
  });
  if (!made) {
    std::error_code failed;
    fs::remove_all(folder, failed);
    return to_caf(made.error());
  }
  const auto reader = self->spawn<caf::linked + caf::monitored>(copy, folder, file);
  ++state.open;
  return {reader, *made};
}

caf::result<copy_actor, copy_ready> copy_as_it_is(copies_pointer self, const copy_request& wanted) {
  return make(self, [&](const fs::path& file, const storage::CopyProgress& go_on) {
    const auto made = storage::copy_state(source_of(self->state, wanted), file, go_on);
    return copy_ready{made.file.bytes, made.file.sha256, made.seq};
  });
}

caf::result<copy_actor, copy_ready> copy_kept(copies_pointer self, const kept_reader_ptr& kept) {
  return make(self, [&](const fs::path& file, const storage::CopyProgress& go_on) {
    const auto made = (*kept)->copy_to(file, go_on);
    return copy_ready{made.bytes, made.sha256, kept->view().seq, kept->view().counts.documents};
  });
}

}  // namespace

copies_actor::behavior_type copies(copies_pointer self, copies_config config) {
  die_with_reason(self);
  self->state.config = std::move(config);
  self->set_down_handler([=](caf::down_msg&) { --self->state.open; });
  return {
      [=](copy_atom, const copy_request& wanted) { return copy_as_it_is(self, wanted); },
      [=](copy_atom, const kept_reader_ptr& kept) { return copy_kept(self, kept); },
      [=](fault_atom, const FaultRequest& x) { self->state.faults.inject(x); },
  };
}

}  // namespace mosaic::actors
