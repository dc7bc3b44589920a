#include "mlxa/engine.h"

#include <algorithm>
#include <set>

#include "mlxa/error.h"

#include "base/limits.h"
#include "base/mapped_file.h"
#include "runtime/engine_state.h"

namespace mlxa {
namespace {

// Share of the memory that is free after loading which keys and values may take.
constexpr double kKVShare = 0.8;

int64_t pool_positions(const EngineOptions& options, const ModelInfo& info) {
  const auto fits = static_cast<int64_t>(kKVShare * static_cast<double>(memory_budget()) /
                                         static_cast<double>(info.kv_bytes_per_token));
  const int64_t wanted = options.kv_tokens > 0
                             ? options.kv_tokens
                             : int64_t{info.context_length} * EngineOptions::kDefaultContexts;
  if (fits < nn::KVPool::kBlockSize || (options.kv_tokens > 0 && wanted > fits)) {
    throw Error(ErrorCode::kOutOfMemory,
                "[engine] memory for " + std::to_string(std::max<int64_t>(fits, 0)) +
                    " positions of keys and values, " + std::to_string(wanted) + " wanted",
                "Free memory, raise MLXA_MEMORY_LIMIT, or use a smaller model or context.");
  }
  // The last block of each of a few sessions is part empty.
  return std::min(wanted + EngineOptions::kDefaultContexts * nn::KVPool::kBlockSize, fits);
}

std::vector<int32_t> end_tokens(const std::filesystem::path& dir, const models::Config& config,
                                const std::optional<Tokenizer>& tokenizer) {
  std::set<int32_t> ids;
  for (int id : config.integers("eos_token_id")) ids.insert(id);
  if (has_entry(dir / "generation_config.json")) {
    const auto generation = models::Config::read(dir / "generation_config.json");
    for (int id : generation.integers("eos_token_id")) ids.insert(id);
  }
  if (!tokenizer) return {ids.begin(), ids.end()};
  for (const auto& [role, content] : tokenizer->special_tokens()) {
    if (role != "eos_token") continue;
    if (auto id = tokenizer->token_to_id(content)) ids.insert(*id);
  }
  return {ids.begin(), ids.end()};
}

void check_options(const EngineOptions& options) {
  if (options.prefill_chunk < 1 || options.prefill_chunk > 65536 || options.kv_tokens < 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "[engine] prefill_chunk = " + std::to_string(options.prefill_chunk) +
                    ", kv_tokens = " + std::to_string(options.kv_tokens) +
                    ", expected 1 to 65536 and at least 0",
                "Choose values in these ranges.");
  }
  nn::check_kv_bits(options.exact, options.kv_bits);
}

}  // namespace

EngineState::EngineState(models::LoadedModel loaded_in, std::optional<Tokenizer> tokenizer_in,
                         std::optional<ChatTemplate> chat, const EngineOptions& options_in)
    : loaded(std::move(loaded_in)),
      tokenizer(std::move(tokenizer_in)),
      chat_template(std::move(chat)),
      options(options_in),
      precision(options_in.exact ? Precision::kExact : Precision::kFast) {
  const models::LanguageModel& model = *loaded.model;
  info.architecture = loaded.architecture;
  info.parameters = loaded.parameters;
  info.weight_bytes = loaded.weight_bytes;
  if (loaded.parameters > 0) {
    info.bits_per_weight =
        8.0 * static_cast<double>(loaded.weight_bytes) / static_cast<double>(loaded.parameters);
  }
  std::vector<std::pair<int64_t, std::string>> kinds;
  for (const auto& [kind, count] : loaded.quantizations) kinds.emplace_back(-count, kind);
  std::sort(kinds.begin(), kinds.end());
  for (auto& [count, kind] : kinds) info.quantization.push_back(std::move(kind));
  const nn::KVShape kv = model.kv_shape().stored(options.exact, options.kv_bits);
  info.layers = kv.layers;
  info.vocab_size = model.vocab_size();
  info.context_length = model.context_length();
  info.kv_bytes_per_token = static_cast<int64_t>(kv.bytes_per_position());
  pool = std::make_shared<nn::KVPool>(kv, pool_positions(options, info));
}

runtime::DecodeStep& EngineState::decode() {
  if (!decode_) {
    decode_ = std::make_unique<runtime::DecodeStep>(*loaded.model, *pool, precision);
  }
  return *decode_;
}

bool EngineState::is_eos(int32_t token) const {
  const auto& ids = info.eos_token_ids;
  return std::find(ids.begin(), ids.end(), token) != ids.end();
}

Engine::Engine(std::shared_ptr<EngineState> state) : state_(std::move(state)) {}

Engine Engine::load(const std::filesystem::path& model_dir, const EngineOptions& options) {
  check_options(options);
  models::LoadedModel loaded = models::load_model(model_dir, options.map_weights);
  std::optional<Tokenizer> tokenizer;
  if (has_entry(model_dir / "tokenizer.json")) tokenizer = Tokenizer::load(model_dir);
  auto eos = end_tokens(model_dir, loaded.config, tokenizer);
  auto state = std::make_shared<EngineState>(std::move(loaded), std::move(tokenizer),
                                             ChatTemplate::load(model_dir), options);
  state->info.eos_token_ids = std::move(eos);
  return Engine(std::move(state));
}

Session Engine::create_session() const { return Session(std::make_unique<SessionState>(state_)); }

const ModelInfo& Engine::info() const { return state_->info; }
bool Engine::has_tokenizer() const { return state_->tokenizer.has_value(); }

const Tokenizer& Engine::tokenizer() const {
  if (!state_->tokenizer) {
    throw Error(ErrorCode::kNotFound, "[engine] the model directory has no tokenizer.json",
                "Give token ids, or fetch the model with its tokenizer.json.");
  }
  return *state_->tokenizer;
}
const std::optional<ChatTemplate>& Engine::chat_template() const { return state_->chat_template; }

namespace {

const ChatTemplate& template_of(const EngineState& state) {
  if (state.chat_template) return *state.chat_template;
  throw Error(ErrorCode::kUnsupported, "[chat] the model has no chat template",
              "Give plain text with --ignore-chat-template, or use an instruct model.");
}

}  // namespace

std::vector<int32_t> Engine::encode_chat(std::span<const ChatMessage> messages) const {
  const Tokenizer& tokenizer = this->tokenizer();
  return tokenizer.encode(template_of(*state_).render(messages, tokenizer.special_tokens()),
                          /*add_special_tokens=*/false);
}

std::vector<int32_t> Engine::encode_chat_json(std::string_view context) const {
  const Tokenizer& tokenizer = this->tokenizer();
  return tokenizer.encode(template_of(*state_).render_json(context, tokenizer.special_tokens()),
                          /*add_special_tokens=*/false);
}

std::vector<int32_t> Engine::encode(std::string_view text) const {
  bool starts_with_bos = false;
  for (const auto& [role, content] : tokenizer().special_tokens()) {
    if (role == "bos_token" && !content.empty())
      starts_with_bos = text.substr(0, content.size()) == content;
  }
  return tokenizer().encode(text, /*add_special_tokens=*/!starts_with_bos);
}

uint64_t Engine::kv_bytes_copied() const {
  const std::lock_guard lock(state_->mutex);
  return state_->pool->bytes_copied();
}

}  // namespace mlxa
