// Text to token ids and back, as the model directory's tokenizer.json defines it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mlxa {

/// A tokenizer.json, ready to use. The file decides everything (normalizer, pre-tokenizer, model,
/// post-processor, decoder, added tokens); tokenizer_config.json only names the special tokens.
/// Copies share one immutable state: every member may be called from any thread.
class Tokenizer {
 public:
  /// Reads DIR/tokenizer.json, and DIR/tokenizer_config.json or DIR/special_tokens_map.json where
  /// they exist. Throws Error: kNotFound, kInvalidFile (malformed), kUnsupported (a component that
  /// is not implemented, by its name).
  static Tokenizer load(const std::filesystem::path& model_dir);

  /// From the text of a tokenizer.json alone. Throws as load.
  static Tokenizer from_json(std::string_view tokenizer_json);

  /// The ids of `text` (UTF-8; invalid bytes count as U+FFFD). With `add_special_tokens` the
  /// post-processor's tokens (beginning of sequence and such) are added. Throws Error:
  /// kInvalidArgument (longer than 256 MiB), kUnsupported (a regular expression of the file needs
  /// too many steps on this text), kInvalidFile (the text needs the file's unknown token, which is
  /// not in its vocabulary).
  std::vector<int32_t> encode(std::string_view text, bool add_special_tokens = true) const;

  /// The text of `ids`, always valid UTF-8. Unknown ids are skipped, and special tokens are with
  /// `skip_special_tokens`.
  std::string decode(std::span<const int32_t> ids, bool skip_special_tokens = true) const;

  /// One more than the largest id that encode gives, added tokens and the post-processor's
  /// included.
  int32_t vocab_size() const;

  /// The id of a token's exact content (as the file spells it), added tokens included.
  std::optional<int32_t> token_to_id(std::string_view token) const;

  /// The content of an id as the file spells it; nothing if there is no such id.
  std::optional<std::string> id_to_token(int32_t id) const;

  /// True for added tokens that are marked special.
  bool is_special(int32_t id) const;

  /// The special tokens by role ("bos_token", "eos_token", "pad_token", "unk_token", ...) as
  /// special_token_roles gives them for the loaded directory.
  const std::vector<std::pair<std::string, std::string>>& special_tokens() const;

  struct Impl;

 private:
  explicit Tokenizer(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  friend class StreamingDetokenizer;
  std::shared_ptr<const Impl> impl_;
};

/// The special tokens by role ("bos_token", "eos_token", "pad_token", "unk_token", ...) as
/// DIR/tokenizer_config.json and DIR/special_tokens_map.json name them, the first file first; only
/// those present. Templates need them, and no tokenizer. Throws Error kInvalidFile, kIo. Any
/// thread.
std::vector<std::pair<std::string, std::string>> special_token_roles(
    const std::filesystem::path& model_dir);

/// Turns tokens into text as they come, never splitting a character: the concatenation of all
/// pieces, finish() included, equals Tokenizer::decode of all ids. Text that later tokens can still
/// change waits: of a run of "<0xHH>" byte tokens the end decides whether it is text at all. Not
/// thread-safe; one per stream. Cost per token does not grow with the length of the text.
class StreamingDetokenizer {
 public:
  /// Takes a share of the tokenizer.
  explicit StreamingDetokenizer(const Tokenizer& tokenizer, bool skip_special_tokens = true);
  ~StreamingDetokenizer();
  StreamingDetokenizer(StreamingDetokenizer&&) noexcept;             ///< Moves.
  StreamingDetokenizer& operator=(StreamingDetokenizer&&) noexcept;  ///< Moves.

  /// The text that `id` completes; empty while a character is unfinished.
  std::string add(int32_t id);

  /// What is left at the end (an unfinished character becomes U+FFFD); then as after reset().
  std::string finish();

  /// Back to the start of a text.
  void reset();

 private:
  struct Stream;
  Tokenizer tokenizer_;
  bool skip_special_tokens_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace mlxa
