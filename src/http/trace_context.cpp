#include "http/trace_context.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

#include <fmt/format.h>

namespace mosaic::http {
namespace {

constexpr std::size_t kTraceparentBytes = 55;  // 2-32-16-2 hex digits and three dashes

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool all_zero(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '0'; });
}

bool is_traceparent(std::string_view text) {
  if (text.size() < kTraceparentBytes) return false;
  const auto version = text.substr(0, 2);
  // Only later versions may say more than version 00 does.
  if (text.size() > kTraceparentBytes && (version == "00" || text[kTraceparentBytes] != '-')) {
    return false;
  }
  const bool dashes = text[2] == '-' && text[35] == '-' && text[52] == '-';
  const auto trace = text.substr(3, 32);
  const auto parent = text.substr(36, 16);
  return dashes && version != "ff" && is_lower_hex(version) && is_lower_hex(trace) &&
         is_lower_hex(parent) && is_lower_hex(text.substr(53, 2)) && !all_zero(trace) &&
         !all_zero(parent);
}

/// Never zero, which stands for none.
std::uint64_t random_bits() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return random() | 1;
}

std::string random_hex() {
  return fmt::format("{:016x}", random_bits());
}

/// The lowest bit of the flags; the others are not defined and not passed on.
bool is_sampled(std::string_view traceparent) {
  const char last = traceparent[kTraceparentBytes - 1];
  return ((last <= '9' ? last - '0' : last - 'a' + 10) & 1) != 0;
}

}  // namespace

TraceContext trace_of(std::string_view traceparent) {
  if (!is_traceparent(traceparent)) return {random_hex() + random_hex(), random_hex(), false};
  return {std::string(traceparent.substr(3, 32)), random_hex(), is_sampled(traceparent)};
}

std::string traceparent_of(const TraceContext& trace) {
  return fmt::format("00-{}-{}-{}", trace.trace_id, trace.span_id, trace.sampled ? "01" : "00");
}

}  // namespace mosaic::http
