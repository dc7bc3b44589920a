#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

#include <unistd.h>

#include "cli.h"

namespace mlxa::cli {
namespace {

std::atomic<Session*> interrupted_session{nullptr};

void on_interrupt(int) {
  // Session::cancel is one atomic store, which a handler may do.
  if (Session* session = interrupted_session.exchange(nullptr)) {
    session->cancel();
  } else {
    std::signal(SIGINT, SIG_DFL);
    std::raise(SIGINT);
  }
}

}  // namespace

void ModelOptions::add_to(CLI::App& verb) {
  verb.add_option("--model", model, "Model directory: config.json, safetensors, tokenizer.json")
      ->required()
      ->type_name("DIR");
  verb.add_flag("--exact", engine.exact,
                "No int8 activations, float32 keys and values: slower, as precise as the weights");
  verb.add_option("--threads", threads, "Threads that compute (default: all processors)")
      ->check(CLI::Range(1, 256));
  verb.add_option("--prefill-chunk", engine.prefill_chunk, "Prompt tokens per step")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  add_kv_bits(verb, engine.kv_bits);
  verb.add_flag("--no-mmap", no_mmap, "Read the weights into memory instead of mapping the files");
}

void add_kv_bits(CLI::App& verb, int& kv_bits) {
  verb.add_option("--kv-bits", kv_bits,
                  "Bits of a key's or value's element, 8 or 4; 0: the model's own type")
      ->capture_default_str();
}

Engine ModelOptions::load() const {
  if (threads > 0) set_threads(threads);
  EngineOptions options = engine;
  options.map_weights = !no_mmap;
  return Engine::load(model, options);
}

void add_sampling_options(CLI::App& verb, GenerateParameters& p) {
  verb.add_option("--max-tokens", p.max_tokens, "Longest answer in tokens")->capture_default_str();
  verb.add_option("--temp", p.temperature, "Temperature; 0: always the likeliest token")
      ->capture_default_str();
  verb.add_option("--top-p", p.top_p, "Keep the likeliest tokens of this total probability")
      ->capture_default_str();
  verb.add_option("--top-k", p.top_k, "Keep the K likeliest tokens; 0: all")->capture_default_str();
  verb.add_option("--min-p", p.min_p, "Drop tokens below this share of the best one's probability")
      ->capture_default_str();
  verb.add_option("--repetition-penalty", p.repetition_penalty,
                  "Above 1: tokens said lately become less likely")
      ->capture_default_str();
  verb.add_option("--seed", p.seed, "Makes sampling repeatable");
  verb.add_option("--stop", p.stop, "Text that ends the answer (repeatable)")
      ->type_name("TEXT")
      ->expected(1)
      ->take_all();
}

void put(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  throw Error(
      ErrorCode::kIo,
      std::string("[output] cannot write to stdout: ") + std::generic_category().message(errno),
      "Check the program that reads it, or the space on the disk.");
}

std::string read_stdin() {
  std::string text;
  char buffer[65536];
  for (size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, stdin)) > 0;) {
    text.append(buffer, got);
  }
  if (std::ferror(stdin)) {
    throw Error(ErrorCode::kIo,
                std::string("[input] cannot read stdin: ") + std::generic_category().message(errno),
                "Check the program that writes it.");
  }
  return text;
}

std::string human_bytes(double bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  int unit = 0;
  while (bytes >= 1000 && unit < 4) {
    bytes /= 1000;
    unit++;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
  return text;
}

ProgressCallback prompt_progress() {
  if (!isatty(STDERR_FILENO)) return {};
  return [](int done, int total) {
    if (total < 1024) return true;  // done before anyone could read it
    std::fprintf(stderr, "\rprompt %d / %d tokens%s", done, total, done == total ? "\r\033[K" : "");
    return true;
  };
}

CancelOnInterrupt::CancelOnInterrupt(Session& session) {
  interrupted_session.store(&session);
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
}

CancelOnInterrupt::~CancelOnInterrupt() {
  interrupted_session.store(nullptr);
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace mlxa::cli
