// The table of an instruction set, given its vectors V (isa/*_vec.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "backend/cpu/kernels/decode_dense.h"
#include "backend/cpu/kernels/decode_exact.h"
#include "backend/cpu/kernels/decode_fast.h"
#include "backend/cpu/kernels/float_formats.h"
#include "backend/cpu/kernels/matmul_kernels.h"
#include "backend/cpu/kernels/prefill_fast.h"
#include "backend/cpu/kernels/prefill_float.h"

namespace mlxa::cpu {

template <class V>
struct VectorMatmul {
  static void quantize_rows(const float* x, int64_t k, int64_t m_begin, int64_t m_end,
                            const QuantizedMatrix& w, Family family, const Int8Rows& out) noexcept {
    const bool decode = family == Family::kDecode;
    for (int64_t m = m_begin; m < m_end; ++m) {
      for (int part = 0; part < out.parts; ++part) {
        const int64_t row = m * out.parts + part;
        if (w.format == WeightFormat::kNvfp4) {
          V::quantize_row_by_16(x + m * k, k, decode ? V::kUnit : 16, out, row, part);
        } else {
          V::quantize_row(x + m * k, k, w.bits, decode ? V::kUnit : 32, out, row, part);
        }
      }
    }
  }

  static size_t arranged_bytes(const QuantizedMatrix& w, Family family) noexcept {
    return for_rows(w, family, [](const auto& rows) { return static_cast<size_t>(rows.bytes()); });
  }

  static void arrange_rows(const QuantizedMatrix& w, Family family, const Int8Rows& x, int64_t rows,
                           int64_t begin, int64_t end) noexcept {
    for_rows(w, family,
             [&](const auto& layout) { layout.arrange(x, rows, begin, end, x.arranged); });
  }

  static void qmm_fast(const QuantizedMatrix& w, const Int8Rows& x, int64_t m, int64_t n_begin,
                       int64_t n_end, float* y, int64_t ldy, Family family,
                       void* scratch) noexcept {
    if (family == Family::kPrefill) {
      run_int8<FastPrefill>(w, x, m, n_begin, n_end, y, ldy, scratch);
    } else {
      run_int8<FastDecode>(w, x, m, n_begin, n_end, y, ldy, scratch);
    }
  }

  static void qmm_exact(const QuantizedMatrix& w, const float* x, int64_t m, int64_t n_begin,
                        int64_t n_end, float* y, int64_t ldy, Family family,
                        void* scratch) noexcept {
    if (family == Family::kPrefill) {
      run<ExactPrefill>(w, x, m, n_begin, n_end, y, ldy, scratch);
    } else {
      run<ExactDecode>(w, x, m, n_begin, n_end, y, ldy);
    }
  }

  static void dense(const DenseMatrix& w, const float* x, int64_t ldx, int64_t m, int64_t n_begin,
                    int64_t n_end, float* y, int64_t ldy, Family family, void* scratch) noexcept {
    if (family == Family::kPrefill) {
      run_dense<DensePrefill>(w, x, ldx, m, n_begin, n_end, y, ldy, scratch);
    } else {
      run_dense<DenseDecode>(w, x, ldx, m, n_begin, n_end, y, ldy, scratch);
    }
  }

  static size_t scratch_bytes(int64_t k) noexcept {
    const size_t sizes[] = {DecodeSpace<V>::bytes(k),        DecodeSpace<Nvfp4<V>>::bytes(k),
                            DecodeSpace<Mxfp4<V>>::bytes(k), FastPanel<Nvfp4<V>>::bytes(k),
                            DenseSpace<V>::bytes(k),         FloatSpace<V>::bytes(k)};
    size_t most = 64;
    for (size_t bytes : sizes) most = bytes > most ? bytes : most;
    return most;
  }

  static void dequantize(const QuantizedMatrix& w, int64_t n_begin, int64_t n_end,
                         float* out) noexcept {
    run<Dequantize>(w, n_begin, n_end, out);
  }

  static constexpr MatmulKernels kTable = {quantize_rows, arranged_bytes, arrange_rows,
                                           qmm_fast,      qmm_exact,      dense,
                                           scratch_bytes, dequantize};

 private:
  // Calls fn with the layout of rows of x for products with w.
  template <class F>
  static auto for_rows(const QuantizedMatrix& w, Family family, F&& fn) {
    return family == Family::kPrefill ? by_format<PrefillRows>(w, fn)
                                      : by_format<ArrangedRows>(w, fn);
  }
  template <template <class> class Rows, class F>
  static auto by_format(const QuantizedMatrix& w, F&& fn) {
    if (w.format == WeightFormat::kNvfp4) return fn(Rows<Nvfp4<V>>(w));
    if (w.format == WeightFormat::kMxfp4) return fn(Rows<Mxfp4<V>>(w));
    return fn(Rows<V>(w));
  }

  template <template <class, FloatType> class Kernel, class... Arguments>
  static void run_dense(const DenseMatrix& w, Arguments... arguments) {
    switch (w.type) {
      case FloatType::kFloat32:
        return Kernel<V, FloatType::kFloat32>::run(w, arguments...);
      case FloatType::kFloat16:
        return Kernel<V, FloatType::kFloat16>::run(w, arguments...);
      case FloatType::kBFloat16:
        return Kernel<V, FloatType::kBFloat16>::run(w, arguments...);
    }
  }

  template <template <class, int> class Kernel, class... Arguments>
  static void run(const QuantizedMatrix& w, Arguments... arguments) {
    if (w.format == WeightFormat::kMxfp8) return Kernel<Mxfp8<V>, 8>::run(w, arguments...);
    run_int8<Kernel>(w, arguments...);
  }

  // The formats that have products with int8 activations. Widths other than these do nothing.
  template <template <class, int> class Kernel, class... Arguments>
  static void run_int8(const QuantizedMatrix& w, Arguments... arguments) {
    if (w.format == WeightFormat::kMxfp4) return Kernel<Mxfp4<V>, 4>::run(w, arguments...);
    if (w.format == WeightFormat::kNvfp4) return Kernel<Nvfp4<V>, 4>::run(w, arguments...);
    switch (w.bits) {
      case 2:
        return Kernel<V, 2>::run(w, arguments...);
      case 3:
        return Kernel<V, 3>::run(w, arguments...);
      case 4:
        return Kernel<V, 4>::run(w, arguments...);
      case 5:
        return Kernel<V, 5>::run(w, arguments...);
      case 6:
        return Kernel<V, 6>::run(w, arguments...);
      case 8:
        return Kernel<V, 8>::run(w, arguments...);
    }
  }
};

}  // namespace mlxa::cpu
