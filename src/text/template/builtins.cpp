#include "text/template/builtins.h"

#include <chrono>
#include <cstdio>
#include <locale>

#include <time.h>

#include "text/template/call.h"
#include "text/template/objects.h"
#include "text/template/python.h"

namespace mlxa::jinja {

namespace {

constexpr size_t kMaxDirectiveBytes = 256;  // text of one conversion of strftime
constexpr uint64_t kDirectiveSteps = 64;

// The callable named dict.
class DictType : public Object {
 public:
  DictType() : Object(sizeof(DictType)) {}
  std::string type_name() const override { return "TemplateDict"; }
  bool callable() const override { return true; }
  Value call(CallArgs&& args) override { return Value::dict(build_dict(std::move(args))); }
  Value attribute(std::string_view name) override {
    if (name != "fromkeys") return {};
    return container_method(Value::dict(std::make_shared<Dict>()), name);
  }
};

Value raise_exception(std::vector<Value>& arguments) {
  fail(FailureKind::kRaised, to_text(arguments[0]));
}

Value make_namespace(CallArgs&& args) {
  auto made = Namespace::make();
  auto attributes = build_dict(std::move(args));
  for (const auto& [key, value] : attributes->entries) made->set(key, value);
  return Value::object(made);
}

Value make_cycler(CallArgs&& args) {
  if (!args.named.empty()) type_error("cycler() takes no keyword arguments");
  if (args.positional.empty()) {
    fail(FailureKind::kRuntime, "at least one item has to be provided");
  }
  return Value::object(std::make_shared<Cycler>(Value::tuple(std::move(args.positional))));
}

Value make_joiner(std::vector<Value>& arguments) {
  Value separator = arguments[0].is_missing() ? Value::string(", ") : arguments[0];
  return Value::object(std::make_shared<Joiner>(std::move(separator)));
}

// A conversion of strftime at `at` (behind its %): flags, width, E or O, and a letter.
size_t directive_end(const std::string& format, size_t at) {
  at = std::min(format.find_first_not_of("_-0^#", at), format.size());
  at = std::min(format.find_first_not_of("0123456789", at), format.size());
  if (at < format.size() && (format[at] == 'E' || format[at] == 'O')) at++;
  return std::min(at + 1, format.size());
}

// As datetime.now().strftime: local time, names in English, no time zone.
Value strftime_now(std::vector<Value>& arguments) {
  static const locale_t kLocale = newlocale(LC_ALL_MASK, "C", nullptr);
  const std::string& format = require_text(arguments[0], "format");
  auto now = std::chrono::system_clock::now();
  time_t seconds = std::chrono::system_clock::to_time_t(now);
  auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
  tm local{};
  localtime_r(&seconds, &local);
  std::string out;
  for (size_t at = 0; at < format.size();) {
    if (format[at] != '%' || at + 1 == format.size()) {
      out += format[at++];
      continue;
    }
    size_t end = directive_end(format, at + 1);
    std::string directive = format.substr(at, end - at);
    Budget::steps(kDirectiveSteps);
    at = end;
    char buffer[kMaxDirectiveBytes];
    if (directive == "%f") {
      std::snprintf(buffer, sizeof buffer, "%06d", static_cast<int>(micros.count() % 1000000));
      out += buffer;
    } else if (directive != "%z" && directive != "%Z") {
      out.append(buffer, strftime_l(buffer, sizeof buffer, directive.c_str(), &local, kLocale));
    }
  }
  return Value::string(std::move(out));
}

}  // namespace

std::shared_ptr<Dict> build_dict(CallArgs&& args) {
  auto dict = std::make_shared<Dict>();
  if (args.positional.size() > 1) {
    type_error("dict expected at most 1 argument, got " + std::to_string(args.positional.size()));
  }
  if (!args.positional.empty() && args.positional[0].is_dict()) {
    for (const auto& [key, value] : args.positional[0].as_dict().entries) dict->set(key, value);
  } else if (!args.positional.empty()) {
    auto pairs = iterate(args.positional[0]);
    for (Value pair; pairs->next(pair);) {
      std::vector<Value> items = to_vector(pair);
      if (items.size() != 2) {
        value_error("dictionary update sequence element has length " +
                    std::to_string(items.size()) + "; 2 is required");
      }
      dict->set(items[0], items[1]);
    }
  }
  for (auto& [key, value] : args.named) dict->set(key, std::move(value));
  return dict;
}

Value find_global(const std::string& name) {
  if (name == "range") return Function::make(name, Range::make);
  if (name == "namespace") return Function::make(name, make_namespace);
  if (name == "dict") return Value::object(std::make_shared<DictType>());
  if (name == "cycler") return Function::make(name, make_cycler);
  if (name == "joiner") return Function::make(name, Signature{{"sep"}, 0}, make_joiner);
  if (name == "raise_exception") {
    return Function::make(name, Signature{{"message"}, 1}, raise_exception);
  }
  if (name == "strftime_now") return Function::make(name, Signature{{"format"}, 1}, strftime_now);
  if (name == "lipsum") {
    return Function::make(name, [](CallArgs&&) -> Value {
      fail(FailureKind::kUnsupported, "lipsum is not supported: its text is random");
    });
  }
  return {};
}

}  // namespace mlxa::jinja
