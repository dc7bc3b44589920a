#include "measure/weight_formats.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>

#include <sys/mman.h>

#include "mlxa/error.h"

#include "array/quant_mode.h"
#include "base/thread_pool.h"

namespace mlxa::measure {
namespace {

// A cheap generator: every block of memory has its own sequence, so that threads need not agree.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du) {
    for (int i = 0; i < 4; i++) next();  // neighbouring seeds start alike
  }
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    return state_ ^= state_ << 17;
  }

 private:
  uint64_t state_;
};

// Calls fill(first, count, random) for blocks of `count` elements on the pool's threads.
template <class Fill>
void fill_blocks(int64_t elements, Fill&& fill) {
  static std::atomic<uint64_t> used{1};  // no two arrays are alike
  constexpr int64_t kBlock = 1 << 16;
  const int64_t blocks = (elements + kBlock - 1) / kBlock;
  const uint64_t seed = used.fetch_add(static_cast<uint64_t>(blocks));
  ThreadPool::instance().run(blocks, [&](int64_t block) {
    Random random(seed + static_cast<uint64_t>(block));
    fill(block * kBlock, std::min(kBlock, elements - block * kBlock), random);
  });
}

// Random words, each pair of them changed by `change`.
template <class Change>
void fill_bits(array& words, Change&& change) {
  fill_blocks(static_cast<int64_t>(words.size()),
              [&](int64_t first, int64_t count, Random& random) {
                auto* to = words.data<uint32_t>() + first;
                int64_t i = 0;
                for (; i + 2 <= count; i += 2) {
                  const uint64_t two = change(random.next());
                  std::memcpy(to + i, &two, sizeof two);
                }
                if (i < count) to[i] = static_cast<uint32_t>(change(random.next()));
              });
}

uint64_t any_bits(uint64_t bits) { return bits; }

// Values come from a table of 4096: a conversion each would take longer than the memory.
template <class T>
void fill_from_table(array& values, float limit) {
  constexpr int kBits = 12, kPerWord = 64 / kBits;
  std::array<T, 1 << kBits> table;
  for (size_t i = 0; i < table.size(); i++) {
    const float unit = (2 * static_cast<float>(i) + 1) / static_cast<float>(table.size()) - 1;
    table[i] = static_cast<T>(limit * unit);
  }
  fill_blocks(
      static_cast<int64_t>(values.size()), [&](int64_t first, int64_t count, Random& random) {
        T* to = values.data<T>() + first;
        for (int64_t i = 0; i < count; i += kPerWord) {
          uint64_t word = random.next();
          for (int64_t j = i; j < std::min<int64_t>(i + kPerWord, count); j++, word >>= kBits) {
            to[j] = table[word & (table.size() - 1)];
          }
        }
      });
}

// Uniform weights of this limit keep the variance of what they multiply.
float unit_limit(int in) { return std::sqrt(3.0f / static_cast<float>(in)); }

// --- dense -------------------------------------------------------------------------------------

int64_t dense_bytes(const WeightFormat& format, int64_t out, int64_t in) {
  return out * in * format.dtype.size();
}

void add_dense(const WeightFormat& format, const std::string& path, int out, int in,
               WeightMemory& memory, Tensors& tensors) {
  array weight = memory.take({out, in}, format.dtype);
  fill_uniform(weight, unit_limit(in));
  tensors.emplace(path + ".weight", weight);
}

// --- affine: `bits` a value, a scale and a bias of `dtype` a group ------------------------------

int64_t affine_bytes(const WeightFormat& format, int64_t out, int64_t in) {
  return out * in * format.bits / 8 + 2 * (out * in / format.group_size) * format.dtype.size();
}

void add_affine(const WeightFormat& format, const std::string& path, int out, int in,
                WeightMemory& memory, Tensors& tensors) {
  const int groups = in / format.group_size;
  array weight = memory.take({out, in * format.bits / 32}, uint32);
  array scales = memory.take({out, groups}, format.dtype);
  array biases = memory.take({out, groups}, format.dtype);
  const auto steps = static_cast<float>((1 << format.bits) - 1);
  const float scale = 2 * unit_limit(in) / steps;
  fill_bits(weight, any_bits);
  const auto fill = [&]<class T>(T) {
    std::fill_n(scales.data<T>(), scales.size(), T(scale));
    std::fill_n(biases.data<T>(), biases.size(), T(-scale * steps / 2));
  };
  if (format.dtype == float32) fill(float{});
  if (format.dtype == float16) fill(float16_t{});
  if (format.dtype == bfloat16) fill(bfloat16_t{});
  tensors.emplace(path + ".weight", weight);
  tensors.emplace(path + ".scales", scales);
  tensors.emplace(path + ".biases", biases);
}

// --- small floating-point numbers, a scale of one byte a group ----------------------------------

// The magnitude of a number of `exponent_bits` and `mantissa_bits`, subnormal ones included.
double small_float(int code, int exponent_bits, int mantissa_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = (code >> mantissa_bits) & ((1 << exponent_bits) - 1);
  const int fraction = code & ((1 << mantissa_bits) - 1);
  const int whole = exponent == 0 ? 0 : 1 << mantissa_bits;
  return std::ldexp(whole + fraction, std::max(exponent, 1) - bias - mantissa_bits);
}

// Turns the NaN among eight E4M3 codes (0x7f, 0xff) into the numbers beside them.
uint64_t without_nan(uint64_t codes) {
  constexpr uint64_t kOnes = 0x0101010101010101, kTops = kOnes << 7;
  const uint64_t nan = ((codes & ~kTops) + kOnes) & kTops;
  return codes ^ nan >> 7;
}

double e2m1(int code) { return small_float(code, 2, 1); }
double e4m3(int code) {
  return small_float(static_cast<int>(without_nan(static_cast<uint64_t>(code))), 4, 3);
}
double e8m0(int code) { return std::ldexp(1.0, code - 127); }

int64_t float_bytes(const WeightFormat& format, int64_t out, int64_t in) {
  return out * in * format.bits / 8 + out * in / format.group_size;
}

// The root mean square of the first `count` codes, all equally likely.
double rms(double (*value)(int), int count) {
  double squares = 0;
  for (int code = 0; code < count; code++) squares += value(code) * value(code);
  return std::sqrt(squares / count);
}

// Scales of the two codes around `wanted`, so mixed that their mean square is that of `wanted`.
void fill_scales(array& scales, double (*value)(int), double wanted) {
  int low = 0;
  while (value(low + 1) <= wanted) low++;
  const double a = value(low) * value(low), b = value(low + 1) * value(low + 1);
  const auto share = static_cast<uint32_t>(255 * (wanted * wanted - a) / (b - a));
  fill_blocks(static_cast<int64_t>(scales.size()),
              [&](int64_t first, int64_t count, Random& random) {
                auto* to = scales.data<uint8_t>() + first;
                for (int64_t i = 0; i < count; i++) {
                  to[i] = static_cast<uint8_t>(low + ((random.next() >> 32 & 255) < share));
                }
              });
}

void add_floats(const WeightFormat& format, const std::string& path, int out, int in,
                WeightMemory& memory, Tensors& tensors) {
  array weight = memory.take({out, in * format.bits / 32}, uint32);
  array scales = memory.take({out, in / format.group_size}, uint8);
  const bool bytes = format.bits == 8;
  fill_bits(weight, bytes ? without_nan : any_bits);
  const double code_size = bytes ? rms(e4m3, 128) : rms(e2m1, 8);
  const auto scale = format.mode == mode_name(QuantMode::kNvfp4) ? e4m3 : e8m0;
  fill_scales(scales, scale, 1 / (std::sqrt(in) * code_size));
  tensors.emplace(path + ".weight", weight);
  tensors.emplace(path + ".scales", scales);
}

// --- the table ---------------------------------------------------------------------------------

struct Mode {
  const char* name;
  int64_t (*bytes)(const WeightFormat&, int64_t out, int64_t in);
  void (*add)(const WeightFormat&, const std::string& path, int out, int in, WeightMemory&,
              Tensors&);
  std::optional<QuantMode> quantized;
};

constexpr Mode kModes[] = {
    {"affine", affine_bytes, add_affine, QuantMode::kAffine},
    {"mxfp4", float_bytes, add_floats, QuantMode::kMxfp4},
    {"mxfp8", float_bytes, add_floats, QuantMode::kMxfp8},
    {"nvfp4", float_bytes, add_floats, QuantMode::kNvfp4},
    {"dense", dense_bytes, add_dense, std::nullopt},
};

const Mode& find_mode(const std::string& name) {
  std::string known;
  for (const Mode& mode : kModes) {
    if (name == mode.name) return mode;
    known += (known.empty() ? "" : ", ") + std::string(mode.name);
  }
  throw Error(ErrorCode::kInvalidArgument, "[bench] no mode is named " + name,
              "Choose one of " + known + ".");
}

}  // namespace

// --- memory ------------------------------------------------------------------------------------

struct WeightMemory::Chunk {
  void* data;
  size_t bytes;

  explicit Chunk(size_t size) : bytes(size) {
    data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) {
      throw Error(
          ErrorCode::kOutOfMemory,
          "[bench] the system refused " + std::to_string(bytes >> 20) + " MiB for random weights",
          "Close other programs, or choose a smaller shape.");
    }
    ::madvise(data, bytes, MADV_HUGEPAGE);
  }
  ~Chunk() { ::munmap(data, bytes); }
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;
};

array WeightMemory::take(const Shape& shape, Dtype dtype) {
  constexpr size_t kChunk = size_t{256} << 20, kAlign = 64, kHugePage = size_t{2} << 20;
  size_t bytes = dtype.size();
  for (int dimension : shape) bytes *= static_cast<size_t>(dimension);
  if (!chunk_ || used_ + bytes > chunk_->bytes) {
    const size_t whole = (bytes + kHugePage - 1) / kHugePage * kHugePage;
    chunk_ = std::make_shared<Chunk>(std::max(kChunk, whole));
    used_ = 0;
  }
  void* data = static_cast<std::byte*>(chunk_->data) + used_;
  used_ += (bytes + kAlign - 1) / kAlign * kAlign;
  return array(data, shape, dtype, [chunk = chunk_](void*) {});
}

// --- public ------------------------------------------------------------------------------------

void check_format(const WeightFormat& format) {
  const std::optional<QuantMode> mode = find_mode(format.mode).quantized;
  if (!mode || (has_bits(*mode, format.bits) && has_group_size(*mode, format.group_size))) return;
  throw Error(ErrorCode::kInvalidArgument,
              "[bench] " + std::to_string(format.bits) + " bits in groups of " +
                  std::to_string(format.group_size) + ", which " + format.mode +
                  " quantization does not have",
              "Choose " + std::string(known_bits(*mode)) + " bits in groups of " +
                  known_group_sizes(*mode) + ".");
}

std::string format_text(const WeightFormat& format) {
  const std::string type(dtype_name(format.dtype));
  const std::optional<QuantMode> mode = find_mode(format.mode).quantized;
  if (!mode) return format.mode + ", " + type;
  return format.mode + ", " + std::to_string(format.bits) + " bits, groups of " +
         std::to_string(format.group_size) + (mode == QuantMode::kAffine ? ", " + type : "");
}

nlohmann::json quantization_json(const WeightFormat& format) {
  if (!find_mode(format.mode).quantized) return nullptr;
  return {{"mode", format.mode}, {"bits", format.bits}, {"group_size", format.group_size}};
}

int64_t matrix_bytes(const WeightFormat& format, const std::string& path, int64_t out, int64_t in) {
  const Mode& mode = find_mode(format.mode);
  if (mode.quantized && in % format.group_size != 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "[bench] groups of " + std::to_string(format.group_size) +
                    " do not divide the rows of " + path + ", " + std::to_string(in) + " values",
                "Choose smaller groups or another shape.");
  }
  return mode.bytes(format, out, in);
}

void add_matrix(const WeightFormat& format, const std::string& path, int out, int in,
                WeightMemory& memory, Tensors& tensors) {
  find_mode(format.mode).add(format, path, out, in, memory, tensors);
}

void fill_uniform(array& values, float limit) {
  if (values.dtype() == float32) return fill_from_table<float>(values, limit);
  if (values.dtype() == float16) return fill_from_table<float16_t>(values, limit);
  fill_from_table<bfloat16_t>(values, limit);
}

}  // namespace mlxa::measure
