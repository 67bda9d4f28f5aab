#include "base/mapped_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <optional>
#include <system_error>

#include "base/descriptor.hpp"

namespace mosaic {
namespace {

/// Mappings start on a multiple of this, whatever the size of a page is.
constexpr std::uint64_t kPageBytes = 4'096;
constexpr unsigned kPagesBits = 28;
constexpr std::uint64_t kPagesMask = (std::uint64_t{1} << kPagesBits) - 1;
static_assert(kMappedBytesMax == kPagesMask * kPageBytes);

/// Where one file is: the number of its first page and, in the lowest bits, how many there are, in
/// one word, so that the handler never sees half of a change. 0: free.
struct Slot {
  std::atomic<std::uint64_t> pages{0};
  std::atomic<bool> lost{false};
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

constinit std::array<Slot, kMappedFilesMax> slots;
struct sigaction handler_before {};

std::uint64_t pages_of(const void* begin, std::size_t bytes) {
  const auto first = reinterpret_cast<std::uintptr_t>(begin) / kPageBytes;
  return first << kPagesBits | (bytes + kPageBytes - 1) / kPageBytes;
}

bool put_zeros(Slot& slot, std::uintptr_t address) {
  const auto pages = slot.pages.load(std::memory_order_acquire);
  const auto first = pages >> kPagesBits;
  const auto count = pages & kPagesMask;
  if (address / kPageBytes - first >= count) return false;
  slot.lost.store(true, std::memory_order_release);
  return ::mmap(reinterpret_cast<void*>(first * kPageBytes), count * kPageBytes, PROT_READ,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED;
}

void pass_on(int signal, siginfo_t* info, void* context) {
  if ((handler_before.sa_flags & SA_SIGINFO) != 0) {
    handler_before.sa_sigaction(signal, info, context);
  } else if (handler_before.sa_handler != SIG_DFL && handler_before.sa_handler != SIG_IGN) {
    handler_before.sa_handler(signal);
  } else {
    // Ends the process once this returns, as it would have without us.
    ::sigaction(signal, &handler_before, nullptr);
    ::raise(signal);
  }
}

void on_bus_error(int signal, siginfo_t* info, void* context) {
  const int error = errno;
  bool ours = false;
  if (info->si_code > 0) {  // else another process has sent it, and there is no address
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    for (Slot& slot : slots) ours = ours || put_zeros(slot, address);
  }
  if (!ours) pass_on(signal, info, context);
  errno = error;
}

void install_handler() {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    return ::sigaction(SIGBUS, &action, &handler_before) == 0;
  }();
  static_cast<void>(installed);
}

std::optional<std::size_t> register_pages(std::uint64_t pages) {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    std::uint64_t free = 0;
    if (slots[i].pages.load(std::memory_order_relaxed) != 0) continue;
    if (slots[i].pages.compare_exchange_strong(free, pages, std::memory_order_acq_rel)) return i;
  }
  return std::nullopt;
}

Error cannot(std::string_view what, const std::filesystem::path& path, int error) {
  return {error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
          fmt::format("cannot {} '{}': {}", what, path.filename().string(),
                      std::system_category().message(error))};
}

}  // namespace

Result<std::unique_ptr<const MappedFile>> MappedFile::open(const std::filesystem::path& path,
                                                           std::uint64_t bytes_max) {
  using Mapped = std::unique_ptr<const MappedFile>;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.file() < 0 || ::fstat(file.file(), &status) != 0) return cannot("open", path, errno);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (!S_ISREG(status.st_mode) || size == 0 || size > bytes_max) {
    return Error{ErrorCode::kCorruptData, fmt::format("'{}' is not a file of 1 to {} bytes",
                                                      path.filename().string(), bytes_max)};
  }
  install_handler();
  void* const begin = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.file(), 0);
  if (begin == MAP_FAILED) return cannot("map", path, errno);
  const auto slot = register_pages(pages_of(begin, size));
  if (!slot) {
    ::munmap(begin, size);
    return Error{ErrorCode::kUnavailable, fmt::format("cannot map '{}': {} files are mapped",
                                                      path.filename().string(), kMappedFilesMax)};
  }
  return Mapped(new MappedFile({static_cast<const std::byte*>(begin), size}, *slot));
}

MappedFile::~MappedFile() {
  slots[slot_].lost.store(false, std::memory_order_relaxed);
  slots[slot_].pages.store(0, std::memory_order_release);
  ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

bool MappedFile::intact() const {
  return !slots[slot_].lost.load(std::memory_order_acquire);
}

void MappedFile::expect_jumps(std::size_t begin, std::size_t end) const {
  begin = (begin + kPageBytes - 1) / kPageBytes * kPageBytes;
  if (begin >= end) return;
  ::madvise(const_cast<std::byte*>(bytes_.data()) + begin, end - begin, MADV_RANDOM);
}

void MappedFile::release(std::size_t begin, std::size_t end) const {
  begin = (begin + kPageBytes - 1) / kPageBytes * kPageBytes;
  if (begin >= end) return;
  ::madvise(const_cast<std::byte*>(bytes_.data()) + begin, end - begin, MADV_DONTNEED);
}

}  // namespace mosaic
