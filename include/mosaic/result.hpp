// What an operation gives back: a value or an Error. Nothing here throws on failure of the
// operation; asking a failed Result for its value is a bug in the caller and ends in
// std::bad_variant_access.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace mosaic {

/// The stable words of the public contract; `to_string` gives the `code` of a problem document.
enum class ErrorCode : std::uint8_t {
  kInvalidArgument = 1,
  kMethodNotAllowed,
  kNotFound,
  kAlreadyExists,
  kDimensionMismatch,
  kPayloadTooLarge,
  kUnauthenticated,
  kPermissionDenied,
  kOverloaded,
  kUnavailable,
  kDeadlineExceeded,
  kCorruptData,
  kInternal,
};

constexpr std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kMethodNotAllowed:
      return "method_not_allowed";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kAlreadyExists:
      return "already_exists";
    case ErrorCode::kDimensionMismatch:
      return "dimension_mismatch";
    case ErrorCode::kPayloadTooLarge:
      return "payload_too_large";
    case ErrorCode::kUnauthenticated:
      return "unauthenticated";
    case ErrorCode::kPermissionDenied:
      return "permission_denied";
    case ErrorCode::kOverloaded:
      return "overloaded";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kDeadlineExceeded:
      return "deadline_exceeded";
    case ErrorCode::kCorruptData:
      return "corrupt_data";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

/// Why an operation failed. `detail` is one sentence for a person that names the field and the
/// value.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string detail;

  friend bool operator==(const Error&, const Error&) = default;
};

inline Error invalid(std::string detail) {
  return {ErrorCode::kInvalidArgument, std::move(detail)};
}

/// A value of T or an Error. Converts from both, so `return value;` and `return error;` read alike.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() { return std::get<1>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace mosaic
