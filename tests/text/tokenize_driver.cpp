// Tokenizes JSON lines, for comparisons with another implementation:
//   tokenize_driver tokenize --model DIR [--no-special] [--decode]
// reads a string per line and writes its ids, or with --decode reads ids and writes their text.
// With --stream the text comes out of the streaming detokenizer.
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mlxa/tokenizer.h"

namespace {

using Json = nlohmann::json;

std::string stream_text(const mlxa::Tokenizer& tokenizer, const std::vector<int32_t>& ids) {
  mlxa::StreamingDetokenizer stream(tokenizer);
  std::string text;
  for (const int32_t id : ids) text += stream.add(id);
  return text + stream.finish();
}

int run(int argc, char** argv) {
  std::string model;
  bool special = true, decode = false, stream = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--model" && i + 1 < argc) model = argv[++i];
    if (argument == "--no-special") special = false;
    if (argument == "--decode") decode = true;
    if (argument == "--stream") decode = stream = true;
  }
  const auto tokenizer = mlxa::Tokenizer::load(model);
  std::string line;
  while (std::getline(std::cin, line)) {
    const Json value = Json::parse(line);
    if (!decode) {
      std::cout << Json(tokenizer.encode(value.get_ref<const std::string&>(), special)).dump();
    } else {
      const auto ids = value.get<std::vector<int32_t>>();
      std::cout << Json(stream ? stream_text(tokenizer, ids) : tokenizer.decode(ids)).dump();
    }
    std::cout << '\n';
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
