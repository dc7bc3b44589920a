// Calls of the array API, written for MLX's headers as well as ours: tools/golden/api_calls.cpp
// runs them with MLX and keeps the results (tests/golden/api_calls.txt), api_calls_test.cpp
// compares.
#pragma once

#include <cmath>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "mlx/mlx.h"

namespace api_calls {

namespace mx = mlx::core;
using namespace mlx::core;  // NOLINT: the calls are to read as in a program

/// Gets the text of each call and the call.
using Visit = std::function<void(const std::string&, const std::function<array()>&)>;

/// The operands of the calls.
struct Operands {
  array a = reshape(arange(24), {2, 3, 4});
  array f = astype(a, float32) / 7.0f - 1.5f;
  array h = astype(f, float16);
  float nan = NAN, inf = INFINITY;
  array sp = array({nan, inf, -inf, 0.0f, -1.5f, 2.5f});
  array k = random::key(7);
};

#define CALL(...) visit(#__VA_ARGS__, [&] { return __VA_ARGS__; })
#define OPERANDS                                                                   \
  const Operands o;                                                                \
  [[maybe_unused]] const array &a = o.a, &f = o.f, &h = o.h, &sp = o.sp, &k = o.k; \
  [[maybe_unused]] const float nan = o.nan, inf = o.inf

inline void values(const Visit& visit) {
  OPERANDS;
  CALL(median(f, std::vector<int>{0, 2}));
  CALL(median(a));
  CALL(median(a, 1, true));
  CALL(median(sp));
  CALL(flip(a));
  CALL(flip(a, 1));
  CALL(flip(a, std::vector<int>{0, 2}));
  CALL(meshgrid({arange(2), arange(3)})[0]);
  CALL(meshgrid({arange(2), arange(3)})[1]);
  CALL(meshgrid({arange(2), arange(3), arange(2)}, false, "xy")[2]);
  CALL(meshgrid({arange(2), arange(3)}, true, "ij")[1]);
  CALL(tensordot(f, f, 3));
  CALL(tensordot(f, transpose(f, {1, 2, 0}), 2));
  CALL(tensordot(f, f, {0, 2}, {0, 2}));
  CALL(tensordot(f, array(2.0f), 0));
  CALL(vecdot(f, f));
  CALL(vecdot(f, f, 1));
  CALL(vecdot(f, reshape(f, {2, 3, 4}), 0));
  CALL(vecdot(f, slice(f, {0, 0, 0}, {1, 3, 4}), -1));
  CALL(isclose(sp, sp));
  CALL(isclose(sp, sp, 1e-5, 1e-8, true));
  CALL(isclose(array({1.0f, 2.0f, inf}), array({1.000001f, 2.1f, -inf})));
  CALL(allclose(f, f + 1e-9f));
  CALL(array_equal(sp, sp));
  CALL(array_equal(sp, sp, true));
  CALL(array_equal(f, reshape(f, {24})));
  CALL(isclose(array({1, 5}), array({1, 4})));
  CALL(isnan(sp));
  CALL(isinf(sp));
  CALL(isfinite(sp));
  CALL(isposinf(sp));
  CALL(isneginf(sp));
  CALL(nan_to_num(sp));
  CALL(nan_to_num(astype(sp, bfloat16), 1.0f, 2.0f, 3.0f));
  CALL(diff(a));
  CALL(diff(a, 2, 1));
  CALL(diff(array({true, false, true})));
  CALL(trunc(sp));
  CALL(trunc(array({-1.7f, 1.7f})));
  CALL(positive(a));
  CALL(round(array({1.25f, 2.5f, -0.5f, 1255.0f}), -1));
  CALL(round(array({1.255f, 2.5f}), 2));
  CALL(round(array({125, 135, -15}), -1));
  CALL(clip(a, array(3), array(9)));
  CALL(clip(f, array(-1), std::nullopt));
  CALL(clip(f, std::nullopt, array(0.5f)));
  CALL(sum(h, std::vector<int>{0, 1}));
  CALL(max(a, 2));
  CALL(logical_not(a));
}

inline void places(const Visit& visit) {
  OPERANDS;
  CALL(roll(a, 5));
  CALL(roll(a, Shape{1, 2}, std::vector<int>{0, 2}));
  CALL(roll(a, -1, 2));
  CALL(roll(a, Shape{1, 2}));
  CALL(roll(a, Shape{1, 2}, 1));
  CALL(roll(a, 1, std::vector<int>{1, 2}));
  CALL(pad(a, {{0, 0}, {1, 0}, {2, 1}}, array(9)));
  CALL(pad(arange(4), 3, array(0), "reflect"));
  CALL(pad(arange(4), 3, array(0), "symmetric"));
  CALL(pad(reshape(arange(4), {2, 2}), 2, array(0), "edge"));
  CALL(pad(arange(3), 7, array(0), "reflect"));
  CALL(pad(arange(1), 3, array(0), "reflect"));
  CALL(tile(a, {2}));
  CALL(tile(arange(3), {2, 1, 2}));
  CALL(repeat(a, 2, 1));
  CALL(repeat(arange(3), 3));
  CALL(slice(a, {1, 2, 3}, {-3, 0, -5}, {-1, -1, -2}));
  CALL(slice(a, {-1, 0, 1}, {2, 3, -1}));
  CALL(slice_update(a, array(-1), {0, 1, 0}, {2, 3, 4}, {1, 1, 2}));
  CALL(slice_update(a, arange(4), {0, 2, 3}, {2, 0, -5}, {1, -1, -1}));
  CALL(slice(a, {5, 0, 0}, {9, 3, 4}));
  CALL(take(a, array({1, -1}), 1));
  CALL(take(a, array({3}, {1, 1})));
  CALL(take(a, 1, 2));
  CALL(take_along_axis(a, argsort(f, 2), 2));
  CALL(take_along_axis(a, reshape(array({2}), {1, 1, 1}), 1));
  CALL(put_along_axis(a, reshape(array({2, -3}), {1, 2, 1}), array(-1.5f), 1));
  CALL(put_along_axis(h, array({1}, {1, 1, 1}), arange(4), -2));
  CALL(diagonal(a));
  CALL(diagonal(a, 1, 1, 2));
  CALL(diagonal(a, -1, 2, 1));
  CALL(diagonal(a, -1, 0, 2));
  CALL(diag(arange(3), -1));
  CALL(diag(reshape(arange(12), {3, 4}), 1));
  CALL(trace(a));
  CALL(trace(a, 1, 0, 2));
  CALL(trace(a, 0, 0, 1, float16));
  CALL(diag(arange(2), 2));
}

inline void creation(const Visit& visit) {
  OPERANDS;
  CALL(eye(3, 4, -1));
  CALL(tri(3, 4, 1, int8));
  CALL(tril(a, -1));
  CALL(triu(a, 1));
  CALL(identity(2, int32));
  CALL(linspace(1, 2, 4, false));
  CALL(linspace(0, 10, 5, int32));
  CALL(linspace(3, 3, 1));
  CALL(full({2, 2}, array({1, 2}), float16));
  CALL(full_like(a, 2.7f));
  CALL(ones_like(h));
  CALL(zeros_like(a, bool_));
  CALL(arange(0.5, 4, 1, int32));
  CALL(arange(-1.0, 1.0, 0.25, float16));
  CALL(arange(3, uint8));
  CALL(arange(4.0, float16));
  CALL(arange(10, 0, -3));
  CALL(as_strided(transpose(a), {3, 2}, {4, 1}, 2));
  CALL(view(array({1.0f, 2.0f}), int32));
  CALL(view(array({1, 2}), uint8));
  CALL(view(astype(arange(8), uint8), uint16));
  CALL(concatenate({a, a + 1}, 2));
  CALL(concatenate({array({true}), array({2}), array({1.5f})}, 0));
  CALL(stack({arange(2), arange(2) + 2}, -1));
  CALL(split(a, Shape{1, 2}, 1)[2]);
  CALL(split(a, 2, 2)[1]);
  CALL(unstack(a, 1)[2]);
}

inline void order_and_reductions(const Visit& visit) {
  OPERANDS;
  CALL(searchsorted(array({1.0f, 2.0f, 2.0f, nan}), sp));
  CALL(searchsorted(array({1.0f, 2.0f, 2.0f, nan}), sp, "right"));
  CALL(searchsorted(arange(100), array({0, 17, 99, 100, -5})));
  CALL(topk(array({3, 1, 2, 5}), 2));
  CALL(sort(topk(f, 2, 1), 1));
  CALL(argsort(array({3, 1, 2, 1})));
  CALL(sort(sp));
  CALL(argsort(sp, 0));
  CALL(cumsum(a, 1, true, false));
  CALL(cumprod(astype(a, int32) - 3, 2));
  CALL(cummax(f, 0));
  CALL(cummin(h, 2, true));
  CALL(logcumsumexp(f, 2));
  CALL(cumsum(a));
  CALL(cumsum(a, 2, false, true, float16));
  CALL(cumsum(array({true, true})));
  CALL(logsumexp(f, std::vector<int>{0, 2}));
  CALL(logsumexp(a, 1, true));
  CALL(softmax(f, 1));
  CALL(softmax(f, std::vector<int>{0, 1}));
  CALL(softmax(h));
  CALL(var(f, std::vector<int>{0, 1}, true, 1));
  CALL(mx::std(a));
  CALL(mean(a, 0));
  CALL(prod(a, 2));
  CALL(count_nonzero(a, 2));
  CALL(all(a, 2));
  CALL(any(a, 0, true));
  CALL(argmax(sp));
  CALL(argmin(f, 1, true));
  CALL(max(sp));
  CALL(min(h, std::vector<int>{0, 2}));
}

inline void operators_and_products(const Visit& visit) {
  OPERANDS;
  CALL(floor_divide(array({7, -7, 7, -7}), array({3, 3, -3, -3})));
  CALL(remainder(array({7, -7, 7, -7}), array({3, 3, -3, -3})));
  CALL(remainder(array({7.5f, -7.5f}), array(2.0f)));
  CALL(divmod(array({7.5f, -7.5f}), array(2.0f))[0]);
  CALL(power(array({2, 3}), array({3, -1})));
  CALL(power(array(2.0f), array({-1, 2})));
  CALL(array({1, 2}) / 2);
  CALL(3 - array({1.0f, 2.0f}));
  CALL(array({5, 6}) % 4);
  CALL(array({1, 2}) == 2);
  CALL(2 >= array({1, 3}));
  CALL(~array({0, 2}));
  CALL(array({6}) & array({3}));
  CALL(array({6}) | array({3}));
  CALL(array({6}) ^ array({3}));
  CALL(array({6}) << array({2}));
  CALL(array({-6}) >> array({1}));
  CALL(-array({1, 2}));
  CALL(array({1, 0}) && array({1, 1}));
  CALL(array({1, 0}) || array({0, 0}));
  CALL(logical_xor(array({1, 0}), array({2.0f, 0.5f})));
  CALL(square(array({true, false})));
  CALL(add(array({true, true}), array({true, false})));
  CALL(multiply(array({true, true}), array({true, false})));
  CALL(addmm(array({1.0f, 2.0f}), ones({3, 4}), ones({4, 2}), 2.0f, 0.5f));
  CALL(addmm(ones({2, 3, 2}), f, ones({4, 2}), 2.0f, 3.0f));
  CALL(addmm(array(1.0f), arange(4.0), ones({4})));
  CALL(matmul(f, arange(4.0)));
  CALL(matmul(arange(3.0), f));
  CALL(matmul(h, transpose(h, {0, 2, 1})));
  CALL(hadamard_transform(f));
  CALL(hadamard_transform(slice(f, {0, 0, 1}, {2, 3, 3}), 0.25f));
  CALL(hadamard_transform(a));
  CALL(hadamard_transform(array(3)));
  CALL(hadamard_transform(f, std::nullopt, Device::cpu));
  CALL(outer(arange(2), arange(3)));
  CALL(inner(f, arange(4.0)));
  CALL(inner(array(2.0f), f));
  CALL(where(a > 3, f, array(0)));
  CALL(degrees(array({1.0f})));
  CALL(radians(array({180})));
  CALL(reciprocal(array({4})));
  CALL(logaddexp(array({1}), array({2})));
  CALL(arctan2(array({1.0f, -1.0f}), array({-1, -1})));
  CALL(quantize(reshape(linspace(-2, 5, 256), {4, 64}), 64, 4)[1]);
  CALL(quantized_matmul(ones({2, 64}), quantize(reshape(linspace(-2, 5, 256), {4, 64}), 32, 8)[0],
                        quantize(reshape(linspace(-2, 5, 256), {4, 64}), 32, 8)[1],
                        quantize(reshape(linspace(-2, 5, 256), {4, 64}), 32, 8)[2], true, 32, 8));
  CALL(gather_mm(f, transpose(f, {0, 2, 1}), std::nullopt, array({1, 0})));
}

inline void random_numbers(const Visit& visit) {
  OPERANDS;
  CALL(random::uniform({5}, float16, k));
  CALL(random::uniform(-2, 3, {5}, float32, k));
  CALL(random::normal({5}, k));
  CALL(random::normal({5}, float16, 1.0f, 0.1f, k));
  CALL(random::normal({2, 2}, float32, array({1.0f, 2.0f}), array(2.0f), k));
  CALL(random::randint(-5, 100, {6}, int32, k));
  CALL(random::randint(0, 256, {6}, uint8, k));
  CALL(random::bernoulli(0.3f, Shape{8}, k));
  CALL(random::bernoulli(array({0.1f, 0.9f}), k));
  CALL(random::bernoulli(k));
  CALL(random::truncated_normal(array(-1.0f), array(0.5f), {4}, float32, k));
  CALL(random::truncated_normal(array({-1.0f, 0.0f}), array(1.0f), float32, k));
  CALL(random::gumbel({4}, float32, k));
  CALL(random::laplace({4}, k));
  CALL(random::laplace({4}, float16, 1.0f, 2.0f, k));
  CALL(random::categorical(f, -1, k));
  CALL(random::categorical(f, 1, 5, k));
  CALL(random::categorical(f, 0, Shape{2, 3, 4}, k));
  CALL(random::categorical(sp - sp, 0, k));
  CALL(random::categorical(array({0.1f, 2.0f, 0.5f}), -1, 8, k));
  CALL(random::categorical(array({0.1f, 2.0f, 0.5f}), -1, Shape{2, 3}, k));
  CALL(random::categorical(h, -1, k));
  CALL(random::permutation(7, k));
  CALL(random::permutation(a, 1, k));
  CALL(random::split(k, 3));
  CALL(random::split(k).first);
  CALL(random::bits({5}, 1, k));
  CALL(random::bits({3}, 2, k));
  CALL(random::bits({2, 3}, 4, k));
  random::seed(3);
  CALL(random::uniform({3}));
  CALL(random::normal({3}));
  CALL(random::randint(0, 9, {3}));
  CALL(random::categorical(f));
}

inline void errors(const Visit& visit) {
  OPERANDS;
  CALL(sum(a, 7));
  CALL(sum(a, std::vector<int>{0, 0}));
  CALL(reshape(a, {5}));
  CALL(squeeze(a, 0));
  CALL(take(a, array({1.0f})));
  CALL(take(a, array({1}), 9));
  CALL(take_along_axis(a, array({1}), 0));
  CALL(put_along_axis(a, array({1}), a, 0));
  CALL(concatenate({}));
  CALL(concatenate({a, arange(3)}, 0));
  CALL(stack({a, arange(3)}));
  CALL(split(a, 5, 2)[0]);
  CALL(matmul(a, a));
  CALL(matmul(f, f));
  CALL(addmm(ones({7}), ones({2, 2}), ones({2, 2})));
  CALL(max(zeros({0})));
  CALL(argmax(zeros({0})));
  CALL(arange(0, 1, 0));
  CALL(eye(-1));
  CALL(full({-1}, 1));
  CALL(broadcast_to(a, {2}));
  CALL(add(zeros({2}), zeros({3})));
  CALL(slice(a, {0}, {1}));
  CALL(tril(arange(3)));
  CALL(diag(a));
  CALL(diagonal(arange(3)));
  CALL(sort(array(1), 0));
  CALL(topk(a, 9, 0));
  CALL(partition(a, 9, 0));
  CALL(clip(a));
  CALL(negative(array({true})));
  CALL(bitwise_invert(f));
  CALL(view(arange(3, uint8), int32));
  CALL(quantize(ones({4, 60}))[0]);
  CALL(quantize(ones({64}))[0]);
  CALL(random::uniform({3}, int32));
  CALL(random::randint(0, 1, {2}, float32));
  CALL(random::bits({3}, 3));
  CALL(random::bits({3}, 4, arange(2)));
  CALL(random::categorical(f, 9));
  CALL(random::categorical(f, 0, Shape{7}));
  CALL(random::bernoulli(array(1)));
  CALL(pad(a, -1));
  CALL(repeat(a, -1));
  CALL(tile(a, {-1}));
  CALL(roll(a, 1, 9));
  CALL(transpose(a, {0, 1}));
  CALL(transpose(a, {0, 1, 1}));
  CALL(transpose(a, {0, 1, 9}));
  CALL(expand_dims(a, 9));
  CALL(expand_dims(a, std::vector<int>{0, 0}));
  CALL(unflatten(a, 0, {}));
  CALL(flatten(a, 2, 1));
  CALL(swapaxes(a, 0, 9));
  CALL(moveaxis(a, 0, 9));
  CALL(meshgrid({a}, false, "q")[0]);
  CALL(linspace(0, 1, -2));
  CALL(logsumexp(zeros({0})));
  CALL(tensordot(a, a, 5));
  CALL(inner(a, arange(3)));
  CALL(vecdot(a, arange(3), 5));
  CALL(gather_mm(f, f, std::nullopt, array({0})));
  CALL(median(zeros({0})));
  CALL(random::permutation(a, 5));
  CALL(diff(a, -1));
  CALL(bitwise_and(f, f));
  CALL(roll(a, Shape{1}, std::vector<int>{0, 1}));
  CALL(matrix_transpose(arange(3)));
  CALL(isclose(zeros({2}), zeros({3})));
  CALL(quantized_matmul(f, astype(ones({4, 8}), uint32), ones({4, 1}), ones({4, 1})));
}

inline void visit_all(const Visit& visit) {
  values(visit);
  places(visit);
  creation(visit);
  order_and_reductions(visit);
  operators_and_products(visit);
  random_numbers(visit);
  errors(visit);
}

#undef CALL
#undef OPERANDS

/// One line: the call, its type, shape and values as float32, or what it throws.
inline std::string result_of(const std::string& call, const std::function<array()>& run) {
  std::string line = call + "\t";
  try {
    const array result = run();
    for (auto [dtype, name] : std::vector<std::pair<Dtype, const char*>>{{bool_, "bool"},
                                                                         {uint8, "uint8"},
                                                                         {uint16, "uint16"},
                                                                         {uint32, "uint32"},
                                                                         {int8, "int8"},
                                                                         {int32, "int32"},
                                                                         {int64, "int64"},
                                                                         {float16, "float16"},
                                                                         {bfloat16, "bfloat16"},
                                                                         {float32, "float32"}}) {
      if (dtype == result.dtype()) line += name;
    }
    line += "\t";
    for (int dim : result.shape()) line += std::to_string(dim) + " ";
    line += "\t";
    const array values = contiguous(astype(result, float32));
    eval(values);
    for (size_t i = 0; i < values.size(); i++) {
      char text[32];
      std::snprintf(text, sizeof(text), "%.8g ", static_cast<double>(values.data<float>()[i]));
      line += text;
    }
  } catch (const std::out_of_range&) {
    line += "throws out_of_range";
  } catch (const std::exception&) {
    line += "throws";
  }
  return line;
}

}  // namespace api_calls
