// Element-wise ops: every layout, every kind of dtype, the edges of their definitions.
#include <functional>

#include "backend/op_test_util.h"
#include "base/thread_pool.h"

namespace mlxa {
namespace {

using namespace mlxa::testing;

template <class P, class T>
array unary(const std::vector<T>& values, Dtype out) {
  return make_node<P>({static_cast<ShapeElem>(values.size())}, out, {make(values)}, test_stream());
}

template <class P, class T>
std::vector<T> unary_of(const std::vector<T>& values) {
  return values_of<T>(unary<P>(values, TypeToDtype<T>::value));
}

template <class P, class T>
array binary(const std::vector<T>& a, const std::vector<T>& b, Dtype out) {
  return make_node<P>({static_cast<ShapeElem>(a.size())}, out, {make(a), make(b)}, test_stream());
}

template <class P, class T>
std::vector<T> binary_of(const std::vector<T>& a, const std::vector<T>& b) {
  return values_of<T>(binary<P>(a, b, TypeToDtype<T>::value));
}

using Doubles = std::vector<double>;

template <class T>
class EveryDtype : public ::testing::Test {};
using Dtypes = ::testing::Types<uint8_t, uint16_t, uint32_t, uint64_t, int8_t, int16_t, int32_t,
                                int64_t, float16_t, bfloat16_t, float>;
TYPED_TEST_SUITE(EveryDtype, Dtypes);

TYPED_TEST(EveryDtype, UnaryInEveryLayout) {
  using T = TypeParam;
  const Shape shape{3, 5, 7};
  const std::vector<T> values = sample<T>(105);
  std::vector<T> squares;
  for (T x : values) squares.push_back(static_cast<T>(x * x));
  for (const auto& [name, in] : layouts(values, shape)) {
    const array out = make_node<Square>(shape, TypeToDtype<T>::value, {in}, test_stream());
    expect_near(as_doubles(values_of<T>(out)), as_doubles(squares), 0, name);
  }
}

TYPED_TEST(EveryDtype, BinaryInEveryPairOfLayouts) {
  using T = TypeParam;
  const Shape shape{4, 3, 5};
  const std::vector<T> a = sample<T>(60, 1), b = sample<T>(60, 2);
  std::vector<T> differences;
  for (size_t i = 0; i < a.size(); i++) differences.push_back(static_cast<T>(a[i] - b[i]));
  for (const auto& [left_name, left] : layouts(a, shape)) {
    for (const auto& [right_name, right] : layouts(b, shape)) {
      const array out =
          make_node<Subtract>(shape, TypeToDtype<T>::value, {left, right}, test_stream());
      expect_near(as_doubles(values_of<T>(out)), as_doubles(differences), 0,
                  left_name + ", " + right_name);
    }
  }
}

TYPED_TEST(EveryDtype, Comparisons) {
  using T = TypeParam;
  const std::vector<T> a = sample<T>(40, 1);
  std::vector<T> b = sample<T>(40, 2);
  b[3] = a[3];
  std::vector<bool> less = values_of<bool>(binary<Less>(a, b, bool_));
  std::vector<bool> equal = values_of<bool>(binary<Equal>(a, b, bool_));
  std::vector<bool> at_least = values_of<bool>(binary<GreaterEqual>(a, b, bool_));
  for (size_t i = 0; i < a.size(); i++) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    EXPECT_EQ(less[i], x < y);
    EXPECT_EQ(equal[i], x == y);
    EXPECT_EQ(at_least[i], x >= y);
  }
}

TYPED_TEST(EveryDtype, ConvertsToAndFromFloat) {
  using T = TypeParam;
  const std::vector<T> values = sample<T>(50);
  const array out = make_node<AsType>({50}, float32, {make(values)}, test_stream(), {float32});
  expect_near(as_doubles(values_of<float>(out)), as_doubles(values), 0, "to float");
  const array back =
      make_node<AsType>({50}, TypeToDtype<T>::value, {out}, test_stream(), {TypeToDtype<T>::value});
  expect_near(as_doubles(values_of<T>(back)), as_doubles(values), 0, "back");
}

TYPED_TEST(EveryDtype, SelectsInEveryLayout) {
  using T = TypeParam;
  const Shape shape{2, 3, 5};
  const std::vector<T> a = sample<T>(30, 1), b = sample<T>(30, 2);
  const array condition = make<bool>({true, false, true, false, false}, {5});
  const array wide =
      make_node<Broadcast>(shape, bool_, {condition}, test_stream(), ShapeParams{shape});
  std::vector<T> want;
  for (size_t i = 0; i < 30; i++) want.push_back(i % 5 == 0 || i % 5 == 2 ? a[i] : b[i]);
  for (const auto& [name, left] : layouts(a, shape)) {
    const array out = make_node<Select>(shape, TypeToDtype<T>::value, {wide, left, make(b, shape)},
                                        test_stream());
    expect_near(as_doubles(values_of<T>(out)), as_doubles(want), 0, name);
  }
}

TEST(ElementwiseOps, BroadcastOperandsOnEitherSide) {
  const Shape shape{3, 4};
  const array row = make<float>({1, 2, 3, 4}), column = make<float>({10, 20, 30}, {3, 1});
  const array wide_row = make_node<Broadcast>(shape, float32, {row}, test_stream(), {shape});
  const array wide_column = make_node<Broadcast>(shape, float32, {column}, test_stream(), {shape});
  const std::vector<float> want{11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34};
  EXPECT_EQ(
      values_of<float>(make_node<Add>(shape, float32, {wide_row, wide_column}, test_stream())),
      want);
  EXPECT_EQ(
      values_of<float>(make_node<Add>(shape, float32, {wide_column, wide_row}, test_stream())),
      want);
}

TEST(ElementwiseOps, DonatedBuffersGiveTheSameResult) {
  // Nobody else holds the intermediate results, so that each op writes over its input, also where
  // the dtype changes.
  const std::vector<float> values = sample<float>(1003);
  array x = make_node<Negative>({1003}, float32, {make(values)}, test_stream());
  x = make_node<AsType>({1003}, int32, {std::move(x)}, test_stream(), {int32});
  x = make_node<Multiply>({1003}, int32, {make(std::vector<int32_t>(1003, 3)), std::move(x)},
                          test_stream());
  x = make_node<AsType>({1003}, float32, {std::move(x)}, test_stream(), {float32});
  const std::vector<float> got = values_of<float>(x);
  for (size_t i = 0; i < values.size(); i++) ASSERT_EQ(got[i], -3 * values[i]) << i;
}

TEST(ElementwiseOps, EmptyAndScalarArrays) {
  EXPECT_EQ(make_node<Exp>({0, 3}, float32, {make<float>({}, {0, 3})}, test_stream()).size(), 0u);
  EXPECT_TRUE(values_of<float>(
                  make_node<Add>({0}, float32, {make<float>({}), make<float>({})}, test_stream()))
                  .empty());
  const array sum = make_node<Add>({}, float32, {array(2.0f), array(3.0f)}, test_stream());
  EXPECT_EQ(sum.item<float>(), 5.0f);
}

TEST(ElementwiseOps, LargeArraysOnSeveralThreads) {
  ThreadPool& pool = ThreadPool::instance();
  const int before = pool.threads();
  pool.set_threads(3);
  const Shape shape{301, 407};
  const std::vector<float> values = sample<float>(301 * 407);
  for (const auto& [name, in] : layouts(values, shape)) {
    const std::vector<float> got =
        values_of<float>(make_node<Abs>(shape, float32, {in}, test_stream()));
    for (size_t i = 0; i < values.size(); i++) ASSERT_EQ(got[i], std::fabs(values[i])) << name;
  }
  pool.set_threads(before);
}

TEST(ElementwiseOps, MathFunctions) {
  const std::vector<float> values{-3.5f, -1.0f, -0.75f, -1e-3f, -0.0f, 0.0f,  1e-6f,
                                  0.5f,  1.0f,  2.25f,  10.0f,  kInf,  -kInf, kNan};
  const auto check = [&](auto op, const std::function<double(double)>& f, const char* name) {
    using P = decltype(op);
    Doubles want;
    for (float x : values) want.push_back(f(static_cast<double>(x)));
    const array out = make_node<typename P::type>({static_cast<ShapeElem>(values.size())}, float32,
                                                  {make(values)}, test_stream());
    expect_near(as_doubles(values_of<float>(out)), want, 3e-7, name);
  };
  check(
      std::type_identity<Exp>(), [](double x) { return std::exp(x); }, "exp");
  check(
      std::type_identity<Expm1>(), [](double x) { return std::expm1(x); }, "expm1");
  check(
      std::type_identity<Log>(), [](double x) { return std::log(x); }, "log");
  check(
      std::type_identity<Log2>(), [](double x) { return std::log2(x); }, "log2");
  check(
      std::type_identity<Log10>(), [](double x) { return std::log10(x); }, "log10");
  check(
      std::type_identity<Log1p>(), [](double x) { return std::log1p(x); }, "log1p");
  check(
      std::type_identity<Sin>(), [](double x) { return std::sin(x); }, "sin");
  check(
      std::type_identity<Cos>(), [](double x) { return std::cos(x); }, "cos");
  check(
      std::type_identity<Tan>(), [](double x) { return std::tan(x); }, "tan");
  check(
      std::type_identity<Sinh>(), [](double x) { return std::sinh(x); }, "sinh");
  check(
      std::type_identity<Cosh>(), [](double x) { return std::cosh(x); }, "cosh");
  check(
      std::type_identity<Tanh>(), [](double x) { return std::tanh(x); }, "tanh");
  check(
      std::type_identity<ArcSin>(), [](double x) { return std::asin(x); }, "arcsin");
  check(
      std::type_identity<ArcCos>(), [](double x) { return std::acos(x); }, "arccos");
  check(
      std::type_identity<ArcTan>(), [](double x) { return std::atan(x); }, "arctan");
  check(
      std::type_identity<ArcSinh>(), [](double x) { return std::asinh(x); }, "arcsinh");
  check(
      std::type_identity<ArcCosh>(), [](double x) { return std::acosh(x); }, "arccosh");
  check(
      std::type_identity<ArcTanh>(), [](double x) { return std::atanh(x); }, "arctanh");
  check(
      std::type_identity<Erf>(), [](double x) { return std::erf(x); }, "erf");
  check(
      std::type_identity<Sqrt>(), [](double x) { return std::sqrt(x); }, "sqrt");
  check(
      std::type_identity<Rsqrt>(), [](double x) { return 1 / std::sqrt(x); }, "rsqrt");
  check(
      std::type_identity<Sigmoid>(), [](double x) { return 1 / (1 + std::exp(-x)); }, "sigmoid");
}

TEST(ElementwiseOps, ExpOverItsWholeRange) {
  std::vector<float> values;
  for (int i = -10400; i <= 8880; i++) values.push_back(static_cast<float>(i) * 0.01f);
  const std::vector<float> got = unary_of<Exp>(values);
  for (size_t i = 0; i < values.size(); i++) {
    const double want = std::exp(static_cast<double>(values[i]));
    if (want > static_cast<double>(std::numeric_limits<float>::max())) {
      EXPECT_EQ(got[i], kInf);
    } else {  // one and a half units of the last place, normal or subnormal
      EXPECT_NEAR(got[i], want, std::fmax(1.2e-7 * want, 0x1p-149)) << values[i];
    }
  }
}

TEST(ElementwiseOps, ErfInvUndoesErf) {
  for (float y : {-2.5f, -0.9f, -0.1f, 1e-4f, 0.3f, 1.1f, 2.0f, 3.0f}) {
    const float x = std::erf(y);
    const float got = unary_of<ErfInv>(std::vector<float>{x})[0];
    const double back = std::erf(static_cast<double>(got));
    EXPECT_NEAR(back, static_cast<double>(x), 6e-8 * std::fabs(static_cast<double>(x))) << y;
  }
  const std::vector<float> edges = unary_of<ErfInv>(std::vector<float>{1, -1, 2, kNan, 0, 0.5f});
  expect_near(as_doubles(edges), {kInf, -kInf, kNan, kNan, 0, 0.4769362762044699}, 1e-7, "edges");
}

TEST(ElementwiseOps, RoundingFunctions) {
  const std::vector<float> halves{0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 2.4f, -2.6f};
  EXPECT_EQ(unary_of<Round>(halves), (std::vector<float>{0, 2, 2, -0.0f, -2, 2, -3}));
  EXPECT_EQ(unary_of<Floor>(halves), (std::vector<float>{0, 1, 2, -1, -2, 2, -3}));
  EXPECT_EQ(unary_of<Ceil>(halves), (std::vector<float>{1, 2, 3, -0.0f, -1, 3, -2}));
  EXPECT_EQ(unary_of<Floor>(std::vector<int32_t>{-3, 4}), (std::vector<int32_t>{-3, 4}));
}

TEST(ElementwiseOps, SignsAndWrappingIntegers) {
  EXPECT_EQ(unary_of<Sign>(std::vector<float>{kNan, -0.0f, 3, -kInf}),
            (std::vector<float>{0, 0, 1, -1}));
  EXPECT_EQ(unary_of<Sign>(std::vector<uint32_t>{0, 4000000000u}), (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(unary_of<Abs>(std::vector<int8_t>{-128, -3, 5}), (std::vector<int8_t>{-128, 3, 5}));
  EXPECT_EQ(unary_of<Negative>(std::vector<uint8_t>{1, 0}), (std::vector<uint8_t>{255, 0}));
  EXPECT_EQ(unary_of<BitwiseInvert>(std::vector<uint8_t>{1, 2}), (std::vector<uint8_t>{254, 253}));
  EXPECT_EQ(unary_of<BitwiseInvert>(std::vector<bool>{true, false}),
            (std::vector<bool>{false, true}));
  EXPECT_EQ(binary_of<Add>(std::vector<int32_t>{2147483647}, std::vector<int32_t>{1}),
            (std::vector<int32_t>{-2147483647 - 1}));
  EXPECT_EQ(binary_of<Multiply>(std::vector<uint16_t>{65535}, std::vector<uint16_t>{65535}),
            (std::vector<uint16_t>{1}));
  EXPECT_EQ(values_of<bool>(unary<LogicalNot>(std::vector<float>{0, 2, kNan}, bool_)),
            (std::vector<bool>{true, false, false}));
}

TEST(ElementwiseOps, Booleans) {
  const std::vector<bool> a{true, true, false, false}, b{true, false, true, false};
  EXPECT_EQ(binary_of<Add>(a, b), (std::vector<bool>{true, true, true, false}));
  EXPECT_EQ(binary_of<Multiply>(a, b), (std::vector<bool>{true, false, false, false}));
  EXPECT_EQ(binary_of<Subtract>(a, b), (std::vector<bool>{false, true, true, false}));
  EXPECT_EQ(binary_of<BitwiseXor>(a, b), (std::vector<bool>{false, true, true, false}));
  EXPECT_EQ(binary_of<LogicalOr>(a, b), (std::vector<bool>{true, true, true, false}));
  EXPECT_EQ(binary_of<Maximum>(a, b), (std::vector<bool>{true, true, true, false}));
}

TEST(ElementwiseOps, Divisions) {
  const std::vector<int32_t> a{-7, 7, -7, 7, 5, -2147483647 - 1}, b{2, -2, -2, 2, 0, -1};
  EXPECT_EQ(binary_of<FloorDivide>(a, b), (std::vector<int32_t>{-4, -4, 3, 3, 0, -2147483647 - 1}));
  EXPECT_EQ(binary_of<Remainder>(a, b), (std::vector<int32_t>{1, -1, -1, 1, 5, 0}));
  EXPECT_EQ(binary_of<FloorDivide>(std::vector<int8_t>{-128, 100}, std::vector<int8_t>{-1, -3}),
            (std::vector<int8_t>{-128, -34}));
  EXPECT_EQ(binary_of<Remainder>(std::vector<uint8_t>{5, 250, 9}, std::vector<uint8_t>{3, 7, 0}),
            (std::vector<uint8_t>{2, 5, 9}));
  const std::vector<float> x{-7, 7, 7.5f, kInf, 5, -5, 0, 1}, y{2, -2, 2, 3, kInf, kInf, -3, 0};
  expect_near(as_doubles(binary_of<Remainder>(x, y)), {1, -1, 1.5, kNan, 5, kInf, 0, kNan}, 0, "%");
  expect_near(as_doubles(binary_of<FloorDivide>(x, y)), {-4, -4, 3, kInf, 0, -1 * 0.0, 0, kInf}, 0,
              "//");
}

TEST(ElementwiseOps, PowersOfIntegersAndFloats) {
  const std::vector<int32_t> base{2, 3, -2, 0, 2, -1, 5}, exponent{3, 0, 3, 0, -1, -3, 31};
  EXPECT_EQ(binary_of<Power>(base, exponent),
            (std::vector<int32_t>{8, 1, -8, 1, 0, 0, -2128439731}));
  expect_near(as_doubles(binary_of<Power>(std::vector<float>{-2, -2, 0, kNan, 9},
                                          std::vector<float>{0.5f, 3, 0, 0, 0.5f})),
              {kNan, -8, 1, 1, 3}, 1e-7, "pow");
}

TEST(ElementwiseOps, MaximumAndMinimumKeepNan) {
  const std::vector<float> a{kNan, 1, kNan, 2, -kInf}, b{1, kNan, kNan, 3, 0};
  expect_near(as_doubles(binary_of<Maximum>(a, b)), {kNan, kNan, kNan, 3, 0}, 0, "max");
  expect_near(as_doubles(binary_of<Minimum>(a, b)), {kNan, kNan, kNan, 2, -kInf}, 0, "min");
}

TEST(ElementwiseOps, LogAddExpAtTheEdges) {
  const std::vector<float> a{kInf, -kInf, kInf, kNan, 0, -kInf, 1000},
      b{kInf, -kInf, -kInf, 1, 0, 3, 1000};
  expect_near(as_doubles(binary_of<LogAddExp>(a, b)),
              {kInf, -kInf, kInf, kNan, 0.6931471805599453, 3, 1000.6931471805599}, 1e-7, "lae");
}

TEST(ElementwiseOps, ShiftsBeyondTheWidthGiveZero) {
  const std::vector<int32_t> one{1, 1, 1, 1}, by{31, 32, 33, -1};
  EXPECT_EQ(binary_of<LeftShift>(one, by), (std::vector<int32_t>{-2147483647 - 1, 0, 0, 0}));
  EXPECT_EQ(binary_of<RightShift>(std::vector<int32_t>{-8, 8, 8}, std::vector<int32_t>{1, 32, 2}),
            (std::vector<int32_t>{-4, 0, 2}));
  EXPECT_EQ(binary_of<LeftShift>(std::vector<uint8_t>{1, 255}, std::vector<uint8_t>{9, 4}),
            (std::vector<uint8_t>{0, 240}));
  EXPECT_EQ(binary_of<LeftShift>(std::vector<uint64_t>{1}, std::vector<uint64_t>{63}),
            (std::vector<uint64_t>{uint64_t{1} << 63}));
}

TEST(ElementwiseOps, FloatsToIntegers) {
  const std::vector<float> values{-1.7f, 300.7f, 3e9f, 1e10f, kNan, kInf, -0.9f};
  const auto to = [&](auto tag) {
    using T = decltype(tag);
    const Dtype dtype = TypeToDtype<T>::value;
    return values_of<T>(make_node<AsType>({7}, dtype, {make(values)}, test_stream(), {dtype}));
  };
  constexpr int32_t kLow = std::numeric_limits<int32_t>::min();
  EXPECT_EQ(to(int32_t{}), (std::vector<int32_t>{-1, 300, kLow, kLow, kLow, kLow, 0}));
  EXPECT_EQ(to(uint8_t{}), (std::vector<uint8_t>{255, 44, 0, 0, 0, 0, 0}));
  EXPECT_EQ(to(bool{}), (std::vector<bool>{true, true, true, true, true, true, true}));
  EXPECT_EQ(to(uint32_t{})[2], 3000000000u);
  EXPECT_EQ(to(int64_t{})[3], 10000000000);
  EXPECT_EQ(to(uint64_t{})[0], ~uint64_t{0});
}

TEST(ElementwiseOps, HalvesRoundOncePerOp) {
  // 256 + 1 is not a bfloat16: half to even gives 256, and 258 for 256 + 1.5.
  const std::vector<bfloat16_t> a{256.0f, 256.0f}, b{1.0f, 1.5f};
  EXPECT_EQ(as_doubles(binary_of<Add>(a, b)), (Doubles{256, 258}));
  const std::vector<float16_t> big{60000.0f, 2048.0f}, more{60000.0f, 1.0f};
  EXPECT_EQ(as_doubles(binary_of<Add>(big, more)), (Doubles{static_cast<double>(kInf), 2048}));
}

TEST(ElementwiseOps, OpsThatAreNotDefinedThrow) {
  EXPECT_THROW(unary<Exp>(std::vector<int32_t>{1}, int32).eval(), std::invalid_argument);
  EXPECT_THROW(binary<BitwiseAnd>(std::vector<float>{1}, std::vector<float>{1}, float32).eval(),
               std::invalid_argument);
}

}  // namespace
}  // namespace mlxa
