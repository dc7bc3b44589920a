// mlxa info: what a model directory holds. mlxa env: what this machine gives.
#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "cli.h"

namespace mlxa::cli {
namespace {

using Json = nlohmann::ordered_json;

// Powers of four up to the context, and the context itself.
std::vector<int> context_lengths(int context) {
  std::vector<int> out;
  for (int64_t n = 512; n < context; n *= 4) out.push_back(static_cast<int>(n));
  out.push_back(context);
  return out;
}

Json model_document(const Engine& engine, const std::filesystem::path& dir) {
  const ModelInfo& info = engine.info();
  Json memory = Json::object();
  for (int length : context_lengths(info.context_length)) {
    memory[std::to_string(length)] = info.weight_bytes + info.kv_bytes_per_token * length;
  }
  Json special = Json::object();
  for (const auto& [role, content] : special_token_roles(dir)) special[role] = content;
  return {
      {"path", dir.string()},
      {"architecture", info.architecture},
      {"parameters", info.parameters},
      {"weight_bytes", info.weight_bytes},
      {"bits_per_weight", info.bits_per_weight},
      {"quantization", info.quantization},
      {"layers", info.layers},
      {"vocab_size", info.vocab_size},
      {"context_length", info.context_length},
      {"kv_bytes_per_token", info.kv_bytes_per_token},
      {"memory_bytes_by_context", memory},
      {"eos_token_ids", info.eos_token_ids},
      {"special_tokens", special},
      {"chat_template", engine.chat_template() ? Json(engine.chat_template()->source()) : Json()}};
}

void run_info(const std::filesystem::path& dir, bool as_json) {
  const Engine engine = Engine::load(dir);
  const Json document = model_document(engine, dir);
  if (as_json) {
    put(document.dump() + "\n");
    return;
  }
  const ModelInfo& info = engine.info();
  char line[256];
  std::string out;
  const auto row = [&](const char* name, const std::string& value) {
    std::snprintf(line, sizeof line, "%-16s %s\n", name, value.substr(0, 200).c_str());
    out += line;
  };
  char bits[32];
  std::snprintf(bits, sizeof bits, "%.2f", info.bits_per_weight);
  row("architecture", info.architecture);
  row("parameters", std::to_string(info.parameters));
  row("weights", human_bytes(static_cast<double>(info.weight_bytes)) + ", " + bits + " bits each");
  for (const std::string& kind : info.quantization) row("quantization", kind);
  row("layers", std::to_string(info.layers));
  row("vocabulary", std::to_string(info.vocab_size));
  row("context", std::to_string(info.context_length) + " tokens");
  for (int length : context_lengths(info.context_length)) {
    const double bytes = static_cast<double>(info.weight_bytes + info.kv_bytes_per_token * length);
    row("memory", human_bytes(bytes) + " at " + std::to_string(length) + " tokens");
  }
  for (const auto& [role, content] : special_token_roles(dir)) row(role.c_str(), content);
  row("ends at ids", Json(info.eos_token_ids).dump());
  row("chat template", engine.chat_template()
                           ? std::to_string(engine.chat_template()->source().size()) + " characters"
                           : "none");
  put(out);
}

void run_env(bool as_json) {
  const SystemInfo info = system_info();
  Json knobs = Json::object();
  std::string text = "version    " + info.version + "\nprocessor  " + info.cpu + "\nkernels    " +
                     info.isa + " (supported:";
  for (const std::string& isa : info.supported_isas) text += " " + isa;
  text += ")\nprocessors " + std::to_string(info.processors) + ", " + std::to_string(info.threads) +
          " threads\nmemory     " + human_bytes(static_cast<double>(info.memory_budget)) +
          " may be used\n\nEnvironment variables:\n";
  for (const KnobInfo& knob : info.knobs) {
    knobs[knob.name] = knob.value.empty() ? Json() : Json(knob.value);
    text += "  " + knob.name + (knob.value.empty() ? "" : "=" + knob.value) + "\n      " +
            knob.meaning + "\n";
  }
  const Json document = {{"version", info.version},
                         {"cpu", info.cpu},
                         {"isa", info.isa},
                         {"supported_isas", info.supported_isas},
                         {"processors", info.processors},
                         {"threads", info.threads},
                         {"memory_budget_bytes", info.memory_budget},
                         {"knobs", knobs}};
  put(as_json ? document.dump() + "\n" : text);
}

}  // namespace

void add_info(CLI::App& app) {
  struct Options {
    std::filesystem::path dir;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("info", "Describe a model directory");
  verb->add_option("dir", options->dir, "Model directory")->required()->type_name("DIR");
  verb->add_flag("--json", options->json, "One JSON document");
  verb->callback([options] { run_info(options->dir, options->json); });
}

void add_env(CLI::App& app) {
  auto as_json = std::make_shared<bool>(false);
  CLI::App* verb = app.add_subcommand("env", "Describe this machine and the environment variables");
  verb->add_flag("--json", *as_json, "One JSON document");
  verb->callback([as_json] { run_env(*as_json); });
}

}  // namespace mlxa::cli
