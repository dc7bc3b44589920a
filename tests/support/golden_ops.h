// The cases of tests/golden/ops: see tools/golden/README.md, "Array ops".
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/ops.h"

#include "support/arrays.h"

namespace mlxa::test {

/// What an op is called with.
struct Call {
  const nlohmann::json& args;
  std::vector<std::optional<array>> inputs;

  const array& in(size_t i) const { return inputs.at(i).value(); }
  std::optional<array> optional(size_t i) const {
    return i < inputs.size() ? inputs[i] : std::optional<array>{};
  }
  std::vector<array> arrays() const {
    std::vector<array> out;
    for (const auto& input : inputs) out.push_back(input.value());
    return out;
  }
  template <class T>
  T get(const char* name) const {
    return args.at(name).get<T>();
  }
  int integer(const char* name) const { return get<int>(name); }
  std::string mode() const { return args.value("mode", "affine"); }
  Dtype dtype() const { return dtype_of(get<std::string>("dtype")); }
  bool flat() const { return !args.contains("axis") || args.at("axis").is_null(); }
  bool keepdims() const { return args.value("keepdims", false); }
  /// The axes of a reduction: null means all.
  std::vector<int> axes() const {
    if (!flat() && args.at("axis").is_array()) return get<std::vector<int>>("axis");
    if (!flat()) return {integer("axis")};
    std::vector<int> all;
    for (size_t i = 0; i < in(0).ndim(); i++) all.push_back(static_cast<int>(i));
    return all;
  }
};

using GoldenOps = std::map<std::string, std::function<std::vector<array>(const Call&)>>;

/// Values in C order, each row of an axis sorted with NaN last; the whole array where `flat`.
inline std::vector<long double> sorted_values(const array& a, bool flat, int axis) {
  const array rows = flat ? flatten(a) : moveaxis(a, axis, -1);
  std::vector<long double> out = values(rows);
  const auto length = static_cast<std::ptrdiff_t>(rows.shape(-1));
  for (auto row = out.begin(); length > 0 && row != out.end(); row += length) {
    std::sort(row, row + length,
              [](long double x, long double y) { return std::isnan(y) ? !std::isnan(x) : x < y; });
  }
  return out;
}

inline bool close(long double got, long double want, double rtol, double atol) {
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got);
  if (std::isinf(want) || std::isinf(got)) return want == got;
  return std::abs(got - want) <= atol + rtol * std::abs(want);
}

inline void expect_close(const std::vector<long double>& got, const std::vector<long double>& want,
                         double rtol, double atol) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < want.size(); i++) {
    if (close(got[i], want[i], rtol, atol)) continue;
    ADD_FAILURE() << "element " << i << " is " << static_cast<double>(got[i]) << ", expected "
                  << static_cast<double>(want[i]);
    return;
  }
}

/// A partition: sorted it equals `sorted`, and element kth of each row divides the row.
inline void expect_partition(const array& got, const array& sorted, bool flat, int axis, int kth) {
  expect_close(sorted_values(got, flat, axis), sorted_values(sorted, flat, axis), 0, 0);
  const array rows = flat ? flatten(got) : moveaxis(got, axis, -1);
  const std::vector<long double> all = values(rows);
  const int length = rows.shape(-1), place = kth < 0 ? kth + length : kth;
  for (size_t i = 0; i < all.size(); i++) {
    const int position = static_cast<int>(i) % length;
    const long double middle = all[i - static_cast<size_t>(position) + static_cast<size_t>(place)];
    EXPECT_FALSE(position < place ? all[i] > middle : all[i] < middle) << "element " << i;
  }
}

inline void check_outputs(const nlohmann::json& row, const Call& call,
                          const std::vector<array>& got, const std::vector<array>& want) {
  ASSERT_EQ(got.size(), want.size());
  const std::string compare = row.value("compare", "");
  for (size_t i = 0; i < want.size(); i++) {
    ASSERT_EQ(got[i].shape(), want[i].shape());
    const Dtype dtype = compare == "argpartition" ? uint32 : want[i].dtype();
    ASSERT_EQ(dtype_name(got[i].dtype()), dtype_name(dtype));
    if (compare.empty()) {
      expect_close(values(got[i]), values(want[i]), row.at("rtol"), row.at("atol"));
      continue;
    }
    const int axis = call.flat() ? 0 : call.integer("axis");
    if (compare == "sorted") {
      expect_close(sorted_values(got[i], call.flat(), axis),
                   sorted_values(want[i], call.flat(), axis), 0, 0);
    } else if (compare == "partition") {
      expect_partition(got[i], want[i], call.flat(), axis, call.integer("kth"));
    } else {
      ASSERT_EQ(compare, "argpartition");
      const array ordered =
          call.flat() ? take(call.in(0), got[i]) : take_along_axis(call.in(0), got[i], axis);
      expect_partition(ordered, want[i], call.flat(), axis, call.integer("kth"));
    }
  }
}

/// Runs every case of a family.
inline void check_family(const std::string& family, const GoldenOps& ops) {
  const std::string base = std::string(MLXA_GOLDEN_DIR) + "/ops/" + family;
  const nlohmann::json document = read_json(base + ".json");
  const std::map<std::string, array> tensors = read_tensors(base + ".safetensors");
  int number = 0;
  for (const nlohmann::json& row : document.at("cases")) {
    const std::string op = row.at("op");
    SCOPED_TRACE(family + " case " + std::to_string(number++) + ": " + row.dump());
    Call call{row.at("args"), {}};
    std::vector<array> want;
    for (const auto& name : row.at("inputs")) {
      call.inputs.push_back(name.is_null() ? std::optional<array>{}
                                           : tensors.at(name.get<std::string>()));
    }
    if (row.value("throws", false)) {
      EXPECT_ANY_THROW(eval(ops.at(op)(call)));
      continue;
    }
    for (const auto& name : row.at("outputs")) want.push_back(tensors.at(name.get<std::string>()));
    try {
      check_outputs(row, call, ops.at(op)(call), want);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
  EXPECT_GT(number, 0);
}

}  // namespace mlxa::test
