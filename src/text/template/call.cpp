#include "text/template/call.h"

#include <algorithm>

#include "text/template/python.h"

namespace mlxa::jinja {

namespace {

Value mark(const Value& value) {
  if (value.is_str()) return Value::string(value.text(), true);
  if (!value.is(Type::kArray)) return value;
  std::vector<Value> items;
  for (const Value& item : value.items()) items.push_back(mark(item));
  return value.is_list() ? Value::list(std::move(items)) : Value::tuple(std::move(items));
}

}  // namespace

std::vector<Value> bind_arguments(std::string_view function, const Signature& signature,
                                  CallArgs&& args) {
  std::string name(function);
  const auto& parameters = signature.parameters;
  if (args.positional.size() > parameters.size()) {
    type_error(name + "() takes at most " + std::to_string(parameters.size()) + " arguments, got " +
               std::to_string(args.positional.size()));
  }
  if (!signature.keywords && !args.named.empty()) {
    type_error(name + "() takes no keyword arguments");
  }
  std::vector<Value> bound = std::move(args.positional);
  bound.resize(parameters.size());
  for (auto& [key, value] : args.named) {
    auto found = std::find_if(parameters.begin(), parameters.end(),
                              [&key = key](const char* parameter) { return key == parameter; });
    if (found == parameters.end()) {
      type_error(name + "() got an unexpected keyword argument '" + key + "'");
    }
    Value& slot = bound[static_cast<size_t>(found - parameters.begin())];
    if (!slot.is_missing()) type_error(name + "() got multiple values for argument '" + key + "'");
    slot = std::move(value);
  }
  for (size_t i = 0; i < signature.required; i++) {
    if (bound[i].is_missing()) {
      type_error(name + "() missing required argument '" + parameters[i] + "'");
    }
  }
  return bound;
}

Value Function::make(std::string name, Body body, int depth) {
  return Value::object(std::make_shared<Function>(std::move(name), std::move(body), depth));
}

Value Function::make(std::string name, Signature signature,
                     std::function<Value(std::vector<Value>&)> body, int depth) {
  Body bound = [name, signature = std::move(signature), body = std::move(body)](CallArgs&& args) {
    std::vector<Value> arguments = bind_arguments(name, signature, std::move(args));
    return body(arguments);
  };
  return make(std::move(name), std::move(bound), depth);
}

Value bind_method(const std::vector<Method>& table, const Value& self, std::string_view name) {
  auto found = std::find_if(table.begin(), table.end(),
                            [name](const Method& method) { return name == method.name; });
  if (found == table.end()) return {};
  const Method* method = &*found;
  auto body = [self, method](CallArgs&& args) {
    if (!method->body) {
      fail(FailureKind::kUnsupported, "method '" + std::string(method->name) + "' of " +
                                          jinja::type_name(self) + " is not implemented");
    }
    std::vector<Value> arguments = bind_arguments(method->name, method->signature, std::move(args));
    Value result = method->body(self, arguments);
    return method->marks && self.is_str() && self.as_str().markup ? mark(result) : result;
  };
  return Function::make(method->name, std::move(body), self.depth() + 1);
}

Value call(const Value& callee, CallArgs&& args) {
  if (callee.is_undefined()) undefined_failure(callee);
  if (!callee.is(Type::kObject)) {
    type_error("'" + type_name(callee) + "' object is not callable");
  }
  Budget::Level level;
  Budget::steps(1);
  return callee.as_object().call(std::move(args));
}

bool is_callable(const Value& value) {
  return value.is_undefined() || (value.is(Type::kObject) && value.as_object().callable());
}

}  // namespace mlxa::jinja
