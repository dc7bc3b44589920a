#include "engine.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>

#include "cache_state.h"

namespace peers {
namespace {

constexpr int kTileTokens = 256;

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string last_error;

void keep_errors(ggml_log_level level, const char* text, void*) {
  if (level == GGML_LOG_LEVEL_ERROR) last_error = text;
}

std::runtime_error failure(const std::string& what) {
  std::string reason = last_error;
  while (!reason.empty() && (reason.back() == '\n' || reason.back() == ' ')) reason.pop_back();
  return std::runtime_error(reason.empty() ? what : what + ": " + reason);
}

}  // namespace

void quiet_llama() { llama_log_set(keep_errors, nullptr); }

Engine::Engine(const std::string& path, const EngineSettings& settings)
    : settings_(settings), model_(nullptr, llama_model_free), context_(nullptr, llama_free) {
  llama_model_params params = llama_model_default_params();
  params.load_mode = settings.map ? LLAMA_LOAD_MODE_MMAP : LLAMA_LOAD_MODE_NONE;
  params.use_extra_bufts = settings.repack;
  params.n_gpu_layers = 0;
  model_.reset(llama_model_load_from_file(path.c_str(), params));
  if (!model_) throw failure("llama.cpp cannot load " + path);
  const int vocab = llama_vocab_n_tokens(llama_model_get_vocab(model_.get()));
  for (int i = 0; i < settings.positions; i++) prompt_.push_back(i * 37 % vocab);
}

void Engine::set_flash(bool on) {
  context_.reset();
  llama_context_params params = llama_context_default_params();
  params.n_ctx = static_cast<uint32_t>(settings_.positions);
  params.n_batch = params.n_ctx;
  params.n_ubatch = static_cast<uint32_t>(settings_.ubatch);
  params.n_seq_max = 1;
  params.n_threads = params.n_threads_batch = settings_.threads;
  params.type_k = params.type_v = settings_.cache_type;
  params.flash_attn_type = on ? LLAMA_FLASH_ATTN_TYPE_ENABLED : LLAMA_FLASH_ATTN_TYPE_DISABLED;
  params.no_perf = true;
  context_.reset(llama_init_from_model(model_.get(), params));
  if (!context_) throw failure("llama.cpp cannot make a context");
  flash_ = on;
}

void Engine::run(llama_token* tokens, int count) {
  if (llama_decode(context_.get(), llama_batch_get_one(tokens, count)) != 0)
    throw failure("llama_decode failed");
  llama_synchronize(context_.get());
}

double Engine::prefill(int tokens) {
  llama_memory_clear(llama_get_memory(context_.get()), false);
  const auto start = Clock::now();
  run(prompt_.data(), tokens);
  return seconds_since(start);
}

double Engine::decode(int tokens, int context) {
  fill(context);
  llama_memory_t memory = llama_get_memory(context_.get());
  run(prompt_.data(), 1);
  llama_memory_seq_rm(memory, 0, context, -1);
  const auto start = Clock::now();
  for (int i = 0; i < tokens; i++) run(prompt_.data() + i, 1);
  const double seconds = seconds_since(start);
  llama_memory_seq_rm(memory, 0, context, -1);
  return seconds;
}

void Engine::fill(int context) {
  llama_memory_t memory = llama_get_memory(context_.get());
  if (llama_memory_seq_pos_max(memory, 0) == context - 1) return;
  llama_memory_clear(memory, false);
  if (context > kTileTokens && fill_by_tiling(context)) return;
  llama_memory_clear(memory, false);
  run(prompt_.data(), context);
}

// A long prompt takes minutes to compute, and what the cache holds does not change the speed: the
// state behind a short prompt is repeated.
bool Engine::fill_by_tiling(int context) {
  run(prompt_.data(), kTileTokens);
  std::vector<uint8_t> state(llama_state_seq_get_size(context_.get(), 0));
  if (llama_state_seq_get_data(context_.get(), state.data(), state.size(), 0) != state.size())
    return false;
  const std::vector<uint8_t> longer = tile_cache_state(state, kTileTokens, context);
  llama_memory_t memory = llama_get_memory(context_.get());
  llama_memory_clear(memory, false);
  return !longer.empty() &&
         llama_state_seq_set_data(context_.get(), longer.data(), longer.size(), 0) != 0 &&
         llama_memory_seq_pos_max(memory, 0) == context - 1;
}

}  // namespace peers
