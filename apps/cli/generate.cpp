// mlxa generate: one answer.
#include <charconv>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include <nlohmann/json.hpp>

#include "cli.h"

namespace mlxa::cli {
namespace {

struct GenerateOptions {
  ModelOptions model;
  GenerateParameters parameters;
  std::string prompt, messages_file, prompt_ids, system_prompt, logits_file;
  bool ignore_chat_template = false, all_positions = false, verbose = false, json = false;
};

std::vector<int32_t> parse_ids(const std::string& text) {
  std::vector<int32_t> ids;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    int32_t id = 0;
    const auto [rest, status] = std::from_chars(at, end, id);
    if (status != std::errc() || (rest != end && *rest != ',')) {
      throw Error(ErrorCode::kInvalidArgument, "[generate] --prompt-ids " + text.substr(0, 60),
                  "Write token ids with commas between them, like 1,2,3.");
    }
    ids.push_back(id);
    at = rest == end ? end : rest + 1;
  }
  return ids;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) {
    throw Error(ErrorCode::kNotFound, "[generate] cannot read " + path, "Check the path.");
  }
  return text.str();
}

constexpr int kMaxDepth = 100;

// A file of messages: a JSON list of them, or an object with `messages` and template variables.
std::string chat_context(const std::string& text, const std::string& system_prompt) {
  nlohmann::ordered_json context;
  try {
    // Writing a document recurses where reading it does not.
    context = nlohmann::ordered_json::parse(text, [](int depth, auto, auto&) {
      if (depth <= kMaxDepth) return true;
      throw Error(ErrorCode::kInvalidArgument,
                  "[generate] --messages is nested deeper than " + std::to_string(kMaxDepth),
                  "Write a list of {\"role\": ..., \"content\": ...} objects.");
    });
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kInvalidArgument,
                std::string("[generate] --messages is not valid JSON: ") + error.what(),
                "Write a list of {\"role\": ..., \"content\": ...} objects.");
  }
  if (context.is_array()) context = {{"messages", std::move(context)}};
  if (!context.is_object() || !context.contains("messages") || !context["messages"].is_array()) {
    throw Error(ErrorCode::kInvalidArgument, "[generate] --messages holds no list of messages",
                "Write a list of {\"role\": ..., \"content\": ...} objects.");
  }
  if (!system_prompt.empty()) {
    auto& messages = context["messages"];
    const nlohmann::ordered_json turn = {{"role", "system"}, {"content", system_prompt}};
    messages.insert(messages.begin(), turn);
  }
  // Bytes of a system prompt that are no UTF-8 become replacement characters.
  return context.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<int32_t> prompt_tokens(const GenerateOptions& options, const Engine& engine) {
  if (!options.prompt_ids.empty()) return parse_ids(options.prompt_ids);
  if (!options.messages_file.empty()) {
    return engine.encode_chat_json(
        chat_context(read_file(options.messages_file), options.system_prompt));
  }
  const std::string prompt = options.prompt == "-" ? read_stdin() : options.prompt;
  if (options.ignore_chat_template || !engine.chat_template()) return engine.encode(prompt);
  std::vector<ChatMessage> messages;
  if (!options.system_prompt.empty()) messages.push_back({"system", options.system_prompt});
  messages.push_back({"user", prompt});
  return engine.encode_chat(messages);
}

void report(const GenerateResult& result, const Engine& engine) {
  const SystemInfo system = system_info();
  std::fprintf(
      stderr,
      "prompt: %d tokens (%d reused), %.1f tokens/s\n"
      "answer: %d tokens, %.1f tokens/s, first after %.3f s, %s\n"
      "peak memory %s, kv bytes copied %llu, plain-op fallbacks %llu, %s, %d threads\n",
      result.prompt_tokens, result.reused_tokens, result.prompt_tps, result.generation_tokens,
      result.generation_tps, result.time_to_first_token_s, result.finish_reason.c_str(),
      human_bytes(static_cast<double>(peak_resident_memory())).c_str(),
      static_cast<unsigned long long>(engine.kv_bytes_copied()),
      static_cast<unsigned long long>(fallback_operations()), system.isa.c_str(), system.threads);
}

std::string json_document(const GenerateResult& result) {
  const nlohmann::ordered_json document = {
      {"text", result.text},
      {"token_ids", result.token_ids},
      {"finish_reason", result.finish_reason},
      {"prompt_tokens", result.prompt_tokens},
      {"generation_tokens", result.generation_tokens},
      {"prompt_tps", result.prompt_tps},
      {"generation_tps", result.generation_tps},
      {"time_to_first_token_s", result.time_to_first_token_s},
      {"peak_memory_bytes", peak_resident_memory()},
  };
  return document.dump() + "\n";
}

// The logits of the last position of the prompt, or of every position, [positions, vocabulary].
array prompt_logits(const std::vector<int32_t>& prompt, bool all_positions, Session& session) {
  if (!all_positions || prompt.empty()) {
    const std::vector<float> last = session.logits(prompt);
    return array(last.begin(), {static_cast<int>(last.size())}, float32);
  }
  std::vector<float> rows;
  for (size_t n = 1; n <= prompt.size(); n++) {  // the session keeps what it computed before
    const std::vector<float> last = session.logits(std::span(prompt).first(n));
    rows.insert(rows.end(), last.begin(), last.end());
  }
  const auto positions = static_cast<int>(prompt.size());
  return array(rows.begin(), {positions, static_cast<int>(rows.size()) / positions}, float32);
}

void run_generate(const GenerateOptions& options) {
  const Engine engine = options.model.load();
  const std::vector<int32_t> prompt = prompt_tokens(options, engine);
  Session session = engine.create_session();
  const CancelOnInterrupt guard(session);
  if (!options.logits_file.empty()) {
    save(options.logits_file, prompt_logits(prompt, options.all_positions, session));
    session.trim(0);  // the figures below are those of a whole prompt
  }
  TokenCallback show;
  if (!options.json) {
    show = [](const TokenEvent& token) {
      put(token.text);
      return true;
    };
  }
  const GenerateResult result =
      session.generate(prompt, options.parameters, show, prompt_progress());
  put(options.json ? json_document(result) : "\n");
  if (options.verbose) report(result, engine);
  if (result.finish_reason == "cancelled")
    throw Error(ErrorCode::kCancelled, "[generate] interrupted");
}

}  // namespace

void add_generate(CLI::App& app) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* verb = app.add_subcommand("generate", "Answer a prompt");
  options->model.add_to(*verb);
  CLI::Option_group* source = verb->add_option_group("prompt", "One of these");
  source->add_option("--prompt", options->prompt, "The prompt, or - for stdin")
      ->type_name("TEXT|-");
  source->add_option("--messages", options->messages_file, "JSON file with the conversation")
      ->type_name("FILE");
  source->add_option("--prompt-ids", options->prompt_ids, "The prompt as token ids")
      ->type_name("1,2,3");
  source->require_option(1);
  verb->add_option("--system-prompt", options->system_prompt, "What the model is told beforehand")
      ->type_name("TEXT");
  add_sampling_options(*verb, options->parameters);
  verb->add_flag("--ignore-chat-template", options->ignore_chat_template,
                 "Give the model the prompt as it is");
  verb->add_flag("--ignore-eos", options->parameters.ignore_eos,
                 "Go on past the end-of-sequence token");
  CLI::Option* logits = verb->add_option("--logits", options->logits_file,
                                         "Write the last prompt position's logits, float32 .npy");
  logits->type_name("FILE");
  verb->add_flag("--all-positions", options->all_positions,
                 "With --logits: of every prompt position, a row each; computes them one by one")
      ->needs(logits);
  verb->add_flag("--verbose", options->verbose, "Figures on stderr");
  verb->add_flag("--json", options->json, "One JSON document instead of streamed text");
  verb->callback([options] { run_generate(*options); });
}

}  // namespace mlxa::cli
