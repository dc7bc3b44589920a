#include "text/template/filters.h"

#include <algorithm>
#include <map>

#include "text/template/attributes.h"
#include "text/template/python.h"
#include "text/template/text_search.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

class Generator : public Iterator {
 public:
  Generator(std::function<Step()> start, int depth) : start_(std::move(start)), depth_(depth) {
    if (depth_ > kMaxValueDepth) fail(FailureKind::kLimit, "value nested too deeply");
  }
  int depth() const override { return depth_; }

 private:
  bool advance(Value& item) override {
    if (done_) return false;
    if (!step_) step_ = start_();
    done_ = !step_(item);
    return !done_;
  }

  std::function<Step()> start_;
  Step step_;
  bool done_ = false;
  int depth_;
};

std::map<std::string_view, Filter> make_filters() {
  std::map<std::string_view, Filter> table;
  for (auto rows : {text_filters, number_filters, sequence_filters, selection_filters}) {
    for (Filter& row : rows()) table.emplace(row.name, row);
  }
  return table;
}

}  // namespace

Value Filter::apply(CallArgs&& args) const {
  if (open_body) return open_body(std::move(args));
  std::vector<Value> bound = bind_arguments(name, signature, std::move(args));
  if (!body) {
    fail(FailureKind::kUnsupported, "the filter '" + std::string(name) + "' is not supported");
  }
  return body(bound);
}

const Filter* find_filter(std::string_view name) {
  static const std::map<std::string_view, Filter> kTable = make_filters();
  auto found = kTable.find(name);
  return found == kTable.end() ? nullptr : &found->second;
}

const Filter& require_filter(const Value& name) {
  const Filter* found = name.is_str() ? find_filter(name.text()) : nullptr;
  if (!found) fail(FailureKind::kRuntime, "No filter named " + repr(name) + ".");
  return *found;
}

const Test& require_test(const Value& name) {
  const Test* found = name.is_str() ? find_test(name.text()) : nullptr;
  if (!found) fail(FailureKind::kRuntime, "No test named " + repr(name) + ".");
  return *found;
}

Value get_path(const Value& item, const Value& attribute, const Value& missing) {
  if (attribute.is_missing() || attribute.is_none()) return item;
  auto step = [&missing](const Value& object, const Value& part) {
    Value found = get_item(object, part);
    bool replace = found.is_undefined() && !missing.is_missing() && !missing.is_none();
    return replace ? missing : found;
  };
  if (!attribute.is_str()) return step(item, attribute);
  Value result = item;
  for (const std::string& part : split_text(attribute.text(), ".", -1)) {
    bool index = !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
    result =
        step(result, index ? Value::integer(parse_int(part, 10).value_or(0)) : Value::string(part));
  }
  return result;
}

Value generator(std::function<Step()> start, int depth) {
  return Value::object(std::make_shared<Generator>(std::move(start), depth));
}

Value ignore_case(const Value& value) {
  return value.is_str() ? Value::string(lower(value.text())) : value;
}

}  // namespace mlxa::jinja
