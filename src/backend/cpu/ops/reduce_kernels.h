// The inner loops of reductions, with accumulators that hide their type from the walk.
#pragma once

#include <cstddef>
#include <cstdint>

#include "array/op_params.h"

namespace mlxa::cpu {

/// Accumulators are `bytes` wide each; every function handles `count` of something.
struct ReduceKernel {
  size_t bytes;
  /// Sets accumulators to the value of an empty reduction.
  void (*clear)(void* accumulators, int64_t count);
  /// Takes elements, `stride` apart, into one accumulator.
  void (*take_row)(void* accumulator, const void* in, int64_t stride, int64_t count);
  /// Takes elements, `stride` apart, each into its own accumulator.
  void (*take_columns)(void* accumulators, const void* in, int64_t stride, int64_t count);
  /// Takes other accumulators, each into its own.
  void (*merge)(void* accumulators, const void* others, int64_t count);
  /// Writes the results, contiguous elements of the output's dtype.
  void (*store)(const void* accumulators, void* out, int64_t count);
};

/// Sums and products of floats accumulate in double, so that a sum of a million elements is right
/// to the last bit or two; those of integers wrap. The output's dtype is the input's, and bool for
/// all and any.
ReduceKernel reduce_kernel(ReduceKind kind, const Dtype& dtype);

}  // namespace mlxa::cpu
