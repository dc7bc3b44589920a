#include "backend/cpu/fused/common.h"

#include <cstring>

namespace mlxa::cpu {
namespace {

template <class T>
void gather_as(const std::byte* from, int64_t step, int64_t n, std::byte* to) {
  const T* in = reinterpret_cast<const T*>(from);
  T* out = reinterpret_cast<T*>(to);
  for (int64_t i = 0; i < n; i++) out[i] = in[i * step];
}

}  // namespace

void gather_items(const std::byte* from, int64_t step, int64_t n, size_t item, std::byte* to) {
  if (step == 1) {
    std::memcpy(to, from, static_cast<size_t>(n) * item);
  } else if (item == 1) {
    gather_as<uint8_t>(from, step, n, to);
  } else if (item == 2) {
    gather_as<uint16_t>(from, step, n, to);
  } else if (item == 4) {
    gather_as<uint32_t>(from, step, n, to);
  } else {
    gather_as<uint64_t>(from, step, n, to);
  }
}

int64_t leading_count(const array& a, size_t axes) {
  int64_t count = 1;
  for (size_t i = 0; i < axes; i++) count *= a.shape()[i];
  return count;
}

int64_t leading_offset(const array& a, size_t axes, int64_t index) {
  int64_t offset = 0;
  for (size_t i = axes; i-- > 0;) {
    const int64_t length = a.shape()[i];
    offset += index % length * a.strides()[i];
    index /= length;
  }
  return offset;
}

int64_t integer_at(const array& a, int64_t index) {
  const int64_t offset = leading_offset(a, a.ndim(), index);
  return detail::dispatch_all(
      a.dtype(), [&](auto tag) { return static_cast<int64_t>(a.data<decltype(tag)>()[offset]); });
}

Rows::Rows(const array& a)
    : array_(a),
      data_(a.data<std::byte>()),
      count_(a.ndim() ? leading_count(a, a.ndim() - 1) : 1),
      length_(a.ndim() ? a.shape().back() : 1),
      step_(a.ndim() ? a.strides().back() : 1),
      item_(a.itemsize()),
      even_(a.flags().row_contiguous) {}

const std::byte* Rows::at(int64_t index) const {
  const int64_t offset = even_
                             ? index * length_
                             : leading_offset(array_, array_.ndim() ? array_.ndim() - 1 : 0, index);
  return data_ + offset * static_cast<int64_t>(item_);
}

const std::byte* Rows::row(int64_t index, size_t spare_offset, size_t spare_bytes) const {
  const std::byte* from = at(index);
  if (contiguous_rows()) return from;
  const size_t bytes = spare_offset + static_cast<size_t>(length_) * item_;
  auto* base =
      static_cast<std::byte*>(scratch(kRowSlot, bytes > spare_bytes ? bytes : spare_bytes));
  gather_items(from, step_, length_, item_, base + spare_offset);
  return base + spare_offset;
}

void Rows::load(int64_t index, float* to) const {
  vectors().load(row(index), float_type(array_.dtype()), length_, to);
}

void add_fused_ops(CpuOpTable& table) {
  add_product_ops(table);
  add_quantization_ops(table);
  add_gather_ops(table);
  add_norm_ops(table);
  add_position_ops(table);
  add_attention_ops(table);
}

}  // namespace mlxa::cpu
