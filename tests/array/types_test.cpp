// Result types of operations against MLX's (tests/golden/op_types.json).
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/ops.h"
#include "mlxa/utils.h"

#include "support/arrays.h"

namespace mlxa {
namespace {

using Unary = std::function<array(const array&)>;
using Binary = std::function<array(const array&, const array&)>;

#define OP1(name)                                 \
  {                                               \
#name, [](const array& a) { return name(a); } \
  }
#define OP2(name)                                                    \
  {                                                                  \
#name, [](const array& a, const array& b) { return name(a, b); } \
  }

const std::map<std::string, Unary>& unary_ops() {
  static const std::map<std::string, Unary> ops{
      OP1(abs),
      OP1(sign),
      OP1(negative),
      OP1(floor),
      OP1(ceil),
      OP1(round),
      OP1(square),
      OP1(sqrt),
      OP1(rsqrt),
      OP1(reciprocal),
      OP1(exp),
      OP1(expm1),
      OP1(log),
      OP1(log2),
      OP1(log10),
      OP1(log1p),
      OP1(sin),
      OP1(cos),
      OP1(tan),
      OP1(arcsin),
      OP1(arccos),
      OP1(arctan),
      OP1(sinh),
      OP1(cosh),
      OP1(tanh),
      OP1(arcsinh),
      OP1(arccosh),
      OP1(arctanh),
      OP1(degrees),
      OP1(radians),
      OP1(sigmoid),
      OP1(erf),
      OP1(erfinv),
      OP1(logical_not),
      OP1(bitwise_invert),
      OP1(isnan),
      OP1(isinf),
      OP1(isfinite),
      OP1(isposinf),
      OP1(isneginf),
      OP1(nan_to_num),
      OP1(sum),
      OP1(prod),
      OP1(max),
      OP1(min),
      OP1(mean),
      OP1(var),
      OP1(std),
      OP1(median),
      OP1(all),
      OP1(any),
      OP1(logsumexp),
      OP1(argmax),
      OP1(argmin),
      OP1(cumsum),
      OP1(cumprod),
      OP1(cummax),
      OP1(cummin),
      OP1(logcumsumexp),
      OP1(sort),
      OP1(argsort),
      OP1(hadamard_transform),
      {"softmax", [](const array& a) { return softmax(a, -1); }}};
  return ops;
}

const std::map<std::string, Binary>& binary_ops() {
  static const std::map<std::string, Binary> ops{
      OP2(add),        OP2(subtract),      OP2(multiply),    OP2(divide),      OP2(floor_divide),
      OP2(remainder),  OP2(power),         OP2(maximum),     OP2(minimum),     OP2(arctan2),
      OP2(logaddexp),  OP2(equal),         OP2(not_equal),   OP2(less),        OP2(less_equal),
      OP2(greater),    OP2(greater_equal), OP2(logical_and), OP2(logical_or),  OP2(bitwise_and),
      OP2(bitwise_or), OP2(bitwise_xor),   OP2(left_shift),  OP2(right_shift), OP2(isclose),
      OP2(outer),      OP2(matmul),        OP2(inner)};
  return ops;
}

struct Types {
  std::vector<std::string> letters;
  std::vector<array> ones;
  nlohmann::json document = test::read_json(MLXA_GOLDEN_DIR "/op_types.json");

  Types() {
    for (const auto& [letter, name] : document.at("types").items()) {
      letters.push_back(letter);
      ones.push_back(array::uninitialized({2, 2}, test::dtype_of(name)));
    }
  }

  // The letter of a call's result type.
  std::string letter_of(const std::function<array()>& call) const {
    try {
      const array out = call();
      for (size_t i = 0; i < ones.size(); i++) {
        if (ones[i].dtype() == out.dtype()) return letters[i];
      }
    } catch (const std::invalid_argument&) {
    }
    return "-";
  }
};

TEST(Types, UnaryOps) {
  const Types types;
  for (const auto& entry : types.document.at("unary").items()) {
    const auto& call = unary_ops().at(entry.key());
    std::string got;
    for (const array& a : types.ones) {
      got += types.letter_of([&] { return call(a); });
    }
    EXPECT_EQ(got, entry.value().get<std::string>()) << entry.key();
  }
}

TEST(Types, BinaryOps) {
  const Types types;
  for (const auto& entry : types.document.at("binary").items()) {
    const auto& call = binary_ops().at(entry.key());
    std::string got;
    for (const array& a : types.ones) {
      for (const array& b : types.ones) {
        got += types.letter_of([&] { return call(a, b); });
      }
    }
    EXPECT_EQ(got, entry.value().get<std::string>()) << entry.key();
  }
}

TEST(Types, ScalarsPromoteAsArrays) {
  const array half = array::uninitialized({2}, float16);
  EXPECT_EQ((half * 2.0f).dtype(), float32);
  EXPECT_EQ((2 - half).dtype(), float16);
  EXPECT_EQ((half * float16_t(2.0f)).dtype(), float16);
  EXPECT_EQ((half == 1).dtype(), bool_);
  EXPECT_EQ(result_type({array(1), array(true), array(1.0f)}), float32);
  EXPECT_EQ(result_type(std::vector<array>{}), bool_);
}

TEST(Types, Limits) {
  EXPECT_EQ(finfo(float16).max, 65504.0);
  EXPECT_EQ(finfo(bfloat16).eps, 0.0078125);
  EXPECT_FLOAT_EQ(static_cast<float>(finfo(float32).smallest_normal), 1.17549435e-38f);
  EXPECT_EQ(iinfo(int8).min, -128);
  EXPECT_EQ(iinfo(uint64).max, UINT64_MAX);
  EXPECT_EQ(iinfo(int64).min, INT64_MIN);
  EXPECT_THROW(finfo{int32}, std::invalid_argument);
  EXPECT_THROW(iinfo{float32}, std::invalid_argument);
}

}  // namespace
}  // namespace mlxa
