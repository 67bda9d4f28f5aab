// What the fronts of a node have in common, be it the gateway behind HTTP or the engine that CAF
// clients talk to: the doors that requests come in by, and who of the parts is asked next.
#pragma once

#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "actors/protocol.hpp"
#include "actors/write_watch.hpp"
#include "cluster/admission.hpp"

namespace mosaic::actors {

// The parts that are asked keep deadlines of their own; these only guard against one that never
// answers.
constexpr std::chrono::seconds kReadGuard{30};
constexpr std::chrono::seconds kWriteGuard{60};
constexpr std::chrono::seconds kCatalogGuard{90};
/// Copies of files, and object stores: as long as they take.
constexpr std::chrono::hours kFilesGuard{48};

/// Null for requests that everybody may make.
using door_ptr = std::shared_ptr<cluster::Admission>;

/// Where requests of a kind come in, whoever brings them.
struct engine_doors {
  door_ptr searches;
  door_ptr writes;
  std::chrono::milliseconds search_timeout{1'000};  ///< of a search that names none
  write_watch_ptr watch{};                          ///< null: no limits are watched
};

/// How a request comes in: by which door, past which guard.
struct way_in {
  way_in(door_ptr by = nullptr) : door(std::move(by)) {}
  way_in(const engine_doors& doors, cluster::WriteKind what)
      : door(doors.writes), watch(doors.watch), kind(what) {}

  door_ptr door;
  write_watch_ptr watch;  ///< null for what is not written
  cluster::WriteKind kind = cluster::WriteKind::kGrow;
};

/// Held while a request is worked on; its last holder leaves by the door, however that came about.
class door_pass {
 public:
  explicit door_pass(door_ptr door) : door_(std::move(door)) {}
  door_pass(const door_pass&) = delete;
  door_pass& operator=(const door_pass&) = delete;
  ~door_pass() {
    if (door_) door_->leave();
  }

 private:
  door_ptr door_;
};

inline Result<std::shared_ptr<door_pass>> enter(const way_in& way, TimePoint now) {
  if (way.watch) {
    if (const auto allowed = way.watch->check(way.kind); !allowed) return allowed.error();
  }
  const auto& door = way.door;
  if (door && !door->enter(now)) {
    return Error{ErrorCode::kOverloaded,
                 fmt::format("{} requests of this kind are under way", door->in_flight())};
  }
  return std::make_shared<door_pass>(door);
}

/// The parts of the node as a front sees them: coordinators and ingest actors take turns.
struct front_parts {
  node_parts_ptr known;  ///< null until root has told
  std::size_t turn = 0;

  const coordinator_actor& coordinator() {
    return known->coordinators[turn++ % known->coordinators.size()];
  }
  const ingest_actor& ingest() { return known->ingest[turn++ % known->ingest.size()]; }
};

}  // namespace mosaic::actors
