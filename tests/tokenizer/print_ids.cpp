// What the engine makes of texts, for the scripts that compare it with the reference. Texts come on
// standard input, each after a line with its length in bytes; a line goes out for each.
//   print_ids TOKENIZER_JSON                  the ids
//   print_ids --vectors FOLDER [TOKENS_MAX]   the vector by the model in the folder
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>

#include "base/failure.hpp"
#include "text/model/static_model.hpp"
#include "text/model/tokenizer.hpp"

namespace {

using Answer = std::function<void(const std::string& text, std::ostream& out)>;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void answer_all(const Answer& answer) {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::string text(std::stoul(line), '\0');
    if (!std::cin.read(text.data(), static_cast<std::streamsize>(text.size()))) return;
    answer(text, std::cout);
    std::cout << '\n';
  }
}

void print_ids(const std::string& path) {
  const mosaic::text::Tokenizer tokenizer(bytes_of(path));
  answer_all([&](const std::string& text, std::ostream& out) {
    for (const auto id : tokenizer.encode(text)) out << id << ' ';
  });
}

void print_vectors(const std::string& folder, std::size_t tokens_max) {
  const auto model = mosaic::or_throw(mosaic::text::StaticModel::open(folder));
  std::cout.precision(9);
  answer_all([&](const std::string& text, std::ostream& out) {
    for (const float x : model->embed(text, tokens_max)) out << x << ' ';
  });
}

}  // namespace

int main(int count, char** arguments) {
  std::ios::sync_with_stdio(false);
  try {
    if (count > 2 && arguments[1] == std::string("--vectors")) {
      print_vectors(arguments[2], count > 3 ? std::stoul(arguments[3]) : 0);
    } else if (count == 2) {
      print_ids(arguments[1]);
    } else {
      return EXIT_FAILURE;
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
