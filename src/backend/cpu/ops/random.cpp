// Random bits: the threefry 2x32 generator with 20 rounds (Salmon et al., "Parallel random numbers:
// as easy as 1, 2, 3", 2011), its words laid out as MLX lays them out.
#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "backend/cpu/ops/families.h"
#include "backend/cpu/ops/strided.h"

namespace mlxa::cpu {
namespace {

using Words = std::pair<uint32_t, uint32_t>;

Words threefry(const Words& key, Words x) {
  constexpr int kRotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  const uint32_t keys[3] = {key.first, key.second, key.first ^ key.second ^ 0x1BD11BDAu};
  x.first += keys[0];
  x.second += keys[1];
  for (uint32_t group = 0; group < 5; group++) {
    for (int rotation : kRotations[group % 2]) {
      x.first += x.second;
      x.second = std::rotl(x.second, rotation) ^ x.first;
    }
    x.first += keys[(group + 1) % 3];
    x.second += keys[(group + 2) % 3] + group + 1;
  }
  return x;
}

// The `bytes` bytes of one key. Word i of the lower half and word i of the upper half come from one
// call; where the number of words is odd, the middle one has a call of its own.
class KeyStream {
 public:
  KeyStream(const Words& key, char* out, int64_t bytes)
      : key_(key), out_(out), bytes_(bytes), words_((bytes + 3) / 4) {}

  /// Calls that make up the stream.
  static int64_t calls(int64_t bytes) { return ((bytes + 3) / 4 + 1) / 2; }

  void write(int64_t begin, int64_t end) const {
    const int64_t half = words_ / 2, odd = words_ % 2;
    for (int64_t i = begin; i < end; i++) {
      const bool middle = i == half;
      const int64_t partner = i + half + odd;
      const Words result =
          threefry(key_, {static_cast<uint32_t>(i), middle ? 0u : static_cast<uint32_t>(partner)});
      put(i, result.first);
      if (!middle) put(partner, result.second);
    }
  }

 private:
  void put(int64_t word, uint32_t value) const {
    const int64_t left = bytes_ - word * 4;
    std::memcpy(out_ + word * 4, &value, static_cast<size_t>(left < 4 ? left : 4));
  }

  Words key_;
  char* out_;
  int64_t bytes_, words_;
};

void eval_random_bits(const Primitive& primitive, std::span<const array> inputs,
                      std::span<array> outputs) {
  const RandomBitsParams& params = params_of<RandomBits>(primitive);
  const array& keys = inputs[0];
  if (keys.dtype() != uint32 || keys.ndim() == 0 || keys.shape(-1) != 2) {
    throw std::invalid_argument("[bits] keys must be uint32 of shape [..., 2]");
  }
  int64_t bytes = params.width;
  for (ShapeElem dim : params.shape) bytes *= dim;
  const uint32_t* words = keys.data<uint32_t>();
  const int64_t word_stride = keys.strides(-1);
  Shape lead(keys.shape().begin(), keys.shape().end() - 1);
  const StridedLoop<1> loop(lead, {keys.strides().data()});
  const int64_t key_stride = loop.inner_stride(0), calls = KeyStream::calls(bytes);
  char* out = outputs[0].data<char>();
  const int64_t grain = std::max<int64_t>(1, kMathGrain / std::max<int64_t>(1, calls));
  // Several keys are shared out among threads; the calls of a single one are.
  loop.parallel_runs(grain, [&](int64_t position, const auto& at, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
      const uint32_t* key = words + at[0] + i * key_stride;
      const KeyStream stream({key[0], key[word_stride]}, out + (position + i) * bytes, bytes);
      ThreadPool::instance().parallel_for(
          calls, kMathGrain, [&](int64_t begin, int64_t end) { stream.write(begin, end); });
    }
  });
}

}  // namespace

void add_random_ops(CpuOpTable& table) { table[OpKind::kRandomBits].eval = eval_random_bits; }

}  // namespace mlxa::cpu
