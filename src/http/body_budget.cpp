#include "http/body_budget.hpp"

namespace mosaic::http {

std::optional<BodyBudget::Share> BodyBudget::reserve(std::uint64_t bytes) {
  auto used = used_.load();
  do {
    if (bytes > bytes_max_ - used) return std::nullopt;
  } while (!used_.compare_exchange_weak(used, used + bytes));
  return Share(*this, bytes);
}

}  // namespace mosaic::http
