// Shapes and errors of products and quantization, as MLX has them; nothing here is computed.
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/ops.h"

#include "array/primitive.h"

namespace mlxa {
namespace {

array of(const Shape& shape, Dtype dtype = float32) { return array::uninitialized(shape, dtype); }

using Bad = std::invalid_argument;

TEST(Products, Matmul) {
  EXPECT_EQ(matmul(of({2, 3}), of({3, 4})).shape(), (Shape{2, 4}));
  EXPECT_EQ(matmul(of({3}), of({3})).shape(), Shape{});
  EXPECT_EQ(matmul(of({2, 3, 4}), of({4})).shape(), (Shape{2, 3}));
  EXPECT_EQ(matmul(of({4}), of({5, 4, 2})).shape(), (Shape{5, 2}));
  EXPECT_EQ(matmul(of({2, 1, 3, 4}), of({5, 4, 2})).shape(), (Shape{2, 5, 3, 2}));
  EXPECT_EQ(matmul(of({2, 0}), of({0, 3})).shape(), (Shape{2, 3}));
  EXPECT_EQ(matmul(of({2, 2}, int32), of({2, 2}, float16)).dtype(), float16);
  EXPECT_THROW(matmul(of({2, 3, 4}), of({5, 2})), Bad);
  EXPECT_THROW(matmul(array(1.0f), of({2, 2})), Bad);
  EXPECT_THROW(matmul(of({2, 2}, int32), of({2, 2}, int32)), Bad);
  EXPECT_THROW(matmul(of({2, 3, 4}), of({3, 4, 2})), Bad);
}

TEST(Products, BatchesTimesOneMatrixAreOneProduct) {
  const array out = matmul(of({2, 3, 4}), of({4, 5}));
  EXPECT_EQ(out.shape(), (Shape{2, 3, 5}));
  const array product = out.inputs()[0];
  EXPECT_EQ(product.primitive().kind(), OpKind::kMatmul);
  EXPECT_EQ(product.shape(), (Shape{6, 5}));
}

TEST(Products, Addmm) {
  EXPECT_EQ(addmm(of({3}), of({2, 4}), of({4, 3})).shape(), (Shape{2, 3}));
  EXPECT_EQ(addmm(of({1}), of({4}), of({4, 3})).shape(), Shape{3});
  EXPECT_EQ(addmm(of({}), of({4}), of({4})).shape(), Shape{});
  EXPECT_EQ(addmm(of({3}), of({5, 2, 4}), of({4, 3}), 2.0f, 0.5f).shape(), (Shape{5, 2, 3}));
  EXPECT_EQ(addmm(of({2, 2}), of({2, 2}, float16), of({2, 2}, float16)).dtype(), float32);
  EXPECT_THROW(addmm(of({5, 2, 3}), of({2, 4}), of({4, 3})), Bad);
  EXPECT_THROW(addmm(of({2}, int32), of({2, 2}, int32), of({2, 2}, int32)), Bad);
}

TEST(Products, GatherMm) {
  const array indices = of({3}, uint32);
  EXPECT_EQ(gather_mm(of({3, 2, 4}), of({5, 4, 2}), {}, indices).shape(), (Shape{3, 2, 2}));
  EXPECT_EQ(gather_mm(of({2, 4}), of({5, 4, 2}), of({1}, int32), of({2}, int32)).shape(),
            (Shape{2, 2, 2}));
  EXPECT_EQ(gather_mm(of({4}), of({5, 4, 2}), of({1}, int32), of({2}, int32)).shape(),
            (Shape{2, 2}));
  EXPECT_EQ(gather_mm(of({2, 4}), of({4, 2})).shape(), (Shape{2, 2}));
  EXPECT_THROW(gather_mm(of({3, 2, 4}), of({5, 3, 2}), {}, indices), Bad);
  EXPECT_THROW(gather_mm(of({3, 2, 4}), of({5, 4, 2}), {}, of({3})), Bad);
  EXPECT_THROW(gather_mm(of({3, 2, 4}, int32), of({5, 4, 2}, int32), {}, indices), Bad);
}

TEST(Products, Contractions) {
  EXPECT_EQ(tensordot(of({2, 3}), of({3, 4}), 1).shape(), (Shape{2, 4}));
  EXPECT_EQ(tensordot(of({2, 3}), of({3, 4}), 0).shape(), (Shape{2, 3, 3, 4}));
  EXPECT_EQ(tensordot(of({2, 3}), of({3, 2}), {0, 1}, {1, 0}).shape(), Shape{});
  EXPECT_THROW(tensordot(of({2, 3}), of({3, 4}), 3), Bad);
  EXPECT_THROW(tensordot(of({2, 3}), of({3, 4}), -1), Bad);
  EXPECT_THROW(tensordot(of({2, 3}), of({3, 4}), {0, 1}, {0}), Bad);
  EXPECT_THROW(tensordot(of({2, 3}), of({3, 4}), {0}, {0}), Bad);
  EXPECT_THROW(tensordot(of({2, 3}), of({3, 4}), {7}, {0}), std::out_of_range);
  EXPECT_EQ(outer(of({2, 3, 4}), of({3})).shape(), (Shape{24, 3}));
  EXPECT_EQ(inner(of({2, 3, 4}), of({4})).shape(), (Shape{2, 3}));
  EXPECT_EQ(inner(array(2), of({3}, int32)).dtype(), int32);
  EXPECT_THROW(inner(of({2, 3}), of({4})), Bad);
  EXPECT_EQ(vecdot(of({2, 3}), of({2, 3}), 0).shape(), Shape{3});
  EXPECT_THROW(vecdot(of({2, 3}), of({2, 1})), Bad);
  EXPECT_THROW(vecdot(of({2, 3}), of({2, 3}), 5), std::out_of_range);
}

TEST(Products, Quantize) {
  for (int bits : {2, 3, 4, 5, 6, 8}) {
    for (int group_size : {32, 64, 128}) {
      const std::vector<array> q = quantize(of({5, 256}, bfloat16), group_size, bits);
      ASSERT_EQ(q.size(), 3u);
      EXPECT_EQ(q[0].shape(), (Shape{5, 8 * bits}));
      EXPECT_EQ(q[0].dtype(), uint32);
      EXPECT_EQ(q[1].shape(), (Shape{5, 256 / group_size}));
      EXPECT_EQ(q[2].dtype(), bfloat16);
      EXPECT_EQ(dequantize(q[0], q[1], q[2], group_size, bits).shape(), (Shape{5, 256}));
    }
  }
  EXPECT_THROW(quantize(of({4, 64}), 16), Bad);
  EXPECT_THROW(quantize(of({4, 64}), 64, 7), Bad);
  EXPECT_THROW(quantize(of({4, 60})), Bad);
  EXPECT_THROW(quantize(of({64})), Bad);
  EXPECT_THROW(quantize(of({4, 64}, int32)), Bad);
  EXPECT_THROW(quantize(of({4, 64}), {}, {}, "nf4"), Bad);
  EXPECT_THROW(quantize(of({4, 64}), {}, {}, "affine", array(2.0f)), Bad);
}

TEST(Products, QuantizeWithoutBiases) {
  struct Mode {
    const char* name;
    int group, bits;
  };
  for (const auto& [mode, group, bits] :
       {Mode{"mxfp4", 32, 4}, Mode{"mxfp8", 32, 8}, Mode{"nvfp4", 16, 4}}) {
    const std::vector<array> q = quantize(of({5, 96}, float16), {}, {}, mode);
    ASSERT_EQ(q.size(), 2u);
    EXPECT_EQ(q[0].shape(), (Shape{5, 3 * bits}));
    EXPECT_EQ(q[1].shape(), (Shape{5, 96 / group}));
    EXPECT_EQ(q[1].dtype(), uint8);
    EXPECT_EQ(dequantize(q[0], q[1], {}, {}, {}, mode).dtype(), bfloat16);
    EXPECT_EQ(dequantize(q[0], q[1], {}, {}, {}, mode, {}, float16).dtype(), float16);
    EXPECT_EQ(quantized_matmul(of({2, 96}, float16), q[0], q[1], {}, true, {}, {}, mode).dtype(),
              float16);
    EXPECT_EQ(quantized_matmul(of({2, 5}), q[0], q[1], {}, false, {}, {}, mode).shape(),
              (Shape{2, 96}));
    EXPECT_EQ(quantized_matmul(of({96}), q[0], q[1], {}, true, {}, {}, mode).shape(), Shape{5});
    const array biases = of(q[1].shape());
    EXPECT_THROW(quantize(of({4, 64}), 64, {}, mode), Bad);
    EXPECT_THROW(quantize(of({4, 64}), {}, 5, mode), Bad);
    EXPECT_THROW(quantize(of({4, 56}), {}, {}, mode), Bad);
    EXPECT_THROW(quantize(of({64}), {}, {}, mode), Bad);
    EXPECT_THROW(dequantize(q[0], q[1], biases, {}, {}, mode), Bad);
    EXPECT_THROW(dequantize(q[0], biases, {}, {}, {}, mode), Bad);
    EXPECT_THROW(dequantize(q[0], q[1], {}, {}, {}, mode, {}, int32), Bad);
    EXPECT_THROW(quantized_matmul(of({2, 96}), q[0], q[1], biases, true, {}, {}, mode), Bad);
    EXPECT_THROW(quantized_matmul(of({2, 96}), q[0], q[1], {}, true, 64, {}, mode), Bad);
    EXPECT_THROW(quantized_matmul(of({2, 90}), q[0], q[1], {}, true, {}, {}, mode), Bad);
    EXPECT_THROW(quantized_matmul(of({2, 96}, int32), q[0], q[1], {}, true, {}, {}, mode), Bad);
    EXPECT_THROW(quantized_matmul(of({2, 96}), q[0], q[1]), Bad);
  }
  const std::vector<array> q = quantize(of({5, 64}), {}, {}, "nvfp4", array(2.0f));
  EXPECT_EQ(dequantize(q[0], q[1], {}, {}, {}, "nvfp4", array(2.0f)).dtype(), float32);
  EXPECT_THROW(quantize(of({5, 64}), {}, {}, "nvfp4", of({2})), Bad);
  EXPECT_THROW(quantize(of({5, 64}), {}, {}, "nvfp4", array(2)), Bad);
  EXPECT_THROW(quantize(of({5, 64}), {}, {}, "mxfp4", array(2.0f)), Bad);
  EXPECT_THROW(dequantize(q[0], q[1], {}, {}, {}, "mxfp4", array(2.0f)), Bad);
}

struct Quantized {
  array w, scales, biases;
  explicit Quantized(const Shape& batch = {})
      : w(of(with(batch, 4, 8), uint32)),
        scales(of(with(batch, 4, 1))),
        biases(of(with(batch, 4, 1))) {}
  static Shape with(Shape batch, int rows, int columns) {
    batch.insert(batch.end(), {rows, columns});
    return batch;
  }
};

TEST(Products, QuantizedMatmul) {
  const Quantized q, many({5, 1});
  EXPECT_EQ(quantized_matmul(of({2, 64}), q.w, q.scales, q.biases).shape(), (Shape{2, 4}));
  EXPECT_EQ(quantized_matmul(of({64}), q.w, q.scales, q.biases).shape(), Shape{4});
  EXPECT_EQ(quantized_matmul(of({3, 2, 4}), q.w, q.scales, q.biases, false).shape(),
            (Shape{3, 2, 64}));
  EXPECT_EQ(quantized_matmul(of({3, 2, 64}), many.w, many.scales, many.biases).shape(),
            (Shape{5, 3, 2, 4}));
  EXPECT_EQ(quantized_matmul(of({2, 64}, float16), q.w, q.scales, q.biases).dtype(), float32);
  EXPECT_THROW(quantized_matmul(of({2, 60}), q.w, q.scales, q.biases), Bad);
  EXPECT_THROW(quantized_matmul(of({2, 64}), q.w, q.scales), Bad);
  EXPECT_THROW(quantized_matmul(of({2, 64}), q.w, q.scales, of({4, 2})), Bad);
  EXPECT_THROW(quantized_matmul(of({2, 64}), q.w, q.scales, q.biases, true, 64, 8), Bad);
  EXPECT_THROW(quantized_matmul(of({2, 64}), of({4, 8}, int32), q.scales, q.biases), Bad);
  EXPECT_THROW(quantized_matmul(array(1.0f), q.w, q.scales, q.biases), Bad);
  EXPECT_THROW(dequantize(q.w, of({4}), of({4})), Bad);
  EXPECT_THROW(dequantize(of({8}, uint32), of({1}), of({1})), Bad);
  EXPECT_EQ(dequantize(q.w, q.scales, q.biases, {}, {}, "affine", {}, float16).dtype(), float16);
}

TEST(Products, GatherQmm) {
  const Quantized q({5});
  const array x = of({3, 1, 64}), indices = of({3}, int32);
  EXPECT_EQ(gather_qmm(x, q.w, q.scales, q.biases, {}, indices).shape(), (Shape{3, 1, 4}));
  EXPECT_EQ(gather_qmm(of({1, 64}), q.w, q.scales, q.biases, {}, of({2, 2}, int32)).shape(),
            (Shape{2, 2, 1, 4}));
  EXPECT_EQ(gather_qmm(of({1, 64}), q.w, q.scales, q.biases).shape(), (Shape{5, 1, 4}));
  EXPECT_THROW(gather_qmm(x, q.w, q.scales, q.biases, {}, of({3})), Bad);
  EXPECT_THROW(gather_qmm(of({64}), q.w, q.scales, q.biases, {}, indices), Bad);
}

}  // namespace
}  // namespace mlxa
