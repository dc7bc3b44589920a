// Filters on lists and dicts.
#include <algorithm>
#include <set>

#include "text/template/attributes.h"
#include "text/template/filters.h"
#include "text/template/python.h"
#include "text/template/text_search.h"

namespace mlxa::jinja {

namespace {

using Arguments = std::vector<Value>;

constexpr uint64_t kUniqueSteps = 16;  // a search in the set of what was seen

struct Keyed {
  Value key, item;
};

// Python's sorted().
void sort_by_key(std::vector<Keyed>& rows, bool reverse) {
  std::stable_sort(rows.begin(), rows.end(), [reverse](const Keyed& a, const Keyed& b) {
    return reverse ? ordered(Order::kLess, b.key, a.key) : ordered(Order::kLess, a.key, b.key);
  });
}

Value items_of(std::vector<Keyed> rows) {
  std::vector<Value> items;
  for (Keyed& row : rows) items.push_back(std::move(row.item));
  return Value::list(std::move(items));
}

Value sort_key(const Value& value, const Value& case_sensitive) {
  return truth(case_sensitive) ? value : ignore_case(value);
}

Value sort(Arguments& a) {
  std::vector<Value> paths;
  if (a[3].is_str()) {
    for (const std::string& path : split_text(a[3].text(), ",", -1)) {
      paths.push_back(Value::string(path));
    }
  } else {
    paths.push_back(a[3]);
  }
  std::vector<Keyed> rows;
  for (Value& item : to_vector(a[0])) {
    std::vector<Value> keys;
    for (const Value& path : paths) keys.push_back(sort_key(get_path(item, path), a[2]));
    rows.push_back({Value::list(std::move(keys)), item});
  }
  sort_by_key(rows, truth(a[1]));
  return items_of(std::move(rows));
}

Value sort_dict(Arguments& a) {
  std::string by = a[2].is_missing() ? "key" : to_text(a[2]);
  if (by != "key" && by != "value") {
    fail(FailureKind::kRuntime, "You can only sort by either \"key\" or \"value\"");
  }
  if (a[0].is_undefined()) undefined_failure(a[0]);
  if (!a[0].is_dict()) type_error("'" + type_name(a[0]) + "' object has no attribute 'items'");
  std::vector<Keyed> rows;
  for (const auto& [key, value] : a[0].as_dict().entries) {
    rows.push_back({sort_key(by == "key" ? key : value, a[1]), Value::tuple({key, value})});
  }
  sort_by_key(rows, truth(a[3]));
  return items_of(std::move(rows));
}

Value group_by(Arguments& a) {
  const Value& path = a[1];
  const Value& fallback = a[2];
  bool exact = truth(a[3]);
  std::vector<Keyed> rows;
  for (Value& item : to_vector(a[0])) {
    Value key = get_path(item, path, fallback);
    rows.push_back({exact ? key : ignore_case(key), item});
  }
  sort_by_key(rows, false);
  std::vector<Value> groups;
  for (size_t start = 0; start < rows.size();) {
    size_t end = start;
    std::vector<Value> members;
    while (end < rows.size() && equal(rows[start].key, rows[end].key)) {
      members.push_back(rows[end++].item);
    }
    if (end == start) members.push_back(rows[end++].item);  // a key that is not equal to itself
    Value key = exact ? rows[start].key : get_path(rows[start].item, path, fallback);
    groups.push_back(Value::group(std::move(key), Value::list(std::move(members))));
    start = end;
  }
  return Value::list(std::move(groups));
}

Value extreme(const Arguments& a, Order order) {
  auto items = iterate(a[0]);
  Value best;
  if (!items->next(best)) return Value::undefined("No aggregated item, sequence was empty.");
  auto key_of = [&a](const Value& item) { return sort_key(get_path(item, a[2]), a[1]); };
  Value best_key = key_of(best);
  for (Value item; items->next(item);) {
    Value key = key_of(item);
    if (!ordered(order, key, best_key)) continue;
    best = item;
    best_key = std::move(key);
  }
  return best;
}

Value first(Arguments& a) {
  Value item;
  if (iterate(a[0])->next(item)) return item;
  return Value::undefined("No first item, sequence was empty.");
}

Value last(Arguments& a) {
  auto items = try_reverse(a[0]);
  if (!items) type_error("'" + type_name(a[0]) + "' object is not reversible");
  Value item;
  if (items->next(item)) return item;
  return Value::undefined("No last item, sequence was empty.");
}

Value reverse(Arguments& a) {
  if (a[0].is_str()) return get_slice(a[0], {}, {}, Value::integer(-1));
  if (auto items = try_reverse(a[0])) return Value::object(items);
  if (!try_iterate(a[0])) fail(FailureKind::kRuntime, "argument must be iterable");
  std::vector<Value> items = to_vector(a[0]);
  std::reverse(items.begin(), items.end());
  return Value::list(std::move(items));
}

Value unique(Arguments& a) {
  Value source = a[0], exact = a[1], path = a[2];
  auto start = [source, exact, path]() -> Step {
    auto seen = std::make_shared<std::set<Value, KeyOrder>>();
    return [items = iterate(source), seen, exact, path](Value& item) {
      while (items->next(item)) {
        Value key = sort_key(get_path(item, path), exact);
        require_hashable(key);
        Budget::steps(kUniqueSteps);
        if (seen->insert(std::move(key)).second) return true;
      }
      return false;
    };
  };
  return generator(start, source.depth() + 1);
}

Value batch(Arguments& a) {
  Value source = a[0], size = a[1], fill = a[2];
  auto start = [source, size, fill]() -> Step {
    auto waiting = std::make_shared<std::vector<Value>>();
    return [items = iterate(source), size, fill, waiting](Value& row) {
      Int wanted = to_index(size);
      for (Value item; items->next(item);) {
        bool full = static_cast<Int>(waiting->size()) == wanted;
        if (full) row = Value::list(std::exchange(*waiting, {}));
        waiting->push_back(item);
        if (full) return true;
      }
      if (waiting->empty()) return false;
      if (!fill.is_missing() && !fill.is_none()) {
        if (wanted > static_cast<Int>(kMaxItems)) fail(FailureKind::kLimit, "list too long");
        while (static_cast<Int>(waiting->size()) < wanted) waiting->push_back(fill);
      }
      row = Value::list(std::exchange(*waiting, {}));
      return true;
    };
  };
  return generator(start, std::max(source.depth(), fill.depth()) + 1);
}

Value slice(Arguments& a) {
  Value source = a[0], count = a[1], fill = a[2];
  auto start = [source, count, fill]() -> Step {
    auto items = std::make_shared<std::vector<Value>>(to_vector(source));
    Int slices = to_index(count);
    if (slices == 0) fail(FailureKind::kRuntime, "integer division or modulo by zero");
    auto size = static_cast<Int>(items->size());
    auto number = std::make_shared<Int>(0);
    return [items, fill, number, slices, size](Value& row) {
      Int at = *number;
      if (at >= slices) return false;
      (*number)++;
      Int each = size / slices;
      Int longer = size % slices;
      Int begin = at * each + std::min(at, longer);
      Int end = begin + each + (at < longer ? 1 : 0);
      std::vector<Value> part(items->begin() + static_cast<long>(begin),
                              items->begin() + static_cast<long>(end));
      if (!fill.is_missing() && !fill.is_none() && at >= longer) part.push_back(fill);
      row = Value::list(std::move(part));
      return true;
    };
  };
  return generator(start, std::max(source.depth(), fill.depth()) + 1);
}

Value items(Arguments& a) {
  Value source = a[0];
  auto start = [source]() -> Step {
    if (!source.is_dict() && !source.is_undefined()) {
      type_error("Can only get item pairs from a mapping.");
    }
    auto position = std::make_shared<size_t>(0);
    return [source, position](Value& item) {
      if (!source.is_dict() || *position == source.as_dict().entries.size()) return false;
      const auto& entry = source.as_dict().entries[(*position)++];
      item = Value::tuple({entry.first, entry.second});
      return true;
    };
  };
  return generator(start, source.depth() + 1);
}

Value attribute(Arguments& a) {
  if (a[0].is_undefined()) undefined_failure(a[0]);
  Value found = find_attribute(a[0], require_text(a[1], "attribute name"));
  return found.is_missing() ? undefined_member(a[0], a[1]) : found;
}

Value default_value(Arguments& a) {
  bool replace = a[0].is_undefined() || (truth(a[2]) && !truth(a[0]));
  if (!replace) return a[0];
  return a[1].is_missing() ? Value::string("") : a[1];
}

Value count(Arguments& a) { return Value::integer(static_cast<Int>(length(a[0]))); }
Value list(Arguments& a) { return Value::list(to_vector(a[0])); }

}  // namespace

std::vector<Filter> sequence_filters() {
  const Signature extreme_signature{{"value", "case_sensitive", "attribute"}, 1};
  const Signature default_signature{{"value", "default_value", "boolean"}, 1};
  return {
      {"attr", {{"obj", "name"}, 2}, attribute},
      {"batch", {{"value", "linecount", "fill_with"}, 2}, batch},
      {"count", {{"obj"}, 1, false}, count},
      {"d", default_signature, default_value},
      {"default", default_signature, default_value},
      {"dictsort", {{"value", "case_sensitive", "by", "reverse"}, 1}, sort_dict},
      {"first", {{"seq"}, 1}, first},
      {"groupby", {{"value", "attribute", "default", "case_sensitive"}, 2}, group_by},
      {"items", {{"value"}, 1}, items},
      {"last", {{"seq"}, 1}, last},
      {"length", {{"obj"}, 1, false}, count},
      {"list", {{"value"}, 1}, list},
      {"max", extreme_signature, [](Arguments& a) { return extreme(a, Order::kGreater); }},
      {"min", extreme_signature, [](Arguments& a) { return extreme(a, Order::kLess); }},
      {"random", {{"seq"}, 1}, nullptr},
      {"reverse", {{"value"}, 1}, reverse},
      {"slice", {{"value", "slices", "fill_with"}, 2}, slice},
      {"sort", {{"value", "reverse", "case_sensitive", "attribute"}, 1}, sort},
      {"unique", {{"value", "case_sensitive", "attribute"}, 1}, unique},
  };
}

}  // namespace mlxa::jinja
