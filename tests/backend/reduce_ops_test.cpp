// Reductions, scans, order, softmax: every layout and axis against loops over doubles.
#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

#include "backend/op_test_util.h"
#include "base/thread_pool.h"

namespace mlxa {
namespace {

using namespace mlxa::testing;

Shape reduced_shape(Shape shape, const std::vector<int>& axes) {
  for (int axis : axes) shape[static_cast<size_t>(axis)] = 1;
  return shape;
}

array reduce(ReduceKind kind, const array& in, const std::vector<int>& axes, Dtype dtype) {
  return make_node<Reduce>(reduced_shape(in.shape(), axes), dtype, {in}, test_stream(),
                           {kind, axes});
}

// The place in a reduced array of element i of an array of `shape`.
size_t reduced_index(size_t i, const Shape& shape, const std::vector<int>& axes) {
  size_t index = 0, step = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    const auto length = static_cast<size_t>(shape[axis]);
    if (std::find(axes.begin(), axes.end(), static_cast<int>(axis)) == axes.end()) {
      index += i % length * step;
      step *= length;
    }
    i /= length;
  }
  return index;
}

std::vector<double> expected(const std::vector<double>& values, const Shape& shape,
                             const std::vector<int>& axes, double start,
                             const std::function<double(double, double)>& f) {
  size_t count = 1;
  for (ShapeElem dim : reduced_shape(shape, axes)) count *= static_cast<size_t>(dim);
  std::vector<double> out(count, start);
  for (size_t i = 0; i < values.size(); i++) {
    double& total = out[reduced_index(i, shape, axes)];
    total = f(total, values[i]);
  }
  return out;
}

template <class T>
class ReduceEveryDtype : public ::testing::Test {};
using Dtypes = ::testing::Types<uint8_t, int16_t, uint32_t, int64_t, float16_t, bfloat16_t, float>;
TYPED_TEST_SUITE(ReduceEveryDtype, Dtypes);

TYPED_TEST(ReduceEveryDtype, EveryLayoutAndEveryAxes) {
  using T = TypeParam;
  const Dtype dtype = TypeToDtype<T>::value;
  const Shape shape{3, 4, 2, 5};
  std::vector<T> values = sample<T>(120);
  for (T& x : values) {  // sums that every dtype holds exactly
    x = static_cast<T>(static_cast<float>(std::abs(static_cast<int>(x)) % 2 + (x > T(20.0f))));
  }
  const std::vector<double> doubles = as_doubles(values);
  for (const auto& [name, in] : layouts(values, shape)) {
    for (int mask = 1; mask < 16; mask++) {
      std::vector<int> axes;
      for (int axis = 0; axis < 4; axis++) {
        if (mask >> axis & 1) axes.push_back(axis);
      }
      const std::string what = name + ", axes " + std::to_string(mask);
      expect_near(as_doubles(values_of<T>(reduce(ReduceKind::kSum, in, axes, dtype))),
                  expected(doubles, shape, axes, 0, std::plus<>()), 0, what + " sum");
      expect_near(
          as_doubles(values_of<T>(reduce(ReduceKind::kMax, in, axes, dtype))),
          expected(doubles, shape, axes, -1e9, [](double a, double b) { return std::fmax(a, b); }),
          0, what + " max");
      expect_near(
          as_doubles(values_of<bool>(reduce(ReduceKind::kAll, in, axes, bool_))),
          expected(doubles, shape, axes, 1, [](double a, double b) { return a != 0 && b != 0; }), 0,
          what + " all");
    }
  }
}

TEST(ReduceOps, ProductsMinimaAnyAndWrapping) {
  const array a = make<int32_t>({1, -2, 3, 4, 5, -6}, {2, 3});
  EXPECT_EQ(values_of<int32_t>(reduce(ReduceKind::kProd, a, {1}, int32)),
            (std::vector<int32_t>{-6, -120}));
  EXPECT_EQ(values_of<int32_t>(reduce(ReduceKind::kMin, a, {0}, int32)),
            (std::vector<int32_t>{1, -2, -6}));
  EXPECT_EQ(
      values_of<bool>(reduce(ReduceKind::kAny, make<float>({0, kNan, 0, 0}, {2, 2}), {1}, bool_)),
      (std::vector<bool>{true, false}));
  EXPECT_EQ(
      values_of<int32_t>(reduce(ReduceKind::kSum, make<int32_t>({2147483647, 2}), {0}, int32)),
      (std::vector<int32_t>{-2147483647}));
}

TEST(ReduceOps, NanWinsWhereverItStands) {
  for (size_t at : {0u, 3u, 20u, 39u}) {
    std::vector<float> values = sample<float>(40);
    values[at] = kNan;
    for (ReduceKind kind : {ReduceKind::kMax, ReduceKind::kMin}) {
      EXPECT_TRUE(std::isnan(reduce(kind, make(values), {0}, float32).item<float>())) << at;
    }
  }
}

TEST(ReduceOps, EmptyReductionsGiveTheIdentity) {
  const array empty = make<float>({}, {0, 3});
  EXPECT_EQ(values_of<float>(reduce(ReduceKind::kSum, empty, {0}, float32)),
            (std::vector<float>{0, 0, 0}));
  EXPECT_EQ(values_of<float>(reduce(ReduceKind::kProd, empty, {0}, float32)),
            (std::vector<float>{1, 1, 1}));
  EXPECT_EQ(values_of<bool>(reduce(ReduceKind::kAll, empty, {0}, bool_)),
            (std::vector<bool>{true, true, true}));
}

TEST(ReduceOps, LongSumsStayAccurateAndIgnoreTheThreadCount) {
  std::vector<float> values(1000003);
  for (size_t i = 0; i < values.size(); i++) {
    values[i] = 0.1f + static_cast<float>(i % 7) * 1e-3f;
  }
  double want = 0;
  for (float x : values) want += static_cast<double>(x);
  ThreadPool& pool = ThreadPool::instance();
  const int before = pool.threads();
  std::vector<float> results;
  for (int threads : {1, 2, 5}) {
    pool.set_threads(threads);
    results.push_back(reduce(ReduceKind::kSum, make(values), {0}, float32).item<float>());
  }
  pool.set_threads(before);
  EXPECT_NEAR(results[0], want, 1e-7 * want);
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(ReduceOps, LongColumnsAndWideRows) {
  for (const Shape& shape : {Shape{70001, 3}, Shape{3, 70001}, Shape{700, 900}}) {
    const auto count = static_cast<size_t>(shape[0]) * static_cast<size_t>(shape[1]);
    const std::vector<float> values = sample<float>(count);
    for (int axis : {0, 1}) {
      const std::vector<double> want =
          expected(as_doubles(values), shape, {axis}, 0, std::plus<>());
      for (const auto& [name, in] : layouts(values, shape)) {
        expect_near(as_doubles(values_of<float>(reduce(ReduceKind::kSum, in, {axis}, float32))),
                    want, 1e-7, name + " axis " + std::to_string(axis));
      }
    }
  }
}

TEST(ReduceOps, HalvesAccumulateWide) {
  // In bfloat16 a running sum of ones would stop at 256.
  const array ones = make(std::vector<bfloat16_t>(4096, bfloat16_t(1.0f)));
  EXPECT_EQ(static_cast<float>(reduce(ReduceKind::kSum, ones, {0}, bfloat16).item<bfloat16_t>()),
            4096.0f);
}

array arg_reduce(ArgReduceParams::Kind kind, const array& in, int axis) {
  return make_node<ArgReduce>(reduced_shape(in.shape(), {axis}), uint32, {in}, test_stream(),
                              {kind, axis});
}

TEST(ReduceOps, ArgumentsOfExtremes) {
  const std::vector<float> values{3, 7, 7, -1, kNan, 5, kNan, 9, 2, 2, 2, 2};
  for (const auto& [name, in] : layouts(values, {3, 4})) {
    EXPECT_EQ(values_of<uint32_t>(arg_reduce(ArgReduceParams::ArgMax, in, 1)),
              (std::vector<uint32_t>{1, 0, 0}))
        << name;
    EXPECT_EQ(values_of<uint32_t>(arg_reduce(ArgReduceParams::ArgMin, in, 1)),
              (std::vector<uint32_t>{3, 0, 0}))
        << name;
    EXPECT_EQ(values_of<uint32_t>(arg_reduce(ArgReduceParams::ArgMax, in, 0)),
              (std::vector<uint32_t>{1, 0, 1, 1}))
        << name;
  }
  EXPECT_THROW(arg_reduce(ArgReduceParams::ArgMax, make<float>({}, {2, 0}), 1).eval(),
               std::invalid_argument);
}

array softmax(const array& in) {
  return make_node<Softmax>(in.shape(), in.dtype(), {in}, test_stream());
}
array log_sum_exp(const array& in) {
  return make_node<LogSumExp>(reduced_shape(in.shape(), {static_cast<int>(in.ndim()) - 1}),
                              in.dtype(), {in}, test_stream());
}

TEST(ReduceOps, SoftmaxAndLogSumExpInEveryLayout) {
  const Shape shape{2, 3, 37};
  std::vector<float> values = sample<float>(2 * 3 * 37);
  for (float& x : values) x /= 4;  // no result is subnormal, no input rounds to bfloat16
  std::vector<double> soft, logs;
  for (size_t row = 0; row < 6; row++) {
    double sum = 0;
    for (size_t i = 0; i < 37; i++) sum += std::exp(static_cast<double>(values[row * 37 + i]));
    for (size_t i = 0; i < 37; i++) {
      soft.push_back(std::exp(static_cast<double>(values[row * 37 + i])) / sum);
    }
    logs.push_back(std::log(sum));
  }
  for (const auto& [name, in] : layouts(values, shape)) {
    expect_near(as_doubles(values_of<float>(softmax(in))), soft, 1e-6, name);
    expect_near(as_doubles(values_of<float>(log_sum_exp(in))), logs, 1e-6, name);
  }
  const array halves =
      make_node<AsType>(shape, bfloat16, {make(values, shape)}, test_stream(), {bfloat16});
  expect_near(as_doubles(values_of<bfloat16_t>(softmax(halves))), soft, 4e-3, "bfloat16");
}

TEST(ReduceOps, SoftmaxAtTheEdges) {
  const auto soft = [](const std::vector<float>& x) {
    return as_doubles(values_of<float>(softmax(make(x))));
  };
  const auto log = [](const std::vector<float>& x) {
    return as_doubles(values_of<float>(log_sum_exp(make(x))));
  };
  expect_near(soft({-kInf, 0, 0}), {0, 0.5, 0.5}, 1e-7, "masked");
  expect_near(soft({1000, 1000}), {0.5, 0.5}, 1e-7, "large");
  expect_near(soft({kNan, 1}), {kNan, kNan}, 0, "nan");
  expect_near(soft({-kInf, -kInf}), {kNan, kNan}, 0, "all masked");
  expect_near(log({-kInf, -kInf}), {-kInf}, 0, "-inf");
  expect_near(log({kInf, 1}), {kInf}, 0, "inf");
  expect_near(log({-kInf, kNan}), {kNan}, 0, "nan");
  expect_near(log({1000, 1000}), {1000.6931471805599}, 1e-7, "large");
}

TEST(ReduceOps, LongSoftmaxIgnoresTheThreadCount) {
  std::vector<float> values(150001);
  for (size_t i = 0; i < values.size(); i++) values[i] = std::sin(static_cast<float>(i)) * 9;
  ThreadPool& pool = ThreadPool::instance();
  const int before = pool.threads();
  pool.set_threads(1);
  const std::vector<float> alone = values_of<float>(softmax(make(values)));
  pool.set_threads(4);
  const std::vector<float> shared = values_of<float>(softmax(make(values)));
  pool.set_threads(before);
  EXPECT_EQ(alone, shared);
  EXPECT_NEAR(std::accumulate(alone.begin(), alone.end(), 0.0), 1.0, 1e-6);
}

array scan(ScanKind kind, const array& in, int axis, bool reverse, bool inclusive) {
  return make_node<Scan>(in.shape(), in.dtype(), {in}, test_stream(),
                         {kind, axis, reverse, inclusive});
}

TEST(ReduceOps, ScansInEveryLayoutAndDirection) {
  const Shape shape{3, 4};
  const std::vector<int32_t> values = sample<int32_t>(12);
  for (const auto& [name, in] : layouts(values, shape)) {
    for (int mode = 0; mode < 8; mode++) {
      const int axis = mode & 1;
      const bool reverse = mode & 2, inclusive = mode & 4;
      std::vector<int32_t> want(12);
      const size_t step = axis == 0 ? 4 : 1, length = axis == 0 ? 3 : 4;
      for (size_t line = 0; line < 12 / length; line++) {
        int32_t total = 0;
        for (size_t i = 0; i < length; i++) {
          const size_t k = reverse ? length - 1 - i : i;
          const size_t at = (axis == 0 ? line : line * 4) + k * step;
          want[at] = inclusive ? total + values[at] : total;
          total += values[at];
        }
      }
      EXPECT_EQ(values_of<int32_t>(scan(ScanKind::kSum, in, axis, reverse, inclusive)), want)
          << name << " mode " << mode;
    }
  }
}

TEST(ReduceOps, ScansOfEveryKind) {
  const array x = make<float>({2, kNan, 1, 5});
  const auto run = [](ScanKind kind, const array& in, bool inclusive = true) {
    return as_doubles(values_of<float>(scan(kind, in, 0, false, inclusive)));
  };
  expect_near(run(ScanKind::kMax, x), {2, kNan, kNan, kNan}, 0, "max");
  expect_near(run(ScanKind::kMin, x), {2, kNan, kNan, kNan}, 0, "min");
  const array y = make<float>({2, 3, 4});
  expect_near(run(ScanKind::kProd, y), {2, 6, 24}, 0, "prod");
  expect_near(run(ScanKind::kProd, y, false), {1, 2, 6}, 0, "exclusive prod");
  expect_near(run(ScanKind::kMax, y, false), {-kInf, 2, 3}, 0, "exclusive max");
  expect_near(run(ScanKind::kLogAddExp, make<float>({1, 2, -kInf, kInf})),
              {1, 2.313261687518223, 2.313261687518223, kInf}, 1e-7, "logaddexp");
  expect_near(run(ScanKind::kLogAddExp, make<float>({1, 2}), false), {-kInf, 1}, 0, "exclusive");
  EXPECT_EQ(values_of<int32_t>(scan(ScanKind::kMin, make<int32_t>({1, 2}), 0, false, false)),
            (std::vector<int32_t>{std::numeric_limits<int32_t>::max(), 1}));
}

template <class T>
class SortEveryDtype : public ::testing::Test {};
using SortDtypes = ::testing::Types<uint8_t, int8_t, uint16_t, int16_t, uint32_t, int32_t, uint64_t,
                                    int64_t, float16_t, bfloat16_t, float>;
TYPED_TEST_SUITE(SortEveryDtype, SortDtypes);

TYPED_TEST(SortEveryDtype, ShortAndLongLines) {
  using T = TypeParam;
  const Dtype dtype = TypeToDtype<T>::value;
  for (const Shape& shape : {Shape{7, 9}, Shape{2, 1500}}) {
    const auto rows = static_cast<size_t>(shape[0]), length = static_cast<size_t>(shape[1]);
    const std::vector<T> values = sample<T>(rows * length);
    std::vector<double> sorted;
    std::vector<uint32_t> order;
    for (size_t row = 0; row < rows; row++) {
      std::vector<uint32_t> index(length);
      std::iota(index.begin(), index.end(), 0u);
      std::stable_sort(index.begin(), index.end(), [&](uint32_t a, uint32_t b) {
        return values[row * length + a] < values[row * length + b];
      });
      for (uint32_t i : index) sorted.push_back(static_cast<double>(values[row * length + i]));
      order.insert(order.end(), index.begin(), index.end());
    }
    for (const auto& [name, in] : layouts(values, shape)) {
      expect_near(as_doubles(values_of<T>(make_node<Sort>(shape, dtype, {in}, test_stream(), {1}))),
                  sorted, 0, name);
      EXPECT_EQ(values_of<uint32_t>(make_node<ArgSort>(shape, uint32, {in}, test_stream(), {1})),
                order)
          << name;
    }
  }
}

TEST(ReduceOps, SortPutsNanLastAndKeepsTheOrderOfEquals) {
  const array x = make<float>({3, kNan, 1, kInf, -kInf, kNan, 2, -kNan, 0.0f, -0.0f});
  expect_near(as_doubles(values_of<float>(make_node<Sort>({10}, float32, {x}, test_stream(), {0}))),
              {-kInf, 0, 0, 1, 2, 3, kInf, kNan, kNan, kNan}, 0, "sort");
  EXPECT_EQ(values_of<uint32_t>(make_node<ArgSort>({10}, uint32, {x}, test_stream(), {-1})),
            (std::vector<uint32_t>{4, 8, 9, 2, 6, 0, 3, 1, 5, 7}));
  const array columns = make<int32_t>({3, 1, 2, 0, 1, 5}, {3, 2});
  EXPECT_EQ(values_of<int32_t>(make_node<Sort>({3, 2}, int32, {columns}, test_stream(), {0})),
            (std::vector<int32_t>{1, 0, 2, 1, 3, 5}));
}

TEST(ReduceOps, LongSortsOfWideValues) {
  std::vector<int64_t> values;
  uint64_t state = 1;
  for (int i = 0; i < 3000; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    values.push_back(static_cast<int64_t>(state));
  }
  std::vector<int64_t> want = values;
  std::sort(want.begin(), want.end());
  EXPECT_EQ(values_of<int64_t>(make_node<Sort>({3000}, int64, {make(values)}, test_stream(), {0})),
            want);
  std::vector<float> floats;
  for (int64_t x : values) {
    float f;
    const uint32_t bits = static_cast<uint32_t>(x >> 20) & 0xff7fffffu;  // finite
    std::memcpy(&f, &bits, 4);
    floats.push_back(f);
  }
  std::vector<float> want_floats = floats;
  std::sort(want_floats.begin(), want_floats.end());
  EXPECT_EQ(values_of<float>(make_node<Sort>({3000}, float32, {make(floats)}, test_stream(), {0})),
            want_floats);
}

}  // namespace
}  // namespace mlxa
