// What an exception in an actor becomes: the reason of its death, for its supervisor to read and
// report.
#pragma once

#include "actors/protocol.hpp"
#include "base/failure.hpp"

namespace mosaic::actors {

inline caf::error exit_reason_of(std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const Failure& failure) {
    return to_caf(failure.error());
  } catch (const std::exception& error) {
    return to_caf(Error{ErrorCode::kInternal, error.what()});
  }
}

template <class Self>
void die_with_reason(Self* self) {
  self->set_exception_handler(
      [](caf::scheduled_actor*, std::exception_ptr& e) { return exit_reason_of(e); });
}

}  // namespace mosaic::actors
