// mlxa tokenize: JSON lines to JSON lines, text to ids or back.
#include <iostream>
#include <memory>

#include <nlohmann/json.hpp>

#include "cli.h"

namespace mlxa::cli {
namespace {

struct TokenizeOptions {
  std::filesystem::path model;
  bool no_special = false, decode = false, keep_special = false;
};

// One line's answer. Text that is no JSON string, or ids that are no list of integers, throw.
std::string convert(const TokenizeOptions& options, const Tokenizer& tokenizer,
                    const nlohmann::json& value) {
  if (!options.decode) {
    return nlohmann::json(
               tokenizer.encode(value.get_ref<const std::string&>(), !options.no_special))
        .dump();
  }
  const auto ids = value.get<std::vector<int32_t>>();
  return nlohmann::json(tokenizer.decode(ids, !options.keep_special)).dump();
}

void run_tokenize(const TokenizeOptions& options) {
  const Tokenizer tokenizer = Tokenizer::load(options.model);
  std::string line;
  for (size_t number = 1; std::getline(std::cin, line); number++) {
    if (line.empty()) continue;
    try {
      put(convert(options, tokenizer, nlohmann::json::parse(line)) + "\n");
    } catch (const nlohmann::json::exception& error) {
      throw Error(ErrorCode::kInvalidArgument,
                  "[tokenize] line " + std::to_string(number) + ": " + error.what(),
                  options.decode ? "Write one JSON list of token ids per line."
                                 : "Write one JSON string per line.");
    }
  }
}

}  // namespace

void add_tokenize(CLI::App& app) {
  auto options = std::make_shared<TokenizeOptions>();
  CLI::App* verb = app.add_subcommand(
      "tokenize", "Read JSON lines: strings to token ids, or with --decode ids to strings");
  verb->add_option("--model", options->model, "Model directory")->required()->type_name("DIR");
  verb->add_flag("--no-special", options->no_special,
                 "Add no special tokens such as the beginning of the sequence");
  verb->add_flag("--decode", options->decode, "Ids to text; special tokens are left out");
  verb->add_flag("--keep-special", options->keep_special, "With --decode: show special tokens")
      ->needs("--decode");
  verb->callback([options] { run_tokenize(*options); });
}

}  // namespace mlxa::cli
