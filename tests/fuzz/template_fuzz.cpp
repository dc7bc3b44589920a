// Chat templates: parse and render under the limits that users have. A NUL byte ends the template;
// what follows is the conversation, or else a fixed one is.
#include <utility>
#include <vector>

#include "mlxa/chat_template.h"

#include "fuzz/detokenize.h"

namespace {

constexpr std::string_view kConversation =
    R"({"messages": [{"role": "system", "content": "Be brief."},
     {"role": "user", "content": "What is 2 + 2?\n"},
     {"role": "assistant", "content": "", "tool_calls": [{"id": "c1", "type": "function",
       "function": {"name": "add", "arguments": {"a": 2, "b": 2.5}}}]},
     {"role": "tool", "tool_call_id": "c1", "content": "4"},
     {"role": "assistant", "content": "\u00e9 \ud83d\ude42 four", "reasoning_content": "easy"}],
    "tools": [{"type": "function", "function": {"name": "add", "description": "Adds.",
       "parameters": {"type": "object", "properties": {"a": {"type": "number"}}}}}]})";

void use(std::string_view input) {
  const size_t end = input.find('\0');
  const auto chat = mlxa::ChatTemplate::parse(input.substr(0, end));
  const std::vector<std::pair<std::string, std::string>> tokens = {{"bos_token", "<s>"},
                                                                   {"eos_token", "</s>"}};
  const std::string prompt = chat.render_json(
      end == std::string_view::npos ? kConversation : input.substr(end + 1), tokens);
  mlxa::fuzz::require(mlxa::fuzz::valid_utf8(prompt), "a prompt is UTF-8");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mlxa::fuzz::answer_or_refuse([&] { use({reinterpret_cast<const char*>(data), size}); });
  return 0;
}
