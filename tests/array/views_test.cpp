// View operations through evaluation: values and layout, without any kernel.
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/ops.h"

#include "support/arrays.h"

namespace mlxa {
namespace {

using Values = std::vector<long double>;
using test::values;

// 0, 1, 2, ... in a shape.
array counting(const Shape& shape) {
  array a = array::uninitialized(shape, int32);
  for (size_t i = 0; i < a.size(); i++) a.data<int32_t>()[i] = static_cast<int32_t>(i);
  return a;
}

void expect_shares(const array& view, const array& source) {
  view.eval();
  EXPECT_EQ(view.buffer(), source.buffer());
}

TEST(Views, TransposeAndReshape) {
  const array a = counting({2, 3});
  const array t = transpose(a);
  EXPECT_EQ(values(t), (Values{0, 3, 1, 4, 2, 5}));
  expect_shares(t, a);
  EXPECT_FALSE(t.flags().row_contiguous);
  EXPECT_TRUE(t.flags().col_contiguous);
  const array back = transpose(t);
  EXPECT_EQ(values(back), values(a));
  EXPECT_TRUE(back.flags().row_contiguous);
  const array r = reshape(a, {3, 2});
  EXPECT_EQ(values(r), values(a));
  expect_shares(r, a);
}

TEST(Views, ReshapeKeepsStridesWhereItCan) {
  const array a = counting({4, 6});
  const array part = slice(a, {0, 0}, {4, 4});
  const array cut = reshape(part, {2, 2, 2, 2});
  EXPECT_EQ(values(cut), (Values{0, 1, 2, 3, 6, 7, 8, 9, 12, 13, 14, 15, 18, 19, 20, 21}));
  expect_shares(cut, a);
  const array moved = transpose(reshape(transpose(counting({2, 3, 4}), {1, 0, 2}), {3, 2, 2, 2}));
  EXPECT_EQ(values(moved).size(), 24u);
}

TEST(Views, SlicesForwardBackwardAndEmpty) {
  const array a = counting({3, 4});
  EXPECT_EQ(values(slice(a, {1, 0}, {3, 4}, {1, 2})), (Values{4, 6, 8, 10}));
  EXPECT_EQ(values(slice(a, {2, 3}, {-4, -5}, {-2, -3})), (Values{11, 8, 3, 0}));
  EXPECT_EQ(values(slice(slice(a, {1, 1}, {3, 4}), {0, 1}, {2, 3})), (Values{6, 7, 10, 11}));
  EXPECT_EQ(values(slice(a, {3, 0}, {1, 4})), Values{});
  EXPECT_EQ(values(flip(a, 1)), (Values{3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8}));
  expect_shares(flip(a), a);
  EXPECT_EQ(values(take(a, -1, 0)), (Values{8, 9, 10, 11}));
  EXPECT_EQ(values(take(a, 6)), Values{6});
}

TEST(Views, BroadcastHasNoMemoryOfItsOwn) {
  const array a = counting({2, 1});
  const array wide = broadcast_to(a, {3, 2, 4});
  EXPECT_EQ(values(wide),
            (Values{0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1}));
  expect_shares(wide, a);
  EXPECT_EQ(wide.strides(), (Strides{0, 1, 0}));
  EXPECT_EQ(wide.data_size(), 2u);
  const array flat = reshape(broadcast_to(array(7), {2, 3}), {6});
  EXPECT_EQ(values(flat), Values(6, 7));
}

TEST(Views, AxesOfLengthOne) {
  const array a = counting({2, 3});
  const array more = expand_dims(transpose(a), std::vector<int>{0, 2, -1});
  EXPECT_EQ(more.shape(), (Shape{1, 3, 1, 2, 1}));
  EXPECT_EQ(values(more), (Values{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(values(squeeze(more)), values(transpose(a)));
  expect_shares(squeeze(more), a);
}

TEST(Views, StridedWindowsAndDiagonals) {
  const array a = counting({2, 4});
  EXPECT_EQ(values(as_strided(a, {3, 2}, {2, 1}, 1)), (Values{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(values(diagonal(a)), (Values{0, 5}));
  EXPECT_EQ(values(diagonal(a, 1)), (Values{1, 6}));
  EXPECT_EQ(values(diagonal(a, -1)), Values{4});
  EXPECT_EQ(values(diagonal(a, 3)), Values{3});
  EXPECT_EQ(values(diagonal(a, 4)), Values{});
}

TEST(Views, ContiguousIsFreeWhereTheInputIsInOrder) {
  const array a = counting({4, 2});
  expect_shares(contiguous(a), a);
  expect_shares(contiguous(slice(a, {1, 0}, {3, 2})), a);
  EXPECT_EQ(values(contiguous(slice(a, {1, 0}, {3, 2}))), (Values{2, 3, 4, 5}));
}

TEST(Views, CopyAndStopGradientShareMemory) {
  const array a = counting({3});
  EXPECT_NE(copy(a).id(), a.id());
  expect_shares(copy(a), a);
  expect_shares(stop_gradient(a), a);
}

TEST(Views, SplitCoversTheArray) {
  const array a = counting({2, 4});
  const std::vector<array> parts = split(a, Shape{1, 3}, 1);
  EXPECT_EQ(values(parts[0]), (Values{0, 4}));
  EXPECT_EQ(values(parts[1]), (Values{1, 2, 5, 6}));
  EXPECT_EQ(values(parts[2]), (Values{3, 7}));
}

}  // namespace
}  // namespace mlxa
