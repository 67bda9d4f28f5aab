// The kernel's asynchronous writes, which libraft makes through syscall(2). A write is recorded
// when it is submitted; one that is to be durable (O_DSYNC, RWF_DSYNC) counts as such once its
// completion was fetched.
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <unordered_map>
#include <vector>

#include "changes.hpp"
#include "real.hpp"

namespace {

using namespace shim;

struct Pending {
  std::uint64_t id = 0;
  std::uint64_t record = 0;
  bool durable = false;
};

/// By the address of the iocb; used in the order of changes only.
std::unordered_map<std::uint64_t, Pending>& pending() {
  static auto* const made = new std::unordered_map<std::uint64_t, Pending>;
  return *made;
}

std::vector<char> bytes_of(const iocb& control) {
  std::vector<char> bytes;
  const auto add = [&](const void* from, std::size_t size) {
    const auto* begin = static_cast<const char*>(from);
    bytes.insert(bytes.end(), begin, begin + size);
  };
  if (control.aio_lio_opcode == IOCB_CMD_PWRITE) {
    add(reinterpret_cast<const void*>(control.aio_buf), control.aio_nbytes);
  } else if (control.aio_lio_opcode == IOCB_CMD_PWRITEV) {
    const auto* parts = reinterpret_cast<const iovec*>(control.aio_buf);
    for (std::size_t i = 0; i < control.aio_nbytes; ++i) add(parts[i].iov_base, parts[i].iov_len);
  }
  return bytes;
}

void record(Ordered& order, const iocb& control, const File& file) {
  const auto bytes = bytes_of(control);
  const auto number = order.append({Op::kWrite,
                                    file.id,
                                    static_cast<std::uint64_t>(control.aio_offset),
                                    0,
                                    {},
                                    {},
                                    {bytes.data(), bytes.size()}});
  const bool durable = file.durable_writes || (control.aio_rw_flags & (RWF_DSYNC | RWF_SYNC)) != 0;
  pending()[reinterpret_cast<std::uint64_t>(&control)] = {file.id, number, durable};
}

/// The first verdict that is not to go on, over all writes of a submission.
Verdict pass_all(long count, iocb** controls) {
  for (long i = 0; i < count; ++i) {
    const auto* file = file_of(static_cast<int>(controls[i]->aio_fildes));
    if (file == nullptr) continue;
    std::size_t size = bytes_of(*controls[i]).size();
    const auto end = static_cast<off_t>(controls[i]->aio_offset) + static_cast<off_t>(size);
    const auto verdict =
        pass("write", file->file_class, end > size_of(static_cast<int>(controls[i]->aio_fildes)));
    if (verdict.what != Verdict::What::kGo) return verdict;
  }
  return {};
}

/// Half of the first write, as a process that dies in it may leave it.
void tear(const iocb& control) {
  const auto bytes = bytes_of(control);
  const int descriptor = static_cast<int>(control.aio_fildes);
  const auto flags = ::fcntl(descriptor, F_GETFL);
  // What is written with O_DIRECT must be aligned, half of it is not.
  ::fcntl(descriptor, F_SETFL, flags & ~O_DIRECT);
  real::pwrite(descriptor, bytes.data(), bytes.size() / 2, control.aio_offset);
  die();
}

long submit(aio_context_t context, long count, iocb** controls) {
  const auto verdict = pass_all(count, controls);
  if (verdict.what == Verdict::What::kFail) {
    errno = verdict.error;
    return -1;
  }
  if (verdict.what == Verdict::What::kKillInside) tear(*controls[0]);
  Ordered order;
  const long submitted = real::syscall(SYS_io_submit, context, count, controls);
  const int error = errno;
  for (long i = 0; i < submitted; ++i) {
    const auto* file = file_of(static_cast<int>(controls[i]->aio_fildes));
    if (file != nullptr) record(order, *controls[i], *file);
  }
  if (verdict.what == Verdict::What::kKillAfter) die();
  errno = error;
  return submitted;
}

long fetch(aio_context_t context, long least, long most, io_event* events, timespec* limit) {
  const long fetched = real::syscall(SYS_io_getevents, context, least, most, events, limit);
  const int error = errno;
  Ordered order;
  for (long i = 0; i < fetched; ++i) {
    const auto found = pending().find(events[i].obj);
    if (found == pending().end()) continue;
    const auto [id, number, durable] = found->second;
    // One that would have had to wait is refused, and made again by another thread.
    if (static_cast<std::int64_t>(events[i].res) < 0) {
      order.append({Op::kCancel, id, number});
    } else if (durable) {
      order.append({Op::kSyncWrite, id, number});
    }
    pending().erase(found);
  }
  errno = error;
  return fetched;
}

}  // namespace

extern "C" long syscall(long number, ...) noexcept {
  va_list rest;
  va_start(rest, number);
  long given[6];
  for (auto& argument : given) argument = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_io_submit) {
    return submit(static_cast<aio_context_t>(given[0]), given[1],
                  reinterpret_cast<iocb**>(given[2]));
  }
  if (number == SYS_io_getevents) {
    return fetch(static_cast<aio_context_t>(given[0]), given[1], given[2],
                 reinterpret_cast<io_event*>(given[3]), reinterpret_cast<timespec*>(given[4]));
  }
  return shim::real::syscall(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}
