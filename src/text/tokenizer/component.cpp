#include "text/tokenizer/component.h"

#include "mlxa/error.h"

#include "text/tokenizer/unicode.h"

namespace mlxa::tok {
namespace {

constexpr std::string_view kFetchAgain =
    "Fetch the model's tokenizer files again, or convert the model again.";

}  // namespace

void fail_invalid(std::string_view where, std::string_view got, std::string_view expected) {
  std::string message = "[tokenizer] ";
  message.append(where).append(" ").append(got).append(", expected ").append(expected);
  throw Error(ErrorCode::kInvalidFile, message, std::string(kFetchAgain));
}

void fail_unsupported(std::string_view where, std::string_view what, std::string_view expected) {
  std::string message = "[tokenizer] ";
  message.append(where).append(" is ").append(what).append(", expected ").append(expected);
  throw Error(ErrorCode::kUnsupported, message,
              "Use a model whose tokenizer.json needs only supported components.");
}

void check_text_size(size_t bytes) {
  if (bytes <= kMaxTextBytes) return;
  throw Error(ErrorCode::kInvalidArgument,
              "[tokenizer] a text of " + std::to_string(bytes) + " bytes, expected at most " +
                  std::to_string(kMaxTextBytes),
              "Split the text and process the parts one by one.");
}

std::string in_quotes(std::string_view text) {
  constexpr size_t kMaxShown = 80;
  std::string shown(text.substr(0, kMaxShown));
  if (text.size() > kMaxShown) shown += "...";
  return Json(shown).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Fields::Fields(const Json& value, std::string where) : object_(value), where_(std::move(where)) {
  if (!value.is_object()) {
    fail_invalid(where_, std::string("is of type ") + value.type_name(), "an object");
  }
}

const Json* Fields::find(const char* key) const {
  const auto it = object_.find(key);
  return it == object_.end() || it->is_null() ? nullptr : &*it;
}

const Json& Fields::at(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr) fail_invalid(where(key), "is missing", "a value");
  return *value;
}

std::string Fields::string(const char* key) const {
  const Json& value = at(key);
  if (!value.is_string()) {
    fail_invalid(where(key), std::string("is of type ") + value.type_name(), "a string");
  }
  return value.get_ref<const std::string&>();
}

std::optional<std::string> Fields::optional_string(const char* key) const {
  if (find(key) == nullptr) return std::nullopt;
  return string(key);
}

bool Fields::boolean(const char* key, bool otherwise) const {
  const Json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) {
    fail_invalid(where(key), std::string("is of type ") + value->type_name(), "true or false");
  }
  return value->get<bool>();
}

int64_t Fields::integer(const char* key, int64_t low, int64_t high) const {
  return to_integer(at(key), where(key), low, high);
}

int64_t Fields::integer_or(const char* key, int64_t low, int64_t high, int64_t otherwise) const {
  return find(key) == nullptr ? otherwise : integer(key, low, high);
}

const Json& Fields::array(const char* key) const {
  const Json& value = at(key);
  if (!value.is_array()) {
    fail_invalid(where(key), std::string("is of type ") + value.type_name(), "an array");
  }
  return value;
}

std::string Fields::character(const char* key) const {
  std::string value = string(key);
  if (value.empty() || sequence_length(static_cast<unsigned char>(value[0])) != value.size()) {
    fail_invalid(where(key), "is " + in_quotes(value), "one character");
  }
  return value;
}

int64_t to_integer(const Json& value, const std::string& where, int64_t low, int64_t high) {
  const std::string expected =
      "an integer from " + std::to_string(low) + " to " + std::to_string(high);
  if (!value.is_number_integer()) {
    fail_invalid(where, std::string("is of type ") + value.type_name(), expected);
  }
  if (value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(high)) {
    fail_invalid(where, "is " + value.dump(), expected);
  }
  const auto number = value.get<int64_t>();
  if (number < low || number > high) fail_invalid(where, "is " + value.dump(), expected);
  return number;
}

std::string component_type(const Json& value, const std::string& where) {
  return Fields(value, where).string("type");
}

}  // namespace mlxa::tok
