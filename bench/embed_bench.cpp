// How fast a static model embeds: microseconds for a query of ten words, words per second of long
// text, milliseconds to open. bench/embedding_speed.py runs it beside the Python reference.
//   embed_bench FOLDER TEXT_FILE [ROUNDS]
// The query is the first line of the file, the long text all of it; a line of JSON per round.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "base/failure.hpp"
#include "text/model/static_model.hpp"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kQueries = 20'000;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::size_t words_in(std::string_view text) {
  std::size_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n';
    words += !space && !inside ? 1 : 0;
    inside = !space;
  }
  return words;
}

double query_us(const mosaic::text::StaticModel& model, std::string_view query) {
  float kept = 0;
  const auto start = Clock::now();
  for (int i = 0; i < kQueries; ++i) kept += model.embed(query).at(0);
  const auto seconds = seconds_since(start);
  if (kept == 0.5F) std::cerr << ' ';  // so that nothing is left out
  return seconds / kQueries * 1e6;
}

double words_per_second(const mosaic::text::StaticModel& model, std::string_view text) {
  const auto start = Clock::now();
  const auto vector = model.embed(text);
  const auto seconds = seconds_since(start);
  return static_cast<double>(vector.empty() ? 0 : words_in(text)) / seconds;
}

void measure(const std::string& folder, const std::string& text, int rounds) {
  const std::string query = text.substr(0, text.find('\n'));
  for (int i = 0; i < rounds; ++i) {
    const auto start = Clock::now();
    const auto model = mosaic::or_throw(mosaic::text::StaticModel::open(folder));
    const auto open_ms = seconds_since(start) * 1e3;
    fmt::print("{{\"open_ms\":{:.3f},\"query_us\":{:.3f},\"words_per_second\":{:.0f}}}\n", open_ms,
               query_us(*model, query), words_per_second(*model, text));
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::cerr << "embed_bench FOLDER TEXT_FILE [ROUNDS]\n";
    return EXIT_FAILURE;
  }
  std::ifstream file(arguments[2], std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    measure(arguments[1], text, count > 3 ? std::atoi(arguments[3]) : 1);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
