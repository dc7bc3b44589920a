#include "backend/cpu/ops/strided.h"

#include "backend/cpu/ops/binary.h"
#include "backend/cpu/ops/unary.h"

namespace mlxa::cpu {

Strides broadcast_strides(const array& in, const Shape& shape) {
  if (in.ndim() > shape.size()) {
    throw std::invalid_argument("[eval] an input with more axes than its output");
  }
  Strides strides(shape.size(), 0);
  const size_t lead = shape.size() - in.ndim();
  for (size_t i = 0; i < in.ndim(); i++) {
    if (in.shape()[i] == shape[lead + i]) {
      strides[lead + i] = in.strides()[i];
    } else if (in.shape()[i] != 1) {
      throw std::invalid_argument("[eval] an input that does not broadcast to its output");
    }
  }
  return strides;
}

void apply_unary(UnaryRun run, int64_t grain, const array& in, array& out) {
  const StridedLoop<1> loop(in.shape(), {in.strides().data()});
  const char* source = in.data<char>();
  char* target = out.data<char>();
  const int64_t in_size = static_cast<int64_t>(in.itemsize());
  const int64_t out_size = static_cast<int64_t>(out.itemsize());
  const int64_t stride = loop.inner_stride(0);
  loop.parallel_runs(grain, [&](int64_t position, const auto& at, int64_t count) {
    run(source + at[0] * in_size, stride, target + position * out_size, count);
  });
}

void apply_binary(BinaryRun run, int64_t grain, std::span<const array> inputs, array& out) {
  const OperandStrides strides_of_a(inputs[0], out.shape()), strides_of_b(inputs[1], out.shape());
  const StridedLoop<2> loop(out.shape(), {strides_of_a.data(), strides_of_b.data()});
  const char* a = inputs[0].data<char>();
  const char* b = inputs[1].data<char>();
  char* target = out.data<char>();
  const int64_t in_size = static_cast<int64_t>(inputs[0].itemsize());
  const int64_t out_size = static_cast<int64_t>(out.itemsize());
  const int64_t stride_a = loop.inner_stride(0), stride_b = loop.inner_stride(1);
  loop.parallel_runs(grain, [&](int64_t position, const auto& at, int64_t count) {
    run(a + at[0] * in_size, stride_a, b + at[1] * in_size, stride_b, target + position * out_size,
        count);
  });
}

}  // namespace mlxa::cpu
