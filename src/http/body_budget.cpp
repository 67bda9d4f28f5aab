#include "http/body_budget.hpp"

namespace mosaic::http {

std::optional<BodyBudget::Share> BodyBudget::reserve(std::uint64_t bytes) {
  auto used = used_.load();
  do {
    if (bytes > bytes_max_ - used) return std::nullopt;
  } while (!used_.compare_exchange_weak(used, used + bytes));
  tell(static_cast<std::int64_t>(bytes));
  return Share(*this, bytes);
}

void BodyBudget::take_back(std::uint64_t bytes) {
  used_ -= bytes;
  tell(-static_cast<std::int64_t>(bytes));
}

}  // namespace mosaic::http
