// map, select, reject and their kin: filters that apply filters and tests.
#include <algorithm>

#include "text/template/filters.h"
#include "text/template/python.h"

namespace mlxa::jinja {

namespace {

// The arguments that follow the filter's or test's name.
CallArgs arguments_for(const Value& item, const CallArgs& given, size_t used) {
  CallArgs args;
  args.positional.push_back(item);
  args.positional.insert(args.positional.end(), given.positional.begin() + static_cast<long>(used),
                         given.positional.end());
  args.named = given.named;
  return args;
}

Value take_value(CallArgs& args) {
  if (args.positional.empty()) type_error("a filter needs a value");
  Value value = std::move(args.positional[0]);
  args.positional.erase(args.positional.begin());
  return value;
}

int depth_with(const Value& source, const CallArgs& args) {
  int depth = source.depth();
  for (const Value& value : args.positional) depth = std::max(depth, value.depth());
  for (const auto& [name, value] : args.named) depth = std::max(depth, value.depth());
  return depth + 1;
}

// What map does to each item.
std::function<Value(const Value&)> mapping(const CallArgs& args) {
  auto named = [&args](const char* name) {
    for (const auto& [key, value] : args.named) {
      if (key == name) return value;
    }
    return Value();
  };
  Value attribute = named("attribute");
  if (args.positional.empty() && !attribute.is_missing()) {
    for (const auto& [key, value] : args.named) {
      if (key != "attribute" && key != "default") {
        fail(FailureKind::kRuntime, "Unexpected keyword argument " + quote(key));
      }
    }
    Value fallback = named("default");
    return [attribute, fallback](const Value& item) { return get_path(item, attribute, fallback); };
  }
  if (args.positional.empty()) fail(FailureKind::kRuntime, "map requires a filter argument");
  return [args](const Value& item) {
    return require_filter(args.positional[0]).apply(arguments_for(item, args, 1));
  };
}

Value map(CallArgs&& args) {
  Value source = take_value(args);
  int depth = depth_with(source, args);
  auto start = [source, args = std::move(args)]() -> Step {
    if (!truth(source)) return [](Value&) { return false; };
    auto convert = mapping(args);
    return [items = iterate(source), convert](Value& item) {
      if (!items->next(item)) return false;
      item = convert(item);
      return true;
    };
  };
  return generator(std::move(start), depth);
}

// select and reject; with `by_attribute` the test sees an attribute of the item.
Value choose(CallArgs&& args, bool wanted, bool by_attribute) {
  Value source = take_value(args);
  int depth = depth_with(source, args);
  auto start = [source, args = std::move(args), wanted, by_attribute]() -> Step {
    if (!truth(source)) return [](Value&) { return false; };
    if (by_attribute && args.positional.empty()) {
      fail(FailureKind::kRuntime, "Missing parameter for attribute name");
    }
    size_t name = by_attribute ? 1 : 0;
    auto passes = [args, by_attribute, name](const Value& item) {
      Value subject = by_attribute ? get_path(item, args.positional[0]) : item;
      if (args.positional.size() <= name) return truth(subject);
      return require_test(args.positional[name]).apply(arguments_for(subject, args, name + 1));
    };
    return [items = iterate(source), passes, wanted](Value& item) {
      while (items->next(item)) {
        if (passes(item) == wanted) return true;
      }
      return false;
    };
  };
  return generator(std::move(start), depth);
}

}  // namespace

std::vector<Filter> selection_filters() {
  return {
      {"map", {}, nullptr, map},
      {"reject",
       {},
       nullptr,
       [](CallArgs&& args) { return choose(std::move(args), false, false); }},
      {"rejectattr",
       {},
       nullptr,
       [](CallArgs&& args) { return choose(std::move(args), false, true); }},
      {"select", {}, nullptr, [](CallArgs&& args) { return choose(std::move(args), true, false); }},
      {"selectattr",
       {},
       nullptr,
       [](CallArgs&& args) { return choose(std::move(args), true, true); }},
  };
}

}  // namespace mlxa::jinja
