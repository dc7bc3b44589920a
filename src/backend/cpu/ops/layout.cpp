// Ops that place elements: reshape where a copy is needed, contiguous, view, concatenate, pad,
// slice update.
#include <stdexcept>

#include "backend/cpu/ops/copy.h"
#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/strided.h"

namespace mlxa::cpu {
namespace {

char* element_of(array& out, int64_t offset) {
  return out.data<char>() + offset * static_cast<int64_t>(out.itemsize());
}

// Reshape, Contiguous and View: the input's bytes in C order are the output's.
void eval_copy(const Primitive&, std::span<const array> inputs, std::span<array> outputs) {
  copy_to_contiguous(inputs[0], outputs[0].data<void>());
}

void eval_concatenate(const Primitive& primitive, std::span<const array> inputs,
                      std::span<array> outputs) {
  array& out = outputs[0];
  const int axis = params_of<Concatenate>(primitive).axis;
  const size_t along = static_cast<size_t>(axis < 0 ? axis + static_cast<int>(out.ndim()) : axis);
  int64_t offset = 0;
  for (const array& in : inputs) {
    copy_strided(out.itemsize(), in.shape(), in.data<void>(), in.strides().data(),
                 element_of(out, offset), out.strides().data());
    offset += in.shape()[along] * out.strides()[along];
  }
}

void eval_pad(const Primitive& primitive, std::span<const array> inputs, std::span<array> outputs) {
  const PadParams& params = params_of<Pad>(primitive);
  array& out = outputs[0];
  const Strides repeated(out.ndim(), 0);
  copy_strided(out.itemsize(), out.shape(), inputs[1].data<void>(), repeated.data(),
               out.data<void>(), out.strides().data());
  int64_t offset = 0;
  for (size_t i = 0; i < params.axes.size(); i++) {
    const int axis = params.axes[i];
    offset += params.low[i] * out.strides(axis);
  }
  copy_strided(out.itemsize(), inputs[0].shape(), inputs[0].data<void>(),
               inputs[0].strides().data(), element_of(out, offset), out.strides().data());
}

void eval_slice_update(const Primitive& primitive, std::span<const array> inputs,
                       std::span<array> outputs) {
  const SliceParams& params = params_of<SliceUpdate>(primitive);
  const array& update = inputs[1];
  array& out = outputs[0];
  copy_to_contiguous(inputs[0], out.data<void>());
  if (update.size() == 0) return;
  // The update has the slice's shape. One that reaches beyond the array must not be written.
  Strides strides(out.ndim());
  int64_t offset = 0;
  for (size_t i = 0; i < out.ndim(); i++) {
    const int64_t first = params.start[i];
    const int64_t last = first + (update.shape()[i] - 1) * int64_t{params.strides[i]};
    if (first < 0 || last < 0 || first >= out.shape()[i] || last >= out.shape()[i]) {
      throw std::out_of_range("[slice_update] the slice reaches beyond the array");
    }
    strides[i] = out.strides()[i] * params.strides[i];
    offset += first * out.strides()[i];
  }
  copy_strided(out.itemsize(), update.shape(), update.data<void>(), update.strides().data(),
               element_of(out, offset), strides.data());
}

}  // namespace

void add_layout_ops(CpuOpTable& table) {
  table[OpKind::kReshape].eval = eval_copy;
  table[OpKind::kContiguous].eval = eval_copy;
  table[OpKind::kView].eval = eval_copy;
  table[OpKind::kConcatenate].eval = eval_concatenate;
  table[OpKind::kPad].eval = eval_pad;
  table[OpKind::kSliceUpdate].eval = eval_slice_update;
}

}  // namespace mlxa::cpu
