// Sort and ArgSort: stable, NaN last, -0 equal to 0.
//
// Elements become unsigned keys of the same order. Short lines are sorted by comparison, long ones
// by radix, digit by digit from the lowest: a vocabulary of logits takes a few passes.
#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "backend/cpu/ops/element.h"
#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/lines.h"
#include "backend/cpu/scratch.h"

namespace mlxa::cpu {
namespace {

constexpr int kItemSlot = 1, kSpareSlot = 2;
constexpr int64_t kRadixLength = 512;  // from here on counting pays
constexpr int kDigitBits = 8, kDigits = 1 << kDigitBits;

template <class T>
using SortKey = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

template <class T>
SortKey<T> sort_key(T x) {
  using K = SortKey<T>;
  if constexpr (kIsFloat<T>) {
    const float value = static_cast<float>(x);
    if (value != value) return std::numeric_limits<K>::max();
    const uint32_t bits = std::bit_cast<uint32_t>(value + 0.0f);  // -0 becomes 0
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  } else if constexpr (std::is_signed_v<T>) {
    constexpr K kSign = K{1} << (sizeof(K) * 8 - 1);
    return static_cast<K>(x) ^ kSign;
  } else {
    return static_cast<K>(x);
  }
}

template <class K>
struct Item {
  K key;
  uint32_t index;
};

// Sorts `items` by key, stably; `spare` has the same length. The result is in the one returned.
template <class K>
Item<K>* radix_sort(Item<K>* items, Item<K>* spare, int64_t length) {
  for (size_t shift = 0; shift < sizeof(K) * 8; shift += kDigitBits) {
    int64_t places[kDigits] = {};
    auto digit = [shift](const Item<K>& item) {
      return static_cast<size_t>(item.key >> shift) & (kDigits - 1);
    };
    for (int64_t i = 0; i < length; i++) places[digit(items[i])]++;
    if (places[digit(items[0])] == length) continue;  // all alike in this digit
    int64_t next = 0;
    for (int64_t& place : places) next += std::exchange(place, next);
    for (int64_t i = 0; i < length; i++) spare[places[digit(items[i])]++] = items[i];
    std::swap(items, spare);
  }
  return items;
}

// The elements of a line in order. In this thread's scratch memory.
template <class T>
const Item<SortKey<T>>* sorted_line(const T* x, int64_t stride, int64_t length) {
  using I = Item<SortKey<T>>;
  I* items = scratch_of<I>(kItemSlot, static_cast<size_t>(length));
  for (int64_t i = 0; i < length; i++) {
    items[i] = {sort_key(x[i * stride]), static_cast<uint32_t>(i)};
  }
  if (length >= kRadixLength) {
    return radix_sort(items, scratch_of<I>(kSpareSlot, static_cast<size_t>(length)), length);
  }
  std::sort(items, items + length, [](const I& a, const I& b) {
    return a.key != b.key ? a.key < b.key : a.index < b.index;
  });
  return items;
}

void eval_sort(const Primitive& primitive, std::span<const array> inputs,
               std::span<array> outputs) {
  const array& in = inputs[0];
  const Lines lines(in, outputs[0], params_of<Sort>(primitive).axis);
  detail::dispatch_all(in.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const T* x = in.data<T>();
    T* out = outputs[0].data<T>();
    lines.for_each([&](int64_t from, int64_t to) {
      const auto* items = sorted_line(x + from, lines.in_stride(), lines.length());
      for (int64_t i = 0; i < lines.length(); i++) {
        out[to + i * lines.out_stride()] = x[from + items[i].index * lines.in_stride()];
      }
    });
  });
}

void eval_arg_sort(const Primitive& primitive, std::span<const array> inputs,
                   std::span<array> outputs) {
  const array& in = inputs[0];
  const Lines lines(in, outputs[0], params_of<ArgSort>(primitive).axis);
  uint32_t* out = outputs[0].data<uint32_t>();
  detail::dispatch_all(in.dtype(), [&](auto tag) {
    using T = decltype(tag);
    const T* x = in.data<T>();
    lines.for_each([&](int64_t from, int64_t to) {
      const auto* items = sorted_line(x + from, lines.in_stride(), lines.length());
      for (int64_t i = 0; i < lines.length(); i++) {
        out[to + i * lines.out_stride()] = items[i].index;
      }
    });
  });
}

}  // namespace

void add_sort_ops(CpuOpTable& table) {
  table[OpKind::kSort].eval = eval_sort;
  table[OpKind::kArgSort].eval = eval_arg_sort;
}

}  // namespace mlxa::cpu
