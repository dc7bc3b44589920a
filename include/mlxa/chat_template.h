// Chat templates: the Jinja programs in model directories that turn messages into a prompt.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlxa {

/// One turn of a conversation.
struct ChatMessage {
  std::string role;     ///< "system", "user", "assistant" or "tool".
  std::string content;  ///< Plain text, UTF-8.
};

/// A parsed chat template, rendered as Hugging Face transformers sets Jinja up: trim_blocks,
/// lstrip_blocks, the loopcontrols and generation extensions, tojson without HTML escaping,
/// raise_exception, strftime_now; immutable sandbox. Copies share one immutable state: every member
/// may be called from any thread.
class ChatTemplate {
 public:
  /// Parses template source (UTF-8). Throws Error: kInvalidFile with line and reason, also for
  /// sources that are too large or nested too deeply; kUnsupported for the tags that need other
  /// templates (include, import, from, extends, block) and for autoescape.
  static ChatTemplate parse(std::string_view source);

  /// The template of a model directory: additional_chat_templates/NAME.jinja for a `name`; else
  /// chat_template.jinja; else tokenizer_config.json's `chat_template` (a string, or a list of
  /// {name, template}: `name` picks, else "default"); else chat_template.json, read the same way.
  /// Nothing if the model has none. Throws as parse, and kIo.
  static std::optional<ChatTemplate> load(const std::filesystem::path& model_dir,
                                          std::string_view name = {});

  /// Renders `context`, a JSON object {"messages": [...], "tools": [...]?, ...}: every key is a
  /// template variable. `tools` and `documents` default to null; `add_generation_prompt` is the
  /// argument unless the object has it; a message's `reasoning_content`, `thinking` or `reasoning`
  /// (the first that is not null) is visible as both `reasoning_content` and `thinking`.
  /// `variables` (name, text) are defaults below the object's keys: the special tokens (bos_token
  /// ...). Throws Error: kInvalidArgument (no JSON object, or the template called raise_exception:
  /// its message), kInvalidFile (the template fails on this input: line and reason; or exceeds the
  /// limits on steps, depth, memory and output, or integers go beyond 128 bits), kUnsupported (it
  /// reaches a filter that is not implemented: pprint, random, striptags, urlize, wordwrap).
  std::string render_json(std::string_view context,
                          std::span<const std::pair<std::string, std::string>> variables = {},
                          bool add_generation_prompt = true) const;

  /// The same for plain messages.
  std::string render(std::span<const ChatMessage> messages,
                     std::span<const std::pair<std::string, std::string>> variables = {},
                     bool add_generation_prompt = true) const;

  /// The source text.
  const std::string& source() const;

  struct Impl;

 private:
  explicit ChatTemplate(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace mlxa
