// Text generation: an Engine holds a model's weights, a Session one conversation's state.
//
//   mlxa::Engine engine = mlxa::Engine::load("models/tiny-chat");
//   mlxa::Session session = engine.create_session();
//   std::vector<mlxa::ChatMessage> messages = {{"user", "Hello!"}};
//   session.generate(engine.encode_chat(messages), {}, [](const mlxa::TokenEvent& token) {
//     std::cout << token.text << std::flush;
//     return true;
//   });
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mlxa/chat_template.h"
#include "mlxa/tokenizer.h"

namespace mlxa {

/// How an engine computes and what it may use.
struct EngineOptions {
  /// Activations of 16 bits and more in products, float32 keys and values: slower, as precise as
  /// the weights.
  bool exact = false;
  /// Map the files; otherwise read them into memory. Cutting a mapped file short during a request
  /// raises SIGBUS, as with any mapping; before one, the request throws Error kInvalidFile.
  bool map_weights = true;
  int prefill_chunk = 512;  ///< Prompt tokens per step, 1 to 65536. Does not change results.
  int64_t kv_tokens = 0;  ///< Positions that all sessions hold together; 0: what memory allows, at
                          ///< most kDefaultContexts times the model's context.
  /// Keys and values as codes of so many bits with a scale and bias per 64 (or 32) of them, 8 or 4;
  /// 0: in the model's own type. docs/FIDELITY.md tells what they cost. Not together with exact.
  int kv_bits = 0;
  static constexpr int kDefaultContexts = 4;  ///< See kv_tokens.
};

/// How to choose and when to stop. Filters work as mlx-lm's: on the untempered distribution, in the
/// order top_p, min_p, top_k; a temperature of 0 takes the likeliest token.
struct GenerateParameters {
  int max_tokens = 1024;            ///< At least 0.
  float temperature = 0.0f;         ///< 0 to 100.
  float top_p = 1.0f;               ///< Keep the smallest set of this probability; 0 or 1: off.
  int top_k = 0;                    ///< Keep the k likeliest; 0: off.
  float min_p = 0.0f;               ///< Drop below this share of the largest probability; 0: off.
  float repetition_penalty = 1.0f;  ///< Above 0; 1: off.
  int repetition_context = 20;      ///< Last tokens that the penalty looks at.
  std::optional<uint64_t> seed;     ///< Makes sampling repeatable.
  std::vector<std::string> stop;    ///< Texts that end the answer and are not part of it.
  bool ignore_eos = false;          ///< Go on past end-of-sequence tokens.
};

/// A step of an answer.
struct TokenEvent {
  int32_t id;             ///< The token.
  std::string_view text;  ///< New text, possibly empty; whole characters. Valid during the call.
};

/// What generate came to.
struct GenerateResult {
  std::string text;                ///< The answer without its end-of-sequence token or stop text.
  std::vector<int32_t> token_ids;  ///< All tokens that were chosen.
  std::string finish_reason;  ///< "stop", "length", "context" (the context is full) or "cancelled".
  int prompt_tokens = 0;      ///< Length of the prompt.
  int reused_tokens = 0;      ///< Of these, found in the session's cache.
  int generation_tokens = 0;  ///< Length of token_ids.
  double prompt_tps = 0;      ///< Prompt tokens computed per second of prefill.
  double generation_tps = 0;  ///< (n - 1) / (time of the last token - time of the first).
  double time_to_first_token_s = 0;  ///< From the call, seconds.
};

/// Called with each token on the calling thread; false stops the answer.
using TokenCallback = std::function<bool(const TokenEvent&)>;
/// Called while a prompt is computed, with tokens done and in all; false stops.
using ProgressCallback = std::function<bool(int done, int total)>;

/// Facts about a loaded model. A kind of quantization is "mxfp4, 4 bits, groups of 32"; dense
/// models have none.
struct ModelInfo {
  std::string architecture;               ///< model_type of the config, e.g. "llama".
  int64_t parameters = 0;                 ///< Weights; a quantized matrix counts its values.
  int64_t weight_bytes = 0;               ///< Of all tensors in the files.
  double bits_per_weight = 0;             ///< 8 * weight_bytes / parameters.
  std::vector<std::string> quantization;  ///< Most parameters first.
  int layers = 0;                         ///< Transformer layers.
  int vocab_size = 0;                     ///< Length of a row of logits.
  int context_length = 0;                 ///< Positions that the model was made for.
  int64_t kv_bytes_per_token = 0;         ///< Keys and values of one position, all layers.
  std::vector<int32_t> eos_token_ids;     ///< Any of them ends an answer.
};

struct EngineState;
struct SessionState;

/// One conversation: the tokens so far and their keys and values. Use from one thread at a time,
/// cancel from any. Ends before nothing: it keeps its engine's weights alive.
class Session {
 public:
  Session(Session&&) noexcept;             ///< Moves; copying is fork.
  Session& operator=(Session&&) noexcept;  ///< Moves; copying is fork.
  ~Session();

  /// Computes `prompt`, the whole conversation as token ids, and answers. What the cache already
  /// holds of its beginning is not computed again. Afterwards the session holds prompt and answer.
  /// On an exception from a callback or a failure, it holds what was computed until then. Throws
  /// Error: kInvalidArgument (empty prompt, ids outside the vocabulary, parameters out of range),
  /// kContextFull (the prompt leaves no room for an answer), kOutOfMemory, kInvalidFile (the
  /// weights were cut short).
  GenerateResult generate(std::span<const int32_t> prompt,
                          const GenerateParameters& parameters = {},
                          const TokenCallback& on_token = {},
                          const ProgressCallback& on_progress = {});

  /// The logits of the prompt's last position, float32 of the vocabulary's size. Throws as
  /// generate.
  std::vector<float> logits(std::span<const int32_t> prompt);

  /// Ends a running generate at its next token, with finish_reason "cancelled". Any thread.
  void cancel();

  /// The tokens that the cache holds.
  std::span<const int32_t> tokens() const;

  /// Forgets all but the first `length` tokens, of which there may be fewer.
  void trim(int64_t length);

  /// A session that continues from the same tokens. Whole blocks of the cache are shared.
  Session fork() const;

 private:
  friend class Engine;
  explicit Session(std::unique_ptr<SessionState> state);
  std::unique_ptr<SessionState> state_;
};

/// A model, ready to run. Copies share it. Any thread may call any member; sessions of one engine
/// take turns by the step.
class Engine {
 public:
  /// Loads a model directory: config.json, safetensors, tokenizer.json, chat template. Without a
  /// tokenizer.json the model takes and gives token ids only. Throws Error
  /// kNotFound, kInvalidFile, kUnsupported, kOutOfMemory.
  static Engine load(const std::filesystem::path& model_dir, const EngineOptions& options = {});

  /// An empty conversation. It holds memory as it grows.
  Session create_session() const;

  /// Facts about the model.
  const ModelInfo& info() const;
  /// Whether the directory has a tokenizer.json.
  bool has_tokenizer() const;
  /// The model's tokenizer. Throws Error kNotFound where the directory has none.
  const Tokenizer& tokenizer() const;
  /// The model's chat template, if it has one.
  const std::optional<ChatTemplate>& chat_template() const;

  /// A conversation as prompt tokens, ready for the assistant's answer. Throws Error kUnsupported
  /// where the model has no chat template, and as ChatTemplate::render.
  std::vector<int32_t> encode_chat(std::span<const ChatMessage> messages) const;
  /// The same from a JSON object {"messages": [...], "tools": [...]?, ...}; see
  /// ChatTemplate::render_json.
  std::vector<int32_t> encode_chat_json(std::string_view context) const;
  /// Plain text as prompt tokens, special tokens added unless the text starts with them.
  std::vector<int32_t> encode(std::string_view text) const;

  /// Bytes of cached keys and values that were copied since the engine was loaded (copy-on-write of
  /// shared conversations).
  uint64_t kv_bytes_copied() const;

 private:
  explicit Engine(std::shared_ptr<EngineState> state);
  std::shared_ptr<EngineState> state_;
};

}  // namespace mlxa
