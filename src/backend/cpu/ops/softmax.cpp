// Softmax and LogSumExp over the last axis, in float32 with sums in double.
//
// A row is cut into chunks of fixed length whose partial results merge in order: a long row runs in
// parallel (where it is alone: a loop inside a loop stays on its thread) and gives the same bits on
// any number of threads.
#include <algorithm>
#include <cmath>
#include <limits>

#include "backend/cpu/ops/element.h"
#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/float_math.h"
#include "backend/cpu/ops/lines.h"
#include "backend/cpu/scratch.h"

namespace mlxa::cpu {
namespace {

constexpr int64_t kChunk = 4096;
constexpr int kPartialSlot = 1, kRowSlot = 2;
constexpr int64_t kLanes = 8;  // independent chains, so that latency does not set the pace

// Calls fn(chunk, begin, end) for the chunks of a row.
template <class F>
void for_each_chunk(int64_t length, F&& fn) {
  const int64_t chunks = (length + kChunk - 1) / kChunk;
  ThreadPool::instance().parallel_for(chunks, 1, [&](int64_t chunk, int64_t end) {
    for (; chunk < end; chunk++) {
      fn(chunk, chunk * kChunk, std::min(length, (chunk + 1) * kChunk));
    }
  });
}

float larger_or_nan(float a, float b) { return b > a || b != b ? b : a; }

float chunk_max(const float* x, int64_t count) {
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  float lanes[kLanes];
  std::fill_n(lanes, kLanes, kLowest);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int64_t j = 0; j < kLanes; j++) lanes[j] = larger_or_nan(lanes[j], x[i + j]);
  }
  for (; i < count; i++) lanes[0] = larger_or_nan(lanes[0], x[i]);
  float best = lanes[0];
  for (float lane : lanes) best = larger_or_nan(best, lane);
  return best;
}

double chunk_sum(const float* x, int64_t count) {
  double lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int64_t j = 0; j < kLanes; j++) lanes[j] += static_cast<double>(x[i + j]);
  }
  for (; i < count; i++) lanes[0] += static_cast<double>(x[i]);
  double sum = 0;
  for (double lane : lanes) sum += lane;
  return sum;
}

struct RowSums {
  float max;
  double sum;  // of e^(x - max)
};

// Leaves e^(x - max) in `row`, which must have room for the row's elements.
template <class T>
RowSums exponentials(const T* x, int64_t stride, int64_t length, float* row) {
  const int64_t chunks = (length + kChunk - 1) / kChunk;
  double* partials = scratch_of<double>(kPartialSlot, static_cast<size_t>(chunks));
  for_each_chunk(length, [&](int64_t chunk, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) row[i] = static_cast<float>(x[i * stride]);
    partials[chunk] = chunk_max(row + begin, end - begin);
  });
  float max = static_cast<float>(partials[0]);
  for (int64_t i = 1; i < chunks; i++) max = larger_or_nan(max, static_cast<float>(partials[i]));
  for_each_chunk(length, [&](int64_t chunk, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) row[i] = exp_float(row[i] - max);
    partials[chunk] = chunk_sum(row + begin, end - begin);
  });
  double sum = 0;
  for (int64_t i = 0; i < chunks; i++) sum += partials[i];
  return {max, sum};
}

template <class T>
void softmax_row(const T* x, int64_t stride, int64_t length, T* out) {
  float* row;
  if constexpr (std::is_same_v<T, float>) {
    row = out;
  } else {
    row = scratch_of<float>(kRowSlot, static_cast<size_t>(length));
  }
  const float scale = static_cast<float>(1.0 / exponentials(x, stride, length, row).sum);
  for_each_chunk(length, [&](int64_t, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) out[i] = static_cast<T>(row[i] * scale);
  });
}

template <class T>
T log_sum_exp_row(const T* x, int64_t stride, int64_t length) {
  float* row = scratch_of<float>(kRowSlot, static_cast<size_t>(length));
  const RowSums sums = exponentials(x, stride, length, row);
  if (std::isinf(sums.max)) return static_cast<T>(sums.max);
  return static_cast<T>(static_cast<float>(static_cast<double>(sums.max) + std::log(sums.sum)));
}

template <class F>
void dispatch_float(const Dtype& dtype, F&& fn) {
  detail::dispatch_all(dtype, [&](auto tag) {
    if constexpr (kIsFloat<decltype(tag)>) {
      fn(tag);
    } else {
      throw_unsupported(dtype);
    }
  });
}

void eval_softmax(const Primitive&, std::span<const array> inputs, std::span<array> outputs) {
  const array& in = inputs[0];
  const Lines lines(in, outputs[0], -1);
  dispatch_float(in.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const T* x = in.data<T>();
    T* out = outputs[0].data<T>();
    lines.for_each([&](int64_t from, int64_t to) {
      softmax_row(x + from, lines.in_stride(), lines.length(), out + to);
    });
  });
}

void eval_log_sum_exp(const Primitive&, std::span<const array> inputs, std::span<array> outputs) {
  const array& in = inputs[0];
  const Lines lines(in, outputs[0], -1);
  dispatch_float(in.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const T* x = in.data<T>();
    T* out = outputs[0].data<T>();
    lines.for_each([&](int64_t from, int64_t to) {
      out[to] = lines.length() == 0 ? static_cast<T>(-std::numeric_limits<float>::infinity())
                                    : log_sum_exp_row(x + from, lines.in_stride(), lines.length());
    });
  });
}

}  // namespace

void add_softmax_ops(CpuOpTable& table) {
  table[OpKind::kSoftmax].eval = eval_softmax;
  table[OpKind::kLogSumExp].eval = eval_log_sum_exp;
}

}  // namespace mlxa::cpu
