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

void fill_bits(array& words) {
  fill_blocks(static_cast<int64_t>(words.size()),
              [&](int64_t first, int64_t count, Random& random) {
                auto* to = words.data<uint32_t>() + first;
                int64_t i = 0;
                for (; i + 2 <= count; i += 2) {
                  const uint64_t two = random.next();
                  std::memcpy(to + i, &two, sizeof two);
                }
                if (i < count) to[i] = static_cast<uint32_t>(random.next());
              });
}

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

void check_affine(const WeightFormat& format) {
  constexpr QuantMode kMode = QuantMode::kAffine;
  if (has_bits(kMode, format.bits) && has_group_size(kMode, format.group_size)) return;
  throw Error(ErrorCode::kInvalidArgument,
              "[bench] " + std::to_string(format.bits) + " bits in groups of " +
                  std::to_string(format.group_size) + ", which affine quantization does not have",
              "Choose " + std::string(known_bits(kMode)) + " bits in groups of " +
                  known_group_sizes(kMode) + ".");
}

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
  fill_bits(weight);
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

// --- the table ---------------------------------------------------------------------------------

struct Mode {
  const char* name;
  bool quantized;
  void (*check)(const WeightFormat&);
  int64_t (*bytes)(const WeightFormat&, int64_t out, int64_t in);
  void (*add)(const WeightFormat&, const std::string& path, int out, int in, WeightMemory&,
              Tensors&);
};

// A mode without functions is one whose weights cannot be made up here yet.
constexpr Mode kModes[] = {
    {"affine", true, check_affine, affine_bytes, add_affine},
    {"dense", false, [](const WeightFormat&) {}, dense_bytes, add_dense},
    {"mxfp4", true, nullptr, nullptr, nullptr},
    {"mxfp8", true, nullptr, nullptr, nullptr},
    {"nvfp4", true, nullptr, nullptr, nullptr},
};

const Mode& find_mode(const std::string& name) {
  std::string usable;
  for (const Mode& mode : kModes) {
    if (mode.add) usable += (usable.empty() ? "" : " or ") + std::string(mode.name);
  }
  for (const Mode& mode : kModes) {
    if (name != mode.name) continue;
    if (mode.add) return mode;
    throw Error(ErrorCode::kUnsupported,
                "[bench] random weights of mode " + name + " are not made yet",
                "Choose " + usable + ", or give --model with a directory of that mode.");
  }
  throw Error(ErrorCode::kInvalidArgument, "[bench] no mode is named " + name,
              "Choose " + usable + ".");
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

void check_format(const WeightFormat& format) { find_mode(format.mode).check(format); }

std::string format_text(const WeightFormat& format) {
  const std::string type(dtype_name(format.dtype));
  if (!find_mode(format.mode).quantized) return format.mode + ", " + type;
  return format.mode + ", " + std::to_string(format.bits) + " bits, groups of " +
         std::to_string(format.group_size) + ", " + type;
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
