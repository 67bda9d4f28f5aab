// An Error on its way up through code that cannot go on. Thrown inside rooms that wrap a library;
// caught where a room answers with a Result, or by the actor that lets itself be restarted.
#pragma once

#include <exception>

#include "mosaic/result.hpp"

namespace mosaic {

class Failure : public std::exception {
 public:
  explicit Failure(Error error) : error_(std::move(error)) {}
  Failure(ErrorCode code, std::string detail) : error_{code, std::move(detail)} {}

  const Error& error() const { return error_; }
  const char* what() const noexcept override { return error_.detail.c_str(); }

 private:
  Error error_;
};

/// The value, or a Failure of the error.
template <class T>
T or_throw(Result<T> result) {
  if (!result) throw Failure(result.error());
  return std::move(*result);
}

/// Runs `work` and turns a Failure into the Error of a Result.
template <class Work>
auto to_result(Work&& work) -> Result<decltype(work())> {
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (const Failure& failure) {
    return failure.error();
  }
}

}  // namespace mosaic
