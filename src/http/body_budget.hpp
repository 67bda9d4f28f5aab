// How many bytes of request bodies may be in the process at a time, over all connections. A body is
// reserved before it is read and given back when its request has been answered, so that many large
// requests at once are refused instead of using up the memory. Any thread may call.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace mosaic::http {

class BodyBudget {
 public:
  /// The bytes of one body; goes back to the budget, which must outlive it.
  class Share {
   public:
    Share() = default;
    Share(BodyBudget& budget, std::uint64_t bytes) : budget_(&budget), bytes_(bytes) {}
    Share(Share&& other) noexcept { *this = std::move(other); }
    Share& operator=(Share&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      other.give_back();
      return *this;
    }
    ~Share() { give_back(); }

    void give_back() {
      if (auto* budget = std::exchange(budget_, nullptr)) budget->take_back(bytes_);
    }

   private:
    BodyBudget* budget_ = nullptr;
    std::uint64_t bytes_ = 0;
  };

  /// `changed` hears of every change of what is reserved, on the thread that made it.
  explicit BodyBudget(std::uint64_t bytes_max, std::function<void(std::int64_t)> changed = {})
      : bytes_max_(bytes_max), changed_(std::move(changed)) {}

  /// Nothing when the body does not fit beside those that are there.
  std::optional<Share> reserve(std::uint64_t bytes);

  std::uint64_t bytes_max() const { return bytes_max_; }

 private:
  void take_back(std::uint64_t bytes);
  void tell(std::int64_t change) const {
    if (changed_ && change != 0) changed_(change);
  }

  const std::uint64_t bytes_max_;
  const std::function<void(std::int64_t)> changed_;
  std::atomic<std::uint64_t> used_ = 0;
};

}  // namespace mosaic::http
