#include "faults.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sstream>
#include <vector>

#include "real.hpp"

namespace shim {
namespace {

constexpr std::size_t kPointsMax = 512;
constexpr std::size_t kNameBytes = 56;

/// As test code reads it: <56sQ.
struct Count {
  char name[kNameBytes];
  std::uint64_t passed;
};

struct Plan {
  std::string kind, file_class, action;
  std::uint64_t at = 0;
  std::uint64_t seen = 0;
};

struct State {
  std::mutex lock;
  Count* counts = nullptr;
  Plan plan;
  std::string control;
};

Count* map_counts(const char* path) {
  const int file = real::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0 || real::ftruncate(file, kPointsMax * sizeof(Count)) != 0) std::abort();
  void* const mapped =
      ::mmap(nullptr, kPointsMax * sizeof(Count), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) std::abort();
  real::close(file);
  return static_cast<Count*>(mapped);
}

Plan parse_plan(const std::string& text) {
  Plan plan;
  std::istringstream in(text);
  std::string number;
  std::getline(in, plan.kind, ':');
  std::getline(in, plan.file_class, ':');
  std::getline(in, number, ':');
  std::getline(in, plan.action);
  plan.at = std::strtoull(number.c_str(), nullptr, 10);
  if (plan.at == 0 || plan.action.empty()) std::abort();
  return plan;
}

State& state() {
  static State* const made = [] {
    auto* fresh = new State;
    if (const char* counts = std::getenv("SHIM_COUNTS")) fresh->counts = map_counts(counts);
    if (const char* at = std::getenv("SHIM_AT")) fresh->plan = parse_plan(at);
    if (const char* control = std::getenv("SHIM_CONTROL")) fresh->control = control;
    return fresh;
  }();
  return *made;
}

bool matches(const std::string& pattern, const std::string& text) {
  return pattern == "*" || pattern == text;
}

void count(Count* counts, const std::string& point) {
  for (std::size_t i = 0; i < kPointsMax; ++i) {
    if (counts[i].name[0] == 0) {
      std::memcpy(counts[i].name, point.data(), std::min(point.size(), kNameBytes - 1));
    }
    if (std::strncmp(counts[i].name, point.c_str(), kNameBytes - 1) == 0) {
      ++counts[i].passed;
      return;
    }
  }
}

int error_named(const std::string& name) {
  if (name == "ENOSPC") return ENOSPC;
  if (name == "EIO") return EIO;
  if (name == "EDQUOT") return EDQUOT;
  std::abort();
}

Verdict failing(const std::string& name, bool grows) {
  const int error = error_named(name);
  if (error != EIO && !grows) return {};
  return {Verdict::What::kFail, error};
}

Verdict by_control(const std::string& path, const std::string& kind, const std::string& file_class,
                   bool grows) {
  const int file = real::open(path.c_str(), O_RDONLY | O_CLOEXEC, 0);
  if (file < 0) return {};
  std::array<char, 4096> text;
  const auto size = ::read(file, text.data(), text.size());
  real::close(file);
  std::istringstream in(std::string(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0));
  std::string error, kind_pattern, class_pattern;
  while (in >> error >> kind_pattern >> class_pattern) {
    if (!matches(kind_pattern, kind) || !matches(class_pattern, file_class)) continue;
    if (const auto verdict = failing(error, grows); verdict.what != Verdict::What::kGo)
      return verdict;
  }
  return {};
}

Verdict by_plan(Plan& plan, const std::string& kind, const std::string& file_class, bool grows) {
  if (plan.at == 0 || !matches(plan.kind, kind) || !matches(plan.file_class, file_class)) return {};
  if (++plan.seen != plan.at) return {};
  if (plan.action == "before") die();
  if (plan.action == "after") return {Verdict::What::kKillAfter};
  if (plan.action == "torn") return {Verdict::What::kKillInside};
  return failing(plan.action, grows);
}

}  // namespace

Verdict pass(const char* kind, const std::string& file_class, bool grows) {
  auto& all = state();
  const std::lock_guard lock(all.lock);
  if (all.counts != nullptr) count(all.counts, std::string(kind) + ":" + file_class);
  if (const auto verdict = by_plan(all.plan, kind, file_class, grows);
      verdict.what != Verdict::What::kGo)
    return verdict;
  return all.control.empty() ? Verdict{} : by_control(all.control, kind, file_class, grows);
}

std::string class_of(const std::string& path, bool folder) {
  if (folder) return "folder";
  auto name = path.substr(path.rfind('/') + 1);
  std::erase_if(name, [](unsigned char c) { return std::isdigit(c) != 0; });
  return name.empty() ? "number" : name;
}

void die() {
  ::kill(::getpid(), SIGKILL);
  // The signal reaches every thread, but this one may run on for a moment.
  for (;;) ::pause();
}

}  // namespace shim
