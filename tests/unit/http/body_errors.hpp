// Ways to look at the errors of bodies, shared by the tests of all bodies.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "base/failure.hpp"

namespace mosaic::http {

/// What the error of `work` says; empty when there is none.
template <class Work>
std::string detail_of(Work work) {
  try {
    work();
  } catch (const Failure& failure) {
    return failure.error().detail;
  }
  return {};
}

/// An object in an object and so on, `levels` deep.
inline std::string nested(int levels) {
  std::string text;
  for (int i = 1; i < levels; ++i) text += R"({"a":)";
  text += "{}";
  return text + std::string(static_cast<std::size_t>(levels - 1), '}');
}

inline testing::AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "'" << text << "' lacks '" << part << "'";
}

}  // namespace mosaic::http
