// Functions and methods: how arguments meet parameters.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "text/template/value.h"

namespace mlxa::jinja {

/// Parameters of a function written here.
struct Signature {
  std::vector<const char*> parameters;
  size_t required = 0;
  bool keywords = true;  ///< False for functions that take positional arguments alone.
};

/// One value per parameter, missing where an optional one is not given. Throws kType for
/// arguments that do not fit.
std::vector<Value> bind_arguments(std::string_view function, const Signature& signature,
                                  CallArgs&& args);

/// A function that templates can call.
class Function : public Object {
 public:
  using Body = std::function<Value(CallArgs&&)>;
  Function(std::string name, Body body, int depth = 1)
      : Object(sizeof(Function)), name_(std::move(name)), body_(std::move(body)), depth_(depth) {}
  static Value make(std::string name, Body body, int depth = 1);
  /// A function with the parameters of `signature`.
  static Value make(std::string name, Signature signature,
                    std::function<Value(std::vector<Value>&)> body, int depth = 1);

  std::string type_name() const override { return "function"; }
  std::string repr() const override { return "<function " + name_ + ">"; }
  bool callable() const override { return true; }
  Value call(CallArgs&& args) override { return body_(std::move(args)); }
  int depth() const override { return depth_; }

 private:
  std::string name_;
  Body body_;
  int depth_;
};

/// A method of a built-in type. `arguments` are bound to the signature.
struct Method {
  const char* name;
  Signature signature;
  Value (*body)(const Value& self, std::vector<Value>& arguments);  ///< Null: not implemented.
  bool marks = false;  ///< A marked string's result is marked too.
};

/// The method `name` of `table` bound to `self`; missing if there is none.
Value bind_method(const std::vector<Method>& table, const Value& self, std::string_view name);

/// The methods of str; `format` and `format_map` included.
Value string_method(const Value& self, std::string_view name);
/// Attributes of lists, tuples, dicts and numbers. What would change `self` is undefined with
/// kSecurity.
Value container_method(const Value& self, std::string_view name);
Value number_attribute(const Value& self, std::string_view name);

/// Calls any value. Throws kType if it is not callable.
Value call(const Value& callee, CallArgs&& args);
bool is_callable(const Value& value);

}  // namespace mlxa::jinja
