// Shapes and errors of operations, as MLX has them; nothing here is computed.
#include <functional>
#include <limits>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/ops.h"
#include "mlxa/utils.h"

namespace mlxa {
namespace {

array of(const Shape& shape, Dtype dtype = float32) { return array::uninitialized(shape, dtype); }

using Bad = std::invalid_argument;
using Range = std::out_of_range;

TEST(Shapes, Broadcasting) {
  EXPECT_EQ(broadcast_shapes({2, 1, 3}, {4, 1}), (Shape{2, 4, 3}));
  EXPECT_EQ(broadcast_shapes({}, {0}), Shape{0});
  EXPECT_EQ(broadcast_shapes({1}, {0}), Shape{0});
  EXPECT_THROW(broadcast_shapes({2}, {0}), Bad);
  EXPECT_THROW(broadcast_shapes({2, 3}, {4, 3}), Bad);
  EXPECT_EQ((of({2, 1}) + of({3})).shape(), (Shape{2, 3}));
  EXPECT_EQ(broadcast_to(of({1, 0}), {3, 0}).shape(), (Shape{3, 0}));
  EXPECT_THROW(broadcast_to(of({2, 3, 4}), {3, 4}), Bad);
  EXPECT_THROW(broadcast_to(of({1}), {-1}), Bad);
  EXPECT_EQ(normalize_axis_index(-1, 3), 2);
  EXPECT_THROW(normalize_axis_index(3, 3), Range);
  EXPECT_THROW(normalize_axis_index(-4, 3), Range);
}

TEST(Shapes, OperandsAreElidedWhereTheyFit) {
  const array a = of({2, 3}), b = of({2, 3});
  const array c = a + b;
  EXPECT_EQ(c.inputs()[0].id(), a.id());
  EXPECT_EQ(c.inputs()[1].id(), b.id());
  EXPECT_EQ(astype(a, float32).id(), a.id());
  EXPECT_EQ(reshape(a, {2, 3}).id(), a.id());
  EXPECT_EQ(broadcast_to(a, {2, 3}).id(), a.id());
}

TEST(Shapes, Reshape) {
  const array a = of({2, 3, 4});
  EXPECT_EQ(reshape(a, {6, -1}).shape(), (Shape{6, 4}));
  EXPECT_EQ(reshape(of({0}), {-1}).shape(), Shape{0});
  EXPECT_EQ(reshape(of({0, 3}), {5, 0}).shape(), (Shape{5, 0}));
  EXPECT_EQ(reshape(of({1, 1}), {}).shape(), Shape{});
  EXPECT_THROW(reshape(a, {-1, -1}), Bad);
  EXPECT_THROW(reshape(a, {5, -1}), Bad);
  EXPECT_THROW(reshape(a, {-2, 12}), Bad);
  EXPECT_THROW(reshape(a, {-2, -12}), Bad);
  EXPECT_THROW(reshape(of({0, 3}), {0, -1}), Bad);
  EXPECT_THROW(reshape(a, {}), Bad);
  EXPECT_THROW(reshape(a, {1 << 30, 1 << 30, 1 << 30, 1 << 30}), Bad);
  EXPECT_EQ(unflatten(a, 2, {2, -1}).shape(), (Shape{2, 3, 2, 2}));
  EXPECT_EQ(unflatten(a, -3, {2, 1}).shape(), (Shape{2, 1, 3, 4}));
  EXPECT_THROW(unflatten(a, 2, {3, -1}), Bad);
  EXPECT_THROW(unflatten(a, 2, {}), Bad);
  EXPECT_THROW(unflatten(a, 5, {1}), Range);
  EXPECT_EQ(flatten(a).shape(), Shape{24});
  EXPECT_EQ(flatten(a, 0, 7).shape(), Shape{24});
  EXPECT_EQ(flatten(a, -3, -2).shape(), (Shape{6, 4}));
  EXPECT_EQ(flatten(array(1)).shape(), Shape{1});
  EXPECT_THROW(flatten(a, 2, 1), Bad);
}

TEST(Shapes, AxesOfLengthOne) {
  EXPECT_EQ(squeeze(of({1, 2, 1})).shape(), Shape{2});
  EXPECT_EQ(squeeze(of({1, 2, 1}), std::vector<int>{0, -1}).shape(), Shape{2});
  EXPECT_EQ(squeeze(of({1, 2, 1}), 2).shape(), (Shape{1, 2}));
  EXPECT_THROW(squeeze(of({2, 3}), 0), Bad);
  EXPECT_THROW(squeeze(of({2, 3}), 7), Range);
  EXPECT_THROW(squeeze(of({1, 2, 1}), std::vector<int>{0, 0}), Bad);
  EXPECT_EQ(expand_dims(of({2, 3}), std::vector<int>{-1, 0}).shape(), (Shape{1, 2, 3, 1}));
  EXPECT_EQ(expand_dims(of({2, 3}), std::vector<int>{3, 1}).shape(), (Shape{2, 1, 3, 1}));
  EXPECT_THROW(expand_dims(of({2, 3}), std::vector<int>{0, -4}), Bad);
  EXPECT_THROW(expand_dims(of({2, 3}), 9), Range);
  EXPECT_EQ(atleast_3d(of({2})).shape(), (Shape{1, 2, 1}));
  EXPECT_EQ(atleast_3d(of({2, 3})).shape(), (Shape{2, 3, 1}));
  EXPECT_EQ(atleast_2d(array(1)).shape(), (Shape{1, 1}));
  EXPECT_EQ(atleast_1d(std::vector<array>{array(1), of({2})})[0].shape(), Shape{1});
}

TEST(Shapes, Permutations) {
  const array a = of({2, 3, 4});
  EXPECT_EQ(transpose(a).shape(), (Shape{4, 3, 2}));
  EXPECT_EQ(transpose(a, {-1, 0, 1}).shape(), (Shape{4, 2, 3}));
  EXPECT_THROW(transpose(a, {0, 1}), Bad);
  EXPECT_THROW(transpose(a, {0, 0, 1}), Bad);
  EXPECT_THROW(transpose(a, {0, 1, 5}), Range);
  EXPECT_EQ(swapaxes(a, 0, -1).shape(), (Shape{4, 3, 2}));
  EXPECT_THROW(swapaxes(a, 0, 5), Range);
  EXPECT_EQ(moveaxis(a, 0, -1).shape(), (Shape{3, 4, 2}));
  EXPECT_THROW(moveaxis(a, 0, 9), Range);
  EXPECT_EQ(matrix_transpose(a).shape(), (Shape{2, 4, 3}));
  EXPECT_THROW(matrix_transpose(of({3})), Bad);
}

TEST(Shapes, Slices) {
  const array a = of({5, 6});
  EXPECT_EQ(slice(a, {1, 0}, {4, 6}).shape(), (Shape{3, 6}));
  EXPECT_EQ(slice(a, {-2, 1}, {100, -1}, {1, 2}).shape(), (Shape{2, 2}));
  EXPECT_EQ(slice(a, {4, 5}, {-6, 0}, {-1, -2}).shape(), (Shape{5, 3}));
  EXPECT_EQ(slice(a, {100, 0}, {-100, 6}, {-2, 1}).shape(), (Shape{3, 6}));
  EXPECT_EQ(slice(a, {5, 0}, {9, 6}).shape(), (Shape{0, 6}));
  EXPECT_EQ(slice(a, {3, 0}, {1, 6}).shape(), (Shape{0, 6}));
  EXPECT_EQ(slice(a, {0, 0}, {5, 6}).id(), a.id());
  EXPECT_THROW(slice(a, {0}, {1}), Bad);
  EXPECT_THROW(slice(a, {0, 0}, {1, 1}, {1, 0}), Bad);
  EXPECT_EQ(slice_update(a, of({6}), {1, 0}, {3, 6}).shape(), a.shape());
  EXPECT_EQ(slice_update(a, of({6}, int32), {1, 0}, {3, 6}).dtype(), float32);
  EXPECT_THROW(slice_update(a, of({5}), {1, 0}, {3, 6}), Bad);
  EXPECT_EQ(flip(a).shape(), a.shape());
  EXPECT_THROW(flip(a, 2), Range);
}

TEST(Shapes, JoinsAndCuts) {
  const array a = of({2, 3, 4});
  EXPECT_EQ(concatenate({a, a}, 1).shape(), (Shape{2, 6, 4}));
  EXPECT_EQ(concatenate({a, of({2, 1, 4}, float16)}, -2).dtype(), float32);
  EXPECT_EQ(concatenate({a, a}).shape(), Shape{48});
  EXPECT_THROW(concatenate({a, a}, 3), Range);
  EXPECT_THROW(concatenate({}, 0), Bad);
  EXPECT_THROW(concatenate({a, of({2, 3})}, 0), Bad);
  EXPECT_THROW(concatenate({a, of({2, 3, 5})}, 0), Bad);
  EXPECT_THROW(concatenate({array(1), array(2)}, 0), Range);
  EXPECT_EQ(stack({a, a}, -1).shape(), (Shape{2, 3, 4, 2}));
  EXPECT_EQ(stack({array(1), array(2)}).shape(), Shape{2});
  EXPECT_THROW(stack({of({2}), of({3})}), Bad);
  EXPECT_THROW(stack({}), Bad);
  EXPECT_EQ(split(a, 2, 2)[1].shape(), (Shape{2, 3, 2}));
  EXPECT_THROW(split(a, 5, 0), Bad);
  EXPECT_THROW(split(a, 0), Bad);
  EXPECT_THROW(split(a, Shape{1, 2}, 4), Range);
  const std::vector<array> parts = split(a, Shape{5, -1}, 1);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].shape(1), 3);
  EXPECT_EQ(parts[1].shape(1), 0);
  EXPECT_EQ(parts[2].shape(1), 1);
  EXPECT_EQ(unstack(a, 1).size(), 3u);
  EXPECT_EQ(unstack(a, 1)[0].shape(), (Shape{2, 4}));
  EXPECT_EQ(repeat(a, 2).shape(), Shape{48});
  EXPECT_EQ(repeat(a, 2, -1).shape(), (Shape{2, 3, 8}));
  EXPECT_EQ(repeat(a, 0, 1).shape(), (Shape{2, 0, 4}));
  EXPECT_THROW(repeat(a, -1, 0), Bad);
  EXPECT_EQ(tile(of({3}), {2, 2}).shape(), (Shape{2, 6}));
  EXPECT_EQ(tile(a, {0, 1}).shape(), (Shape{2, 0, 4}));
  EXPECT_THROW(tile(a, {-1}), Bad);
  EXPECT_THROW(roll(a, 1, 7), Range);
  EXPECT_THROW(roll(a, Shape{1}, std::vector<int>{0, 1}), Bad);
}

TEST(Shapes, Padding) {
  const array a = of({2, 3});
  EXPECT_EQ(pad(a, 1).shape(), (Shape{4, 5}));
  EXPECT_EQ(pad(a, {{1, 0}, {2, 3}}).shape(), (Shape{3, 8}));
  EXPECT_EQ(pad(a, std::vector<int>{-1}, {2}, {0}).shape(), (Shape{2, 5}));
  EXPECT_EQ(pad(a, 2, array(0), "reflect").shape(), (Shape{6, 7}));
  EXPECT_THROW(pad(a, -1), Bad);
  EXPECT_THROW(pad(a, 1, array(0), "bogus"), Bad);
  EXPECT_THROW(pad(a, 1, array({1, 2})), Bad);
  EXPECT_THROW(pad(of({0}), 1, array(0), "edge"), Bad);
}

TEST(Shapes, Creation) {
  EXPECT_EQ(arange(0, 10, 3).shape(), Shape{4});
  EXPECT_EQ(arange(10, 3, -2).shape(), Shape{4});
  EXPECT_EQ(arange(5, 0).shape(), Shape{0});
  EXPECT_EQ(arange(3).dtype(), int32);
  EXPECT_EQ(arange(3.0).dtype(), float32);
  EXPECT_EQ(arange(0.0, 1.0, 0.3).shape(), Shape{4});
  EXPECT_THROW(arange(0, 1, 0), Bad);
  EXPECT_THROW(arange(0.0, 1e12), Bad);
  EXPECT_THROW(arange(std::numeric_limits<double>::quiet_NaN()), Bad);
  EXPECT_THROW(arange(std::numeric_limits<double>::infinity()), Bad);
  EXPECT_THROW(arange(3.0, bool_), Bad);
  EXPECT_EQ(linspace(0, 1).shape(), Shape{50});
  EXPECT_EQ(linspace(0, 1, 0).shape(), Shape{0});
  EXPECT_THROW(linspace(0, 1, -1), Bad);
  EXPECT_EQ(full({2, 3}, of({3})).shape(), (Shape{2, 3}));
  EXPECT_THROW(full({2}, of({3})), Bad);
  EXPECT_THROW(full({-1}, 1), Bad);
  EXPECT_EQ(full_like(of({2}, int8), 1.5).dtype(), int8);
  EXPECT_EQ(eye(2, 3, 1).shape(), (Shape{2, 3}));
  EXPECT_THROW(eye(-1), Bad);
  EXPECT_THROW(tril(of({3})), Bad);
  EXPECT_EQ(meshgrid({of({2}), of({3})})[0].shape(), (Shape{3, 2}));
  EXPECT_EQ(meshgrid({of({2}), of({3})}, true, "ij")[1].shape(), (Shape{1, 3}));
  EXPECT_THROW(meshgrid({of({2})}, false, "zz"), Bad);
}

TEST(Shapes, BytesAsAnotherType) {
  EXPECT_EQ(view(of({2, 3}, float32), uint8).shape(), (Shape{2, 12}));
  EXPECT_EQ(view(of({4}, uint8), int32).shape(), Shape{1});
  EXPECT_THROW(view(of({3}, uint8), int32), Bad);
  EXPECT_THROW(view(array(3), uint8), Bad);
  EXPECT_EQ(view(array(3), float32).shape(), Shape{});
}

TEST(Shapes, AsStridedStaysInside) {
  EXPECT_EQ(as_strided(of({4}), {2, 2}, {1, 1}, 0).shape(), (Shape{2, 2}));
  EXPECT_EQ(as_strided(of({4}), {4}, {-1}, 3).shape(), Shape{4});
  EXPECT_THROW(as_strided(of({4}), {3}, {2}, 1), Bad);
  EXPECT_THROW(as_strided(of({4}), {2}, {-1}, 0), Bad);
  EXPECT_THROW(as_strided(of({4}), {2, 2}, {1}, 0), Bad);
  EXPECT_THROW(as_strided(of({4}), {2}, {INT64_MAX}, 0), Bad);
  EXPECT_THROW(as_strided(of({4}), {1}, {1}, SIZE_MAX), Bad);
}

TEST(Shapes, Indexing) {
  const array a = of({2, 3, 4});
  const array indices = of({5, 6}, int32);
  EXPECT_EQ(take(a, indices, 1).shape(), (Shape{2, 5, 6, 4}));
  EXPECT_EQ(take(a, indices).shape(), (Shape{5, 6}));
  EXPECT_EQ(take(a, -1, 1).shape(), (Shape{2, 4}));
  EXPECT_EQ(take(a, 23).shape(), Shape{});
  EXPECT_THROW(take(a, 24), Range);
  EXPECT_THROW(take(a, 2, 0), Range);
  EXPECT_THROW(take(a, indices, 7), Range);
  EXPECT_THROW(take(a, of({1}), 0), Bad);
  EXPECT_THROW(take(a, of({1}, bool_), 0), Bad);
  EXPECT_THROW(take(of({0}), indices), Bad);
  EXPECT_EQ(take(of({0, 3}), of({0}, int32), 0).shape(), (Shape{0, 3}));
  EXPECT_EQ(take_along_axis(a, of({1, 1, 1}, int32), 0).shape(), (Shape{1, 3, 4}));
  EXPECT_EQ(take_along_axis(a, of({2, 3, 9}, int64), -1).shape(), (Shape{2, 3, 9}));
  EXPECT_THROW(take_along_axis(a, of({1}, int32), 0), Bad);
  EXPECT_THROW(take_along_axis(a, of({1, 1, 1}), 0), Bad);
  EXPECT_THROW(take_along_axis(a, of({3, 3, 1}, int32), 2), Bad);
  EXPECT_EQ(put_along_axis(a, of({1, 1, 2}, int64), of({3, 1}), 2).shape(), a.shape());
  EXPECT_EQ(put_along_axis(of({2, 1}), of({1, 4}, int32), array(1), 0).shape(), (Shape{2, 4}));
  EXPECT_EQ(put_along_axis(a, of({1, 1, 1}, int32), of({1, 1, 1, 1}, bool_), 0).dtype(), float32);
  EXPECT_THROW(put_along_axis(a, of({1}, int32), array(1), 0), Bad);
  EXPECT_THROW(put_along_axis(a, of({1, 1, 1}), array(1), 0), Bad);
  EXPECT_THROW(put_along_axis(a, of({1, 1, 1}, int32), array(1), 3), Range);
  EXPECT_THROW(put_along_axis(a, of({1, 3, 1}, int32), of({5}), 1), Bad);
  EXPECT_THROW(put_along_axis(a, of({1, 1, 1}, int32), of({2, 1, 1, 1}), 0), Bad);
  EXPECT_THROW(put_along_axis(of({0}), of({1}, int32), array(1), 0), Bad);
  EXPECT_EQ(where(of({2, 1}, bool_), of({3}), array(1)).shape(), (Shape{2, 3}));
  EXPECT_EQ(diagonal(a).shape(), (Shape{4, 2}));
  EXPECT_EQ(diagonal(a, 9).shape(), (Shape{4, 0}));
  EXPECT_EQ(diagonal(a, -1, 2, 0).shape(), (Shape{3, 2}));
  EXPECT_THROW(diagonal(a, 0, 1, 1), Bad);
  EXPECT_THROW(diagonal(of({3})), Bad);
  EXPECT_EQ(diag(of({3}), -2).shape(), (Shape{5, 5}));
  EXPECT_EQ(diag(of({0})).shape(), (Shape{0, 0}));
  EXPECT_THROW(diag(a), Bad);
  EXPECT_EQ(trace(a).shape(), Shape{4});
}

TEST(Shapes, Reductions) {
  const array a = of({2, 3, 4});
  EXPECT_EQ(sum(a).shape(), Shape{});
  EXPECT_EQ(sum(a, true).shape(), (Shape{1, 1, 1}));
  EXPECT_EQ(sum(a, -1).shape(), (Shape{2, 3}));
  EXPECT_EQ(sum(a, std::vector<int>{2, 0}, true).shape(), (Shape{1, 3, 1}));
  EXPECT_EQ(sum(a, std::vector<int>{}).shape(), a.shape());
  EXPECT_THROW(sum(a, std::vector<int>{0, -3}), Bad);
  EXPECT_THROW(sum(a, 5), Range);
  EXPECT_THROW(sum(array(3), 0), Range);
  EXPECT_THROW(max(of({0})), Bad);
  EXPECT_EQ(max(of({0, 2}), 1).shape(), Shape{0});
  EXPECT_EQ(sum(of({0, 2}), 0).shape(), Shape{2});
  EXPECT_EQ(argmax(a, true).shape(), (Shape{1, 1, 1}));
  EXPECT_EQ(argmin(a, 1).shape(), (Shape{2, 4}));
  EXPECT_EQ(argmax(array(3)).shape(), Shape{});
  EXPECT_THROW(argmax(of({0, 2}), 1), Bad);
  EXPECT_THROW(argmax(array(3), 0), Range);
  EXPECT_THROW(logsumexp(of({0})), Bad);
  EXPECT_EQ(logsumexp(a, std::vector<int>{0, 2}, true).shape(), (Shape{1, 3, 1}));
  EXPECT_EQ(softmax(a, std::vector<int>{0, 2}).shape(), a.shape());
  EXPECT_EQ(softmax(of({0})).shape(), Shape{0});
  EXPECT_THROW(softmax(a, 9), Range);
  EXPECT_EQ(median(a, std::vector<int>{0, 2}, true).shape(), (Shape{1, 3, 1}));
  EXPECT_THROW(median(of({0})), Bad);
  EXPECT_EQ(var(a, 1, true, 1).shape(), (Shape{2, 1, 4}));
}

TEST(Shapes, OrderAndScans) {
  const array a = of({2, 3, 4});
  EXPECT_EQ(sort(a).shape(), Shape{24});
  EXPECT_EQ(argsort(a, -1).shape(), a.shape());
  EXPECT_THROW(sort(array(3), -1), Range);
  EXPECT_THROW(partition(a, 7, 2), Bad);
  EXPECT_THROW(argpartition(a, -5, 2), Bad);
  EXPECT_EQ(partition(a, -1, 2).shape(), a.shape());
  EXPECT_EQ(topk(a, 2, 1).shape(), (Shape{2, 2, 4}));
  EXPECT_EQ(topk(a, 0, -1).shape(), (Shape{2, 3, 0}));
  EXPECT_THROW(topk(a, 5, -1), Bad);
  EXPECT_THROW(topk(a, -1, -1), Bad);
  EXPECT_EQ(cumsum(a).shape(), Shape{24});
  EXPECT_EQ(cumsum(a, 1, true).shape(), a.shape());
  EXPECT_EQ(cumsum(of({2}, bool_), 0, false, true, float16).dtype(), float16);
  EXPECT_THROW(cumsum(a, 8), Range);
  EXPECT_EQ(diff(a, 2).shape(), (Shape{2, 3, 2}));
  EXPECT_THROW(diff(a, -1), Bad);
  EXPECT_EQ(searchsorted(of({3}), of({2, 2})).shape(), (Shape{2, 2}));
  EXPECT_THROW(searchsorted(a, a), Bad);
  EXPECT_THROW(searchsorted(of({3}), a, "middle"), Bad);
}

TEST(Shapes, Elementwise) {
  EXPECT_THROW(clip(array(1)), Bad);
  EXPECT_EQ(clip(of({2, 3}), of({3}), array(1)).shape(), (Shape{2, 3}));
  EXPECT_EQ(divmod(of({2}), of({3, 1})).size(), 2u);
  EXPECT_THROW(allclose(of({2, 3}), of({2, 2})), Bad);
  EXPECT_FALSE(array_equal(of({2, 3}), of({2, 2})).item<bool>());
}

}  // namespace
}  // namespace mlxa
