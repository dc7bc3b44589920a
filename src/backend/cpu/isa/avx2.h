// The AVX2 kernels, over the files that hold them.
#pragma once

#include "backend/cpu/kernels/matmul_kernels.h"

namespace mlxa::cpu::avx2 {

void decode_fast(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                 int64_t n_end, float* y, int64_t ldy, void* scratch);
void decode_exact(const QuantizedMatrix& w, const float* x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy);
void decode_dense(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy);
void prefill_fast(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                  int64_t n_end, float* y, int64_t ldy, void* scratch);
void prefill_exact(const QuantizedMatrix& w, const float* x, int64_t m, int64_t n_begin,
                   int64_t n_end, float* y, int64_t ldy, void* scratch);
void prefill_dense(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, int64_t n_begin,
                   int64_t n_end, float* y, int64_t ldy, void* scratch);
void dequantize(const QuantizedMatrix& w, int64_t n_begin, int64_t n_end, float* out) noexcept;

}  // namespace mlxa::cpu::avx2
