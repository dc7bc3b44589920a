// mlxa template: a conversation to the prompt that the model sees.
#include <memory>

#include "cli.h"

namespace mlxa::cli {
namespace {

void run_template(const std::filesystem::path& model, bool generation_prompt) {
  std::error_code error;
  if (!std::filesystem::is_directory(model, error)) {
    throw Error(ErrorCode::kNotFound, "[template] no such directory: " + model.string(),
                "Check the path given with --model.");
  }
  const auto chat = ChatTemplate::load(model);
  if (!chat) {
    throw Error(ErrorCode::kUnsupported, "[template] the model has no chat template",
                "Use an instruct model.");
  }
  put(chat->render_json(read_stdin(), special_token_roles(model), generation_prompt));
}

}  // namespace

void add_template(CLI::App& app) {
  struct Options {
    std::filesystem::path model;
    bool no_generation_prompt = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "template",
      "Render the chat template: {\"messages\": [...], \"tools\": [...]?, ...} on stdin");
  verb->add_option("--model", options->model, "Model directory")->required()->type_name("DIR");
  verb->add_flag("--no-generation-prompt", options->no_generation_prompt,
                 "Do not open the assistant's turn");
  verb->callback([options] { run_template(options->model, !options->no_generation_prompt); });
}

}  // namespace mlxa::cli
