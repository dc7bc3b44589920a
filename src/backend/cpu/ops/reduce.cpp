// Reductions over any axes of strided inputs.
//
// The work is cut into units: a block of outputs times a chunk of the reduced elements. The cut
// depends on shapes and strides alone and partial results merge in order, so that results do not
// depend on the number of threads.
#include <algorithm>
#include <cstdlib>

#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/reduce_kernels.h"
#include "backend/cpu/ops/strided.h"
#include "backend/cpu/scratch.h"

namespace mlxa::cpu {
namespace {

constexpr int64_t kUnitElements = 65536;  // what a unit should read: large beside its overhead
constexpr int64_t kColumnBlock = 512;     // accumulators that stay in the first-level cache
constexpr int kPartialSlot = 0, kUnitSlot = 1;

bool is_reduced(size_t axis, size_t ndim, const std::vector<int>& reduced_axes) {
  return std::any_of(reduced_axes.begin(), reduced_axes.end(), [&](int one) {
    return static_cast<size_t>(one < 0 ? one + static_cast<int>(ndim) : one) == axis;
  });
}

class Reduction {
 public:
  Reduction(const array& in, array& out, const ReduceKernel& kernel, const std::vector<int>& axes)
      : kernel_(kernel),
        kept_(in.shape(), {in.strides().data()},
              [&](size_t axis) { return is_reduced(axis, in.ndim(), axes); }),
        reduced_(in.shape(), {in.strides().data()},
                 [&](size_t axis) { return !is_reduced(axis, in.ndim(), axes); }),
        in_(in.data<char>()),
        in_size_(static_cast<int64_t>(in.itemsize())),
        out_(out.data<char>()),
        out_size_(static_cast<int64_t>(out.itemsize())) {
    // Neighbouring outputs share cache lines where their stride is the smaller one.
    by_columns_ = kept_.inner_length() > 1 &&
                  (reduced_.size() == 1 ||
                   std::abs(kept_.inner_stride(0)) < std::abs(reduced_.inner_stride(0)));
    const int64_t outputs = kept_.size(), length = reduced_.size();
    block_ = by_columns_ ? std::min(outputs, kColumnBlock)
                         : std::clamp<int64_t>(kUnitElements / length, 1, outputs);
    chunk_ = by_columns_ ? kUnitElements / block_ : kUnitElements;
    blocks_ = (outputs + block_ - 1) / block_;
    chunks_ = (length + chunk_ - 1) / chunk_;
  }

  void run() const {
    const int64_t bytes = static_cast<int64_t>(kernel_.bytes), outputs = kept_.size();
    // Few elements per unit (narrow blocks, short reductions): several units per piece of the pool.
    const int64_t unit_elements = block_ * std::min(chunk_, reduced_.size());
    const int64_t grain = std::max<int64_t>(1, kElementGrain / unit_elements);
    char* partials = chunks_ == 1
                         ? nullptr
                         : static_cast<char*>(scratch(
                               kPartialSlot, static_cast<size_t>(outputs * chunks_ * bytes)));
    ThreadPool::instance().parallel_for(blocks_ * chunks_, grain, [&](int64_t unit, int64_t end) {
      for (; unit < end; unit++) {
        const int64_t chunk = unit / blocks_, first = unit % blocks_ * block_;
        const int64_t last = std::min(outputs, first + block_);
        char* accumulators =
            partials ? partials + (chunk * outputs + first) * bytes
                     : static_cast<char*>(scratch(kUnitSlot, static_cast<size_t>(block_ * bytes)));
        kernel_.clear(accumulators, last - first);
        reduce_unit(first, last, chunk, accumulators);
        if (!partials) kernel_.store(accumulators, out_ + first * out_size_, last - first);
      }
    });
    if (!partials) return;
    for (int64_t chunk = 1; chunk < chunks_; chunk++) {
      kernel_.merge(partials, partials + chunk * outputs * bytes, outputs);
    }
    kernel_.store(partials, out_, outputs);
  }

 private:
  void reduce_unit(int64_t first, int64_t last, int64_t chunk, char* accumulators) const {
    const int64_t begin = chunk * chunk_, end = std::min(reduced_.size(), begin + chunk_);
    const int64_t kept_stride = kept_.inner_stride(0), stride = reduced_.inner_stride(0);
    const int64_t bytes = static_cast<int64_t>(kernel_.bytes);
    kept_.runs(first, last, [&](int64_t position, const auto& kept_at, int64_t outputs) {
      char* into = accumulators + (position - first) * bytes;
      const char* from = in_ + kept_at[0] * in_size_;
      if (by_columns_) {
        reduced_.runs(begin, end, [&](int64_t, const auto& at, int64_t count) {
          for (int64_t i = 0; i < count; i++) {
            kernel_.take_columns(into, from + (at[0] + i * stride) * in_size_, kept_stride,
                                 outputs);
          }
        });
        return;
      }
      for (int64_t i = 0; i < outputs; i++) {
        reduced_.runs(begin, end, [&](int64_t, const auto& at, int64_t count) {
          kernel_.take_row(into + i * bytes, from + (i * kept_stride + at[0]) * in_size_, stride,
                           count);
        });
      }
    });
  }

  const ReduceKernel kernel_;
  const StridedLoop<1> kept_, reduced_;
  const char* in_;
  int64_t in_size_;
  char* out_;
  int64_t out_size_;
  bool by_columns_;
  int64_t block_, chunk_, blocks_, chunks_;
};

void eval_reduce(const Primitive& primitive, std::span<const array> inputs,
                 std::span<array> outputs) {
  const ReduceParams& params = params_of<Reduce>(primitive);
  const array& in = inputs[0];
  array& out = outputs[0];
  const ReduceKernel kernel = reduce_kernel(params.kind, in.dtype());
  if (in.size() == 0) {
    std::vector<char> accumulator(kernel.bytes);
    kernel.clear(accumulator.data(), 1);
    for (size_t i = 0; i < out.size(); i++) {
      kernel.store(accumulator.data(), out.data<char>() + i * out.itemsize(), 1);
    }
    return;
  }
  Reduction(in, out, kernel, params.axes).run();
}

}  // namespace

void add_reduce_ops(CpuOpTable& table) { table[OpKind::kReduce].eval = eval_reduce; }

}  // namespace mlxa::cpu
