// Layout, creation, indexing, random bits.
#include "backend/op_test_util.h"
#include "base/thread_pool.h"

namespace mlxa {
namespace {

using namespace mlxa::testing;
using Ints = std::vector<int32_t>;

TEST(LayoutOps, ReshapeCopiesInCOrderWhereNoViewExists) {
  const std::vector<int32_t> values = sample<int32_t>(24);
  for (const auto& [name, in] : layouts(values, {2, 3, 4})) {
    const array out = make_node<Reshape>({4, 6}, int32, {in}, test_stream(), {{4, 6}});
    EXPECT_EQ(values_of<int32_t>(out), values) << name;
    const array compact = make_node<Contiguous>({2, 3, 4}, int32, {in}, test_stream());
    EXPECT_EQ(values_of<int32_t>(compact), values) << name;
    EXPECT_TRUE(compact.flags().row_contiguous);
  }
}

TEST(LayoutOps, LargeTransposedCopyOnSeveralThreads) {
  ThreadPool& pool = ThreadPool::instance();
  const int before = pool.threads();
  pool.set_threads(3);
  const std::vector<uint16_t> values = sample<uint16_t>(331 * 211);
  for (const auto& [name, in] : layouts(values, {331, 211})) {
    EXPECT_EQ(values_of<uint16_t>(make_node<Contiguous>({331, 211}, uint16, {in}, test_stream())),
              values)
        << name;
  }
  pool.set_threads(before);
}

TEST(LayoutOps, ViewsOfBits) {
  const array floats = make<float>({1.0f, -2.0f}, {1, 2});
  EXPECT_EQ(values_of<uint32_t>(make_node<View>({1, 2}, uint32, {floats}, test_stream(), {uint32})),
            (std::vector<uint32_t>{0x3f800000u, 0xc0000000u}));
  EXPECT_EQ(values_of<uint16_t>(make_node<View>({1, 4}, uint16, {floats}, test_stream(), {uint16})),
            (std::vector<uint16_t>{0, 0x3f80, 0, 0xc000}));
  const array bytes = laid_out<uint8_t>({0, 1, 0, 2, 0, 3, 0, 4}, {2, 4}, {1, 0}, 1, {true, false});
  EXPECT_EQ(values_of<uint16_t>(make_node<View>({2, 2}, uint16, {bytes}, test_stream(), {uint16})),
            (std::vector<uint16_t>{0x100, 0x200, 0x300, 0x400}));
}

TEST(LayoutOps, ConcatenatesAlongAnyAxis) {
  for (const auto& [name, a] : layouts<int32_t>({1, 2, 3, 4}, {2, 2})) {
    const array b = make<int32_t>({5, 6}, {2, 1}), none = make<int32_t>({}, {2, 0});
    EXPECT_EQ(
        values_of<int32_t>(make_node<Concatenate>({2, 3}, int32, {b, none, a}, test_stream(), {1})),
        (Ints{5, 1, 2, 6, 3, 4}))
        << name;
    EXPECT_EQ(values_of<int32_t>(make_node<Concatenate>({4, 2}, int32, {a, a}, test_stream(), {0})),
              (Ints{1, 2, 3, 4, 1, 2, 3, 4}))
        << name;
  }
}

TEST(LayoutOps, Pads) {
  for (const auto& [name, a] : layouts<int32_t>({1, 2, 3, 4}, {2, 2})) {
    const PadParams params{{0, 1}, {1, 0}, {0, 2}};
    EXPECT_EQ(
        values_of<int32_t>(make_node<Pad>({3, 4}, int32, {a, array(9)}, test_stream(), params)),
        (Ints{9, 9, 9, 9, 1, 2, 9, 9, 3, 4, 9, 9}))
        << name;
  }
}

TEST(LayoutOps, UpdatesSlices) {
  const array source = make<int32_t>({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {3, 4});
  for (const auto& [name, update] : layouts<int32_t>({1, 2, 3, 4}, {2, 2})) {
    EXPECT_EQ(values_of<int32_t>(make_node<SliceUpdate>({3, 4}, int32, {source, update},
                                                        test_stream(), {{0, 1}, {3, 4}, {2, 2}})),
              (Ints{0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4}))
        << name;
    EXPECT_EQ(values_of<int32_t>(make_node<SliceUpdate>({3, 4}, int32, {source, update},
                                                        test_stream(), {{2, 3}, {0, 1}, {-1, -1}})),
              (Ints{0, 0, 0, 0, 0, 0, 4, 3, 0, 0, 2, 1}))
        << name;
  }
  const array update = make<int32_t>({1, 2}, {1, 2});
  EXPECT_THROW(make_node<SliceUpdate>({3, 4}, int32, {source, update}, test_stream(),
                                      {{0, 3}, {1, 5}, {1, 1}})
                   .eval(),
               std::out_of_range);
}

TEST(LayoutOps, FullRepeatsItsValue) {
  EXPECT_EQ(values_of<int32_t>(make_node<Full>({2, 2}, int32, {array(7)}, test_stream())),
            (Ints{7, 7, 7, 7}));
  EXPECT_EQ(
      values_of<int32_t>(make_node<Full>({2, 2}, int32, {make<int32_t>({1, 2})}, test_stream())),
      (Ints{1, 2, 1, 2}));
}

TEST(LayoutOps, Arange) {
  const auto arange = [](double start, double step, int count, auto tag) {
    using T = decltype(tag);
    return as_doubles(values_of<T>(
        make_node<Arange>({count}, TypeToDtype<T>::value, {}, test_stream(), {start, step})));
  };
  EXPECT_EQ(arange(-3, 1, 5, uint8_t{}), (std::vector<double>{253, 254, 255, 0, 1}));
  EXPECT_EQ(arange(0.5, 1.5, 3, int32_t{}), (std::vector<double>{0, 2, 4}));
  EXPECT_EQ(arange(10, -3, 4, int64_t{}), (std::vector<double>{10, 7, 4, 1}));
  expect_near(arange(0, 0.1, 4, float{}), {0, 0.1, 0.2, 0.3}, 1e-7, "float");
  EXPECT_EQ(arange(1e6, 0.25, 3, float{}), (std::vector<double>{1e6, 1e6 + 0.25, 1e6 + 0.5}));
  EXPECT_EQ(arange(100, 1, 3, bfloat16_t{}), (std::vector<double>{100, 101, 102}));
}

template <class T>
class TakeEveryIndex : public ::testing::Test {};
using IndexTypes =
    ::testing::Types<uint8_t, uint16_t, uint32_t, uint64_t, int8_t, int16_t, int32_t, int64_t>;
TYPED_TEST_SUITE(TakeEveryIndex, IndexTypes);

TYPED_TEST(TakeEveryIndex, AlongEveryAxis) {
  using I = TypeParam;
  const Dtype dtype = TypeToDtype<I>::value;
  const Shape shape{3, 4, 5};
  const std::vector<float> values = sample<float>(60);
  const std::vector<I> picks{2, 0, 2, 1};
  const auto at = [&](size_t i, size_t j, size_t k) { return values[(i * 4 + j) * 5 + k]; };
  for (const auto& [name, in] : layouts(values, shape)) {
    for (int axis = 0; axis < 3; axis++) {
      std::vector<float> want;
      Shape out = shape;
      out[static_cast<size_t>(axis)] = 4;
      for (int i = 0; i < out[0]; i++) {
        for (int j = 0; j < out[1]; j++) {
          for (int k = 0; k < out[2]; k++) {
            size_t place[3] = {static_cast<size_t>(i), static_cast<size_t>(j),
                               static_cast<size_t>(k)};
            place[axis] = static_cast<size_t>(picks[place[axis]]);
            want.push_back(at(place[0], place[1], place[2]));
          }
        }
      }
      const array indices = make(picks);
      EXPECT_EQ(dtype, indices.dtype());
      EXPECT_EQ(
          values_of<float>(make_node<Take>(out, float32, {in, indices}, test_stream(), {axis})),
          want)
          << name << " axis " << axis;
    }
  }
}

TEST(Indexing, NegativeIndicesAndManyAxesOfIndices) {
  const array source = make<int32_t>({0, 1, 10, 11, 20, 21}, {3, 2});
  const array indices = laid_out<int32_t>({-1, 0, 1, -3}, {2, 2}, {1, 0}, 1, {false, true});
  EXPECT_EQ(
      values_of<int32_t>(make_node<Take>({2, 2, 2}, int32, {source, indices}, test_stream(), {0})),
      (Ints{20, 21, 0, 1, 10, 11, 0, 1}));
  EXPECT_EQ(values_of<int32_t>(make_node<Take>({2}, int32, {source, array(2)}, test_stream(), {0})),
            (Ints{20, 21}));
}

TEST(Indexing, OutOfRangeThrows) {
  const array source = make<float>({1, 2, 3});
  for (int bad : {3, -4}) {
    EXPECT_THROW(
        make_node<Take>({1}, float32, {source, make<int32_t>({bad})}, test_stream(), {0}).eval(),
        std::out_of_range);
    EXPECT_THROW(
        make_node<GatherAxis>({1}, float32, {source, make<int32_t>({bad})}, test_stream(), {0})
            .eval(),
        std::out_of_range);
    EXPECT_THROW(
        make_node<ScatterAxis>({3}, float32, {source, make<int32_t>({bad}), make<float>({1})},
                               test_stream(), {0})
            .eval(),
        std::out_of_range);
  }
  EXPECT_THROW(
      make_node<Take>({1}, float32, {source, make<uint64_t>({~uint64_t{0}})}, test_stream(), {0})
          .eval(),
      std::out_of_range);
}

TEST(Indexing, LargeTakesOnSeveralThreads) {
  ThreadPool& pool = ThreadPool::instance();
  const int before = pool.threads();
  pool.set_threads(3);
  const std::vector<float> values = sample<float>(50 * 97);
  std::vector<int32_t> picks;
  for (int i = 0; i < 2000; i++) picks.push_back((i * 7) % 50);
  const std::vector<float> got = values_of<float>(make_node<Take>(
      {2000, 97}, float32, {make(values, {50, 97}), make(picks)}, test_stream(), {0}));
  for (size_t i = 0; i < got.size(); i++) {
    ASSERT_EQ(got[i], values[static_cast<size_t>(picks[i / 97]) * 97 + i % 97]);
  }
  pool.set_threads(before);
}

TEST(Indexing, GathersAlongAnAxis) {
  const std::vector<float> values = sample<float>(12);
  for (const auto& [name, in] : layouts(values, {3, 4})) {
    for (const auto& [index_name, index] : layouts<int32_t>({3, 0, -1, 1, 2, 2}, {3, 2})) {
      EXPECT_EQ(
          values_of<float>(make_node<GatherAxis>({3, 2}, float32, {in, index}, test_stream(), {1})),
          (std::vector<float>{values[3], values[0], values[7], values[5], values[10], values[10]}))
          << name << ", " << index_name;
    }
    const array row = make<uint32_t>({2, 0, 1, 2}, {1, 4});
    EXPECT_EQ(
        values_of<float>(make_node<GatherAxis>({1, 4}, float32, {in, row}, test_stream(), {0})),
        (std::vector<float>{values[8], values[1], values[6], values[11]}))
        << name;
  }
}

// The definition: a copy, then one assignment after another.
template <class T>
std::vector<T> scattered(std::vector<T> out, int columns, const std::vector<int32_t>& indices,
                         const std::vector<T>& values, int count) {
  for (size_t i = 0; i < indices.size(); i++) {
    const int row = static_cast<int>(i) / count, at = indices[i];
    out[static_cast<size_t>(row * columns + (at < 0 ? at + columns : at))] = values[i];
  }
  return out;
}

template <class T>
void expect_scatters() {
  const Ints picks{4, 0, -1, 1, 2, 2, -5, 3, 0};  // row 1 names a place twice, and row 0
  const std::vector<T> source = sample<T>(15), update = sample<T>(9, 2);
  const std::vector<T> want = scattered(source, 5, picks, update, 3);
  for (const auto& [name, in] : layouts(source, {3, 5})) {
    for (const auto& [index_name, index] : layouts(picks, {3, 3})) {
      for (const auto& [value_name, value] : layouts(update, {3, 3})) {
        const array out = make_node<ScatterAxis>({3, 5}, TypeToDtype<T>::value, {in, index, value},
                                                 test_stream(), {1});
        EXPECT_EQ(as_doubles(values_of<T>(out)), as_doubles(want))
            << name << ", " << index_name << ", " << value_name;
      }
    }
  }
}

TEST(Indexing, ScattersAlongTheLastAxis) {
  expect_scatters<float>();
  expect_scatters<bfloat16_t>();
  expect_scatters<uint8_t>();
  expect_scatters<int64_t>();
}

TEST(Indexing, ScattersAlongAnyAxis) {
  const std::vector<float> source = sample<float>(60), update = sample<float>(60, 2);
  const Shape shape{3, 4, 5};
  for (int axis = 0; axis < 3; axis++) {
    const auto along = static_cast<size_t>(axis);
    Shape part = shape;
    part[along] = 2;
    const int picks[2] = {2, 0};
    std::vector<int32_t> indices;
    std::vector<float> values, want = source;
    for (int i = 0; i < part[0]; i++) {
      for (int j = 0; j < part[1]; j++) {
        for (int k = 0; k < part[2]; k++) {
          int place[3] = {i, j, k};
          indices.push_back(picks[place[axis]]);
          place[axis] = indices.back();
          values.push_back(update[values.size()]);
          want[static_cast<size_t>((place[0] * 4 + place[1]) * 5 + place[2])] = values.back();
        }
      }
    }
    for (const auto& [name, in] : layouts(source, shape)) {
      for (const auto& [value_name, value] : layouts(values, part)) {
        EXPECT_EQ(values_of<float>(make_node<ScatterAxis>(
                      shape, float32, {in, make(indices, part), value}, test_stream(), {axis})),
                  want)
            << name << ", " << value_name << " axis " << axis;
      }
    }
  }
}

TEST(Indexing, ScattersOnSeveralThreadsInOrder) {
  ThreadPool& pool = ThreadPool::instance();
  const int before = pool.threads();
  const Shape shape{331, 61}, part{331, 97};
  const std::vector<int32_t> source = sample<int32_t>(331 * 61), update = sample<int32_t>(331 * 97);
  Ints picks;
  for (int i = 0; i < 331 * 97; i++) picks.push_back((i * 7) % 61);
  const Ints want = scattered(source, 61, picks, update, 97);
  for (int threads : {1, 3}) {
    pool.set_threads(threads);
    EXPECT_EQ(values_of<int32_t>(make_node<ScatterAxis>(
                  shape, int32, {make(source, shape), make(picks, part), make(update, part)},
                  test_stream(), {1})),
              want);
  }
  pool.set_threads(before);
}

// Words from MLX 0.32's C++ library for two keys.
TEST(RandomBits, EqualsTheReference) {
  const array keys = make<uint32_t>({7, 9, 0xffffffffu, 123456789u}, {2, 2});
  const auto bits = [&](int count, int width, auto tag) {
    using T = decltype(tag);
    return values_of<T>(make_node<RandomBits>({2, count}, TypeToDtype<T>::value, {keys},
                                              test_stream(), {{count}, width}));
  };
  EXPECT_EQ(bits(4, 4, uint32_t{}),
            (std::vector<uint32_t>{245580837u, 3454731059u, 1028478575u, 3395650742u, 1062613090u,
                                   3834069810u, 284176885u, 2058578689u}));
  EXPECT_EQ(
      bits(5, 4, uint32_t{}),
      (std::vector<uint32_t>{1292300866u, 1497733052u, 3519624899u, 3767477245u, 761891235u,
                             3769829716u, 4136870504u, 185097502u, 3443754634u, 3204786584u}));
  EXPECT_EQ(bits(1, 4, uint32_t{}), (std::vector<uint32_t>{1949403054u, 4187611389u}));
  EXPECT_EQ(bits(3, 1, uint8_t{}), (std::vector<uint8_t>{174, 135, 49, 253, 224, 153}));
  EXPECT_EQ(bits(7, 1, uint8_t{}),
            (std::vector<uint8_t>{61, 101, 207, 80, 155, 213, 32, 150, 34, 181, 55, 93, 246, 164}));
  EXPECT_EQ(bits(5, 2, uint16_t{}), (std::vector<uint16_t>{17445, 3747, 27990, 39403, 22127, 12386,
                                                           16214, 31252, 25125, 12789}));
  EXPECT_EQ(bits(9, 2, uint16_t{}),
            (std::vector<uint16_t>{62018, 19718, 38844, 22853, 14019, 53705, 9213, 57487, 35235,
                                   2388, 57523, 41576, 63123, 23838, 2824, 34442, 52547, 10648}));
}

TEST(RandomBits, LongStreamsIgnoreTheThreadCountAndTheLayoutOfKeys) {
  ThreadPool& pool = ThreadPool::instance();
  const int before = pool.threads();
  const auto run = [](const array& keys) {
    return values_of<uint32_t>(
        make_node<RandomBits>({2, 20001}, uint32, {keys}, test_stream(), {{20001}, 4}));
  };
  pool.set_threads(1);
  const std::vector<uint32_t> want = run(make<uint32_t>({1, 2, 3, 4}, {2, 2}));
  pool.set_threads(4);
  for (const auto& [name, keys] : layouts<uint32_t>({1, 2, 3, 4}, {2, 2})) {
    EXPECT_EQ(run(keys), want) << name;
  }
  pool.set_threads(before);
}

}  // namespace
}  // namespace mlxa
