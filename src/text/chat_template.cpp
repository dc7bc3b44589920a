#include "mlxa/chat_template.h"

#include "mlxa/error.h"

#include "base/mapped_file.h"
#include "text/template/ast.h"
#include "text/template/interpreter.h"
#include "text/template/json_read.h"
#include "text/template/unicode.h"

namespace mlxa {

struct ChatTemplate::Impl {
  std::string source;
  jinja::Template tree;
};

namespace {

using jinja::Failure;
using jinja::FailureKind;
using jinja::Value;
using Variables = std::span<const std::pair<std::string, std::string>>;

constexpr const char* kWhere = "[chat_template] ";

Error to_error(const Failure& failure) {
  std::string line = failure.line > 0 ? "line " + std::to_string(failure.line) + ": " : "";
  switch (failure.kind) {
    case FailureKind::kRaised:
      return Error(ErrorCode::kInvalidArgument, kWhere + failure.message,
                   "The model's template refuses this conversation: change the messages.");
    case FailureKind::kUnsupported:
      return Error(ErrorCode::kUnsupported, kWhere + line + failure.message,
                   "Use another chat template for this model.");
    case FailureKind::kSyntax:
      return Error(ErrorCode::kInvalidFile, kWhere + line + failure.message,
                   "Correct the model's chat template.");
    default:
      return Error(ErrorCode::kInvalidFile, kWhere + line + failure.message,
                   "Check that the messages have the fields that the model's template reads.");
  }
}

Error invalid_context(const std::string& message) {
  return Error(ErrorCode::kInvalidArgument, kWhere + message,
               "Pass one JSON object: {\"messages\": [{\"role\": ..., \"content\": ...}]}.");
}

Value read_context(std::string_view text) {
  try {
    Value context = jinja::read_json(text);
    if (context.is_dict()) return context;
  } catch (const Failure& failure) {
    throw invalid_context("the context is not valid JSON: " + failure.message);
  }
  throw invalid_context("the context is JSON, but not an object");
}

// A message whose reasoning is there under all the names that templates read it by.
Value with_reasoning(const Value& message) {
  const jinja::Dict& given = message.as_dict();
  const Value* reasoning = nullptr;
  for (const char* name : {"reasoning", "thinking", "reasoning_content"}) {
    const Value* found = given.find(name);
    if (found && !found->is_none()) reasoning = found;
  }
  if (!reasoning) return message;
  auto dict = std::make_shared<jinja::Dict>();
  dict->set("thinking", *reasoning);
  for (const auto& [key, value] : given.entries) dict->set(key, value);
  dict->set("reasoning_content", *reasoning);
  return Value::dict(std::move(dict));
}

Value prepare_messages(const Value& messages) {
  if (!messages.is_list()) throw invalid_context("messages: expected an array");
  std::vector<Value> prepared;
  for (const Value& message : messages.items()) {
    if (!message.is_dict()) {
      throw invalid_context("messages[" + std::to_string(prepared.size()) +
                            "]: expected an object");
    }
    prepared.push_back(with_reasoning(message));
  }
  return Value::list(std::move(prepared));
}

Value build_context(const Value& given, Variables variables, bool add_generation_prompt) {
  auto context = std::make_shared<jinja::Dict>();
  for (const auto& [name, text] : variables) {
    context->set(name, Value::string(jinja::repair_utf8(text)));
  }
  context->set("tools", Value::none());
  context->set("documents", Value::none());
  context->set("add_generation_prompt", Value::boolean(add_generation_prompt));
  for (const auto& [key, value] : given.as_dict().entries) {
    context->set(key, key.text() == "messages" ? prepare_messages(value) : value);
  }
  return Value::dict(std::move(context));
}

template <typename MakeContext>
std::string render_with(const jinja::Template& tree, MakeContext make_context) {
  jinja::Budget budget;
  jinja::Budget::Scope scope(budget);
  try {
    return jinja::Interpreter(tree, make_context()).run();
  } catch (const Failure& failure) {
    throw to_error(failure);
  }
}

std::optional<std::string> read_file(const std::filesystem::path& path, size_t limit) {
  if (!has_entry(path)) return std::nullopt;
  return read_text_file(path, limit);
}

[[noreturn]] void invalid_config(const std::filesystem::path& path, const std::string& message) {
  throw Error(ErrorCode::kInvalidFile, kWhere + path.string() + ": " + message,
              "Download the model's files again.");
}

// The template of {"chat_template": "..."} or {"chat_template": [{"name": ..., "template": ...}]}.
std::optional<std::string> find_template(const std::filesystem::path& path, std::string_view name) {
  auto text = read_file(path, jinja::kMaxConfigBytes);
  if (!text) return std::nullopt;
  Value config;
  try {
    config = jinja::read_json(*text);
  } catch (const Failure& failure) {
    invalid_config(path, failure.message);
  }
  if (!config.is_dict()) invalid_config(path, "expected a JSON object");
  const Value* found = config.as_dict().find("chat_template");
  if (!found || found->is_none()) return std::nullopt;
  if (found->is_str()) return found->text();
  if (!found->is_list()) invalid_config(path, "chat_template: expected a string or an array");
  std::optional<std::string> chosen;
  for (const Value& entry : found->items()) {
    const Value* label = entry.is_dict() ? entry.as_dict().find("name") : nullptr;
    const Value* body = entry.is_dict() ? entry.as_dict().find("template") : nullptr;
    if (!label || !body || !label->is_str() || !body->is_str()) {
      invalid_config(path, "chat_template: expected entries {name, template}");
    }
    if (label->text() == name) return body->text();
    if (label->text() == "default") chosen = body->text();
  }
  return chosen;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name[0] != '.' && name.find_first_of("/\\") == name.npos &&
         name.find('\0') == name.npos;
}

}  // namespace

ChatTemplate ChatTemplate::parse(std::string_view source) {
  auto impl = std::make_shared<Impl>();
  impl->source = source;
  try {
    if (source.size() > jinja::kMaxTemplateBytes) {
      jinja::fail(FailureKind::kLimit, "the template is larger than " +
                                           std::to_string(jinja::kMaxTemplateBytes) + " bytes");
    }
    if (!jinja::valid_utf8(source)) jinja::fail(FailureKind::kSyntax, "the template is not UTF-8");
    impl->tree = jinja::parse_template(impl->source);
  } catch (const Failure& failure) {
    throw to_error(failure);
  }
  return ChatTemplate(std::move(impl));
}

std::optional<ChatTemplate> ChatTemplate::load(const std::filesystem::path& model_dir,
                                               std::string_view name) {
  std::optional<std::string> source;
  if (is_plain_name(name)) {
    source = read_file(model_dir / "additional_chat_templates" / (std::string(name) + ".jinja"),
                       jinja::kMaxTemplateBytes);
  }
  if (!source) source = read_file(model_dir / "chat_template.jinja", jinja::kMaxTemplateBytes);
  if (!source) source = find_template(model_dir / "tokenizer_config.json", name);
  if (!source) source = find_template(model_dir / "chat_template.json", name);
  if (!source) return std::nullopt;
  return parse(*source);
}

std::string ChatTemplate::render_json(std::string_view context, Variables variables,
                                      bool add_generation_prompt) const {
  return render_with(impl_->tree, [&] {
    return build_context(read_context(context), variables, add_generation_prompt);
  });
}

std::string ChatTemplate::render(std::span<const ChatMessage> messages, Variables variables,
                                 bool add_generation_prompt) const {
  return render_with(impl_->tree, [&] {
    std::vector<Value> list;
    for (const ChatMessage& message : messages) {
      auto dict = std::make_shared<jinja::Dict>();
      dict->set("role", Value::string(jinja::repair_utf8(message.role)));
      dict->set("content", Value::string(jinja::repair_utf8(message.content)));
      list.push_back(Value::dict(std::move(dict)));
    }
    auto given = std::make_shared<jinja::Dict>();
    given->set("messages", Value::list(std::move(list)));
    return build_context(Value::dict(std::move(given)), variables, add_generation_prompt);
  });
}

const std::string& ChatTemplate::source() const { return impl_->source; }

}  // namespace mlxa
