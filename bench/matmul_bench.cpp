// Speed of the matrix products against what the machine gives at the same moment: decode against
// reading the same bytes, prefill against a register-only loop of the same instructions. Work and
// yardstick alternate, and the median of their ratios is reported, since both vary on shared hosts.
// "Exact" products of quantized weights are those of 16-bit files, with activations in two parts.
// --bits 16: dense weights alone.
//
//   matmul_bench [decode|prefill] [--isa scalar|avx2|avx512|amx] [--threads N] [--bits B]
//                [--group G] [--mode affine|mxfp4|mxfp8|nvfp4] [--k K] [--m M] [--pairs P]
//                [--megabytes MB]
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include "backend/cpu/kernels/dispatch.h"
#include "measure/probes.h"
#include "measure/statistics.h"

namespace {

using namespace mlxa;
using namespace mlxa::cpu;
using measure::Arithmetic;

struct Options {
  std::string what = "decode";
  Isa isa = active_isa();
  int threads = 2;
  int bits = 0;  // 0: all; 16: dense weights alone
  int group = 64;
  WeightFormat format = WeightFormat::kAffine;  // others set bits and group
  int64_t k = 4096;
  int64_t m = 0;  // 0: 1 for decode, 512 for prefill
  int pairs = 9;
  int64_t megabytes = 256;
};

// Processor time of this thread: what others take from a shared machine does not count.
double processor_time() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Number `t` of the processors that this process may run on.
int processor(int t) {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  int cpu = 0;
  while (cpu < CPU_SETSIZE - 1 && !(CPU_ISSET(cpu, &allowed) && t-- == 0)) ++cpu;
  return cpu;
}

// Seconds of processor time that the busiest thread needs for `work(thread)`, all threads together
// and each on a processor of its own.
double timed(int threads, const std::function<void(int)>& work) {
  std::vector<double> used(threads);
  std::vector<std::thread> team;
  for (int t = 0; t < threads; ++t) {
    team.emplace_back([&, t] {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(processor(t), &set);
      pthread_setaffinity_np(pthread_self(), sizeof set, &set);
      const double before = processor_time();
      work(t);
      used[t] = processor_time() - before;
    });
  }
  for (std::thread& thread : team) thread.join();
  return *std::max_element(used.begin(), used.end());
}

double median(std::vector<double> values) { return measure::spread_of(std::move(values)).median; }

// Memory in huge pages where the system has them, filled with arbitrary finite values.
template <class T>
struct Memory {
  T* data;
  explicit Memory(int64_t count) {
    const size_t bytes = count * sizeof(T) + 64;
    void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) std::exit(1);
    madvise(p, bytes, MADV_HUGEPAGE);
    data = static_cast<T*>(p);
    uint32_t state = 12345;
    for (int64_t i = 0; i < count; ++i) {
      state = state * 1664525u + 1013904223u;
      data[i] = fill(state);
    }
    bytes_ = bytes;
  }
  ~Memory() { munmap(data, bytes_); }
  Memory(const Memory&) = delete;

 private:
  static T fill(uint32_t state) {
    if constexpr (sizeof(T) == 4) return static_cast<float>(state >> 8) * 0x1p-24f - 0.5f;
    if constexpr (sizeof(T) == 2) return static_cast<T>(0x3b80 + (state >> 26));  // bf16 near 0.004
    return static_cast<T>(state >> 24);
  }
  size_t bytes_;
};

// A quantized matrix of arbitrary weights.
struct Weights {
  Memory<uint8_t> codes;
  Memory<uint16_t> scales, biases;
  QuantizedMatrix view;

  Weights(const Options& options, int bits, int64_t n, int64_t k)
      : codes(n * k * bits / 8),
        scales(n * k / options.group),
        biases(n * k / options.group),
        view{codes.data, scales.data, biases.data,   FloatType::kBFloat16, n,
             k,          bits,        options.group, options.format} {
    // Of one byte, near the middle of their range; codes that are no numbers do no harm.
    if (affine()) return;
    const int middle = options.format == WeightFormat::kNvfp4 ? 0x38 : 127;
    std::memset(scales.data, middle, n * k / options.group * 2);
  }
  bool affine() const { return view.format == WeightFormat::kAffine; }
  double bytes() const {
    return static_cast<double>(view.n) *
           static_cast<double>(view.k * view.bits / 8 +
                               view.k / view.group_size * (affine() ? 4 : 1));
  }
};

const char* format_name(WeightFormat format) {
  constexpr const char* kNames[] = {"affine", "mxfp4", "mxfp8", "nvfp4"};
  return kNames[static_cast<int>(format)];
}

// A slice of N for a thread, at multiples of kColumnAlign.
int64_t slice(int64_t n, int threads, int t) {
  return t == threads ? n : n * t / threads / kColumnAlign * kColumnAlign;
}

struct Rows {
  static constexpr int kSmallestGroup = 16;
  Memory<float> x, scales, sums;
  Memory<int8_t> q;
  Int8Rows view;
  Rows(int64_t m, int64_t k, int parts = 1)
      : x(m * k),
        scales(m * parts * k / kSmallestGroup),
        sums(m * parts * k / kSmallestGroup),
        q(m * parts * k),
        view{q.data, scales.data, sums.data, parts} {}
};

// Per thread what the kernels ask for.
class Scratch {
 public:
  Scratch(const MatmulKernels& kernels, int64_t k, int threads)
      : size_((static_cast<int64_t>(kernels.scratch_bytes(k)) + 4095) / 4096 * 4096),
        bytes_(size_ * threads) {}
  void* of(int thread) { return bytes_.data + thread * size_; }

 private:
  int64_t size_;
  Memory<uint8_t> bytes_;
};

// A quantized matrix of n rows and the activations of m, ready for decode.
struct DecodeCase {
  const MatmulKernels& kernels;
  int64_t m, n, k;
  Weights weights;
  const QuantizedMatrix& w;
  Rows rows;
  const HalfKernels* halves;  // nullptr: float32, or int8 products
  Memory<uint8_t> arranged;
  Memory<uint16_t> half_values;
  Memory<float> half_scales, y;
  Scratch scratch;

  DecodeCase(const Options& options, int bits, bool fast, int64_t columns)
      : kernels(matmul_kernels(options.isa)),
        m(options.m ? options.m : 1),
        n(columns),
        k(options.k),
        weights(options, bits, n, k),
        w(weights.view),
        rows(m, k, fast ? 1 : 2),
        halves(fast && !has_int8_products(w) ? kernels.halves : nullptr),
        arranged(m * rows.view.parts *
                 static_cast<int64_t>(kernels.arranged_bytes(w, Family::kDecode))),
        half_values(m * HalfRows::padded(k)),
        half_scales(m),
        y(m * n),
        scratch(kernels, k, options.threads) {
    if (halves) halves->round_rows(rows.x.data, k, 0, m, half_rows());
    if (!has_int8_products(w)) return;
    kernels.quantize_rows(rows.x.data, k, 0, m, w, Family::kDecode, rows.view);
    rows.view.arranged = arranged.data;
    kernels.arrange_rows(w, Family::kDecode, rows.view, m * rows.view.parts, 0,
                         m * rows.view.parts);
  }
  double bytes() const { return weights.bytes(); }
  HalfRows half_rows() const { return {half_values.data, half_scales.data}; }
  void run(int64_t from, int64_t to, int thread) {
    if (halves) return halves->multiply(w, half_rows(), m, from, to, y.data, n);
    if (!has_int8_products(w)) {
      kernels.qmm_exact(w, rows.x.data, m, from, to, y.data, n, Family::kDecode,
                        scratch.of(thread));
      return;
    }
    kernels.qmm_fast(w, rows.view, m, from, to, y.data, n, Family::kDecode, scratch.of(thread));
  }
};

void decode(const Options& options, int bits, bool fast) {
  const int64_t row_bytes = options.k * bits / 8;
  DecodeCase c(options, bits, fast, (options.megabytes << 20) / row_bytes / 64 * 64);
  auto from = [&](int t) { return slice(c.n, options.threads, t); };
  std::vector<double> ratios, speeds;
  for (int pair = 0; pair < options.pairs; ++pair) {
    const double read = timed(options.threads, [&](int t) {
      measure::read_bytes(c.w.weight + from(t) * row_bytes, (from(t + 1) - from(t)) * row_bytes);
    });
    const double work = timed(options.threads, [&](int t) { c.run(from(t), from(t + 1), t); });
    speeds.push_back(c.bytes() / work / 1e9);
    ratios.push_back(speeds.back() * 1e9 * read / static_cast<double>(c.n * row_bytes));
  }
  std::printf(
      "decode %-5s %s %d bits group %d m %lld k %lld threads %d: %5.1f GB/s, %3.0f %% of read"
      " (median of %d pairs; %.0f to %.0f)\n",
      fast ? "fast" : "exact", format_name(options.format), bits, options.group,
      static_cast<long long>(c.m), static_cast<long long>(c.k), options.threads, median(speeds),
      100 * median(ratios), options.pairs, 100 * *std::min_element(ratios.begin(), ratios.end()),
      100 * *std::max_element(ratios.begin(), ratios.end()));
}

constexpr int64_t kPeakSteps = 400000;

// The same with a matrix that stays in the cache: what the instructions allow.
void decode_cached(const Options& options, int bits, bool fast) {
  DecodeCase c(options, bits, fast, 256);
  const measure::PeakLoop& loop = measure::peak_loop(options.isa, Arithmetic::kInt8);
  std::vector<double> speeds, shares;
  for (int i = 0; i < options.pairs; ++i) {
    constexpr int kTimes = 40;
    const double begin = processor_time();
    loop.run(kPeakSteps);
    const double start = processor_time();
    for (int j = 0; j < kTimes; ++j) c.run(0, c.n, 0);
    const double seconds = (processor_time() - start) / kTimes;
    speeds.push_back(c.bytes() / seconds / 1e9);
    const double most = loop.per_step * kPeakSteps / (start - begin);
    shares.push_back(static_cast<double>(c.m * c.n * c.k) / seconds / most);
  }
  std::printf(
      "       %-5s %d bits in cache, one thread: %.1f GB/s, at best %.1f; %.0f %% of the %s peak\n",
      fast ? "fast" : "exact", bits, median(speeds),
      *std::max_element(speeds.begin(), speeds.end()), 100 * median(shares), loop.name);
}

// Dense weights, in memory and in the cache.
void decode_dense(const Options& options, const char* name, FloatType type) {
  const MatmulKernels& kernels = matmul_kernels(options.isa);
  const int64_t m = options.m ? options.m : 1, k = options.k;
  const int64_t row_bytes = k * static_cast<int64_t>(size_of(type));
  const int64_t n = (options.megabytes << 20) / row_bytes / 64 * 64;
  const Memory<uint16_t> weight(n * row_bytes / 2);
  const DenseMatrix w{weight.data, type, n, k, k, 1};
  const Memory<float> x(m * k), y(m * n);
  Scratch scratch(kernels, k, options.threads);
  auto run = [&](int64_t from, int64_t to, int t) {
    kernels.dense(w, x.data, k, m, from, to, y.data, n, Family::kDecode, scratch.of(t));
  };
  auto from = [&](int t) { return slice(n, options.threads, t); };
  auto* bytes = reinterpret_cast<const uint8_t*>(weight.data);
  std::vector<double> ratios, speeds, cached;
  for (int pair = 0; pair < options.pairs; ++pair) {
    const double read = timed(options.threads, [&](int t) {
      measure::read_bytes(bytes + from(t) * row_bytes, (from(t + 1) - from(t)) * row_bytes);
    });
    const double work = timed(options.threads, [&](int t) { run(from(t), from(t + 1), t); });
    speeds.push_back(static_cast<double>(n * row_bytes) / work / 1e9);
    ratios.push_back(read / work);
    constexpr int kTimes = 40, kRows = 64;
    const double start = processor_time();
    for (int j = 0; j < kTimes; ++j) run(0, kRows, 0);
    const double time = processor_time() - start;
    cached.push_back(static_cast<double>(kTimes * kRows * row_bytes) / time / 1e9);
  }
  std::printf(
      "decode dense %-4s m %lld k %lld threads %d: %5.1f GB/s, %3.0f %% of read (median of %d"
      " pairs; %.0f to %.0f); in cache, one thread: %.1f GB/s\n",
      name, static_cast<long long>(m), static_cast<long long>(k), options.threads, median(speeds),
      100 * median(ratios), options.pairs, 100 * *std::min_element(ratios.begin(), ratios.end()),
      100 * *std::max_element(ratios.begin(), ratios.end()), median(cached));
}

void report_prefill(const Options& options, const std::string& name, int64_t m, int64_t n,
                    measure::Arithmetic arithmetic,
                    const std::function<void(int64_t, int64_t, int)>& product) {
  const measure::PeakLoop& loop = measure::peak_loop(options.isa, arithmetic);
  std::vector<double> ratios, speeds;
  for (int pair = 0; pair < options.pairs; ++pair) {
    const double peak_time = timed(options.threads, [&](int) { loop.run(kPeakSteps); });
    const double most = options.threads * loop.per_step * kPeakSteps / peak_time / 1e9;
    const double time = timed(options.threads, [&](int t) {
      product(slice(n, options.threads, t), slice(n, options.threads, t + 1), t);
    });
    speeds.push_back(static_cast<double>(m * n * options.k) / time / 1e9);
    ratios.push_back(speeds.back() / most);
  }
  std::printf(
      "prefill %-14s m %lld n %lld k %lld threads %d: %6.1f GMAC/s, %3.0f %% of the %s peak"
      " (median of %d pairs)\n",
      name.c_str(), static_cast<long long>(m), static_cast<long long>(n),
      static_cast<long long>(options.k), options.threads, median(speeds), 100 * median(ratios),
      loop.name, options.pairs);
}

// On the unit for tiles, where there is one, with activations in one and in two parts.
void prefill_tiles(const Options& options, const QuantizedMatrix& w, const std::string& suffix,
                   int64_t m, const float* x, float* y) {
  const TileKernels* tiles = matmul_kernels(options.isa).tiles;
  if (!tiles) return;
  Memory<uint8_t> scratch(options.threads * static_cast<int64_t>(tiles->scratch_bytes));
  for (int parts : {1, 2}) {
    Memory<uint16_t> values(BFloat16Rows::count(m, w.k, parts));
    Memory<float> sums(BFloat16Rows::padded_rows(m) * w.k / w.group_size);
    const BFloat16Rows rows{values.data, sums.data, parts};
    tiles->round_rows(x, w.k, 0, m, w, rows);
    report_prefill(options, (parts == 1 ? "tiles" : "tiles, 2 parts") + suffix, m, w.n,
                   Arithmetic::kInt8, [&](int64_t from, int64_t to, int t) {
                     tiles->multiply(w, rows, m, from, to, y, w.n,
                                     scratch.data + t * tiles->scratch_bytes);
                   });
  }
}

void prefill(const Options& options) {
  const int64_t m = options.m ? options.m : 512, k = options.k, n = 512;
  const MatmulKernels& kernels = matmul_kernels(options.isa);
  Rows rows(m, k), pairs(m, k, 2);
  Memory<float> y(m * n);
  Scratch scratch(kernels, k, options.threads);
  for (int bits : {2, 3, 4, 5, 6, 8}) {
    if (options.bits && bits != options.bits) continue;
    const Weights weights(options, bits, n, k);
    const QuantizedMatrix& w = weights.view;
    std::string suffix = " ";
    suffix += std::to_string(bits) + " bits";
    if (!weights.affine()) suffix = std::string(" ") + format_name(options.format);
    if (!has_int8_products(w)) {
      report_prefill(options, "float32" + suffix, m, n, Arithmetic::kFloat32,
                     [&](int64_t from, int64_t to, int t) {
                       kernels.qmm_exact(w, rows.x.data, m, from, to, y.data, n, Family::kPrefill,
                                         scratch.of(t));
                     });
      prefill_tiles(options, w, suffix, m, rows.x.data, y.data);
      continue;
    }
    const auto bytes = static_cast<int64_t>(kernels.arranged_bytes(w, Family::kPrefill));
    const Memory<uint8_t> arranged(3 * m * bytes);
    uint8_t* free = arranged.data;
    for (Rows* all : {&rows, &pairs}) {
      const int64_t count = m * all->view.parts;
      kernels.quantize_rows(all->x.data, k, 0, m, w, Family::kPrefill, all->view);
      all->view.arranged = bytes > 0 ? free : nullptr;
      kernels.arrange_rows(w, Family::kPrefill, all->view, count, 0, count);
      free += count * bytes;
    }
    report_prefill(
        options, "fast" + suffix, m, n, Arithmetic::kInt8, [&](int64_t from, int64_t to, int t) {
          kernels.qmm_fast(w, rows.view, m, from, to, y.data, n, Family::kPrefill, scratch.of(t));
        });
    prefill_tiles(options, w, suffix, m, rows.x.data, y.data);
    report_prefill(options, "exact" + suffix, m, n, Arithmetic::kBFloat16,
                   [&](int64_t from, int64_t to, int t) {
                     kernels.qmm_fast(w, pairs.view, m, from, to, y.data, n, Family::kPrefill,
                                      scratch.of(t));
                   });
  }
  if (options.bits) return;
  Memory<uint16_t> dense16(n * k);
  Memory<float> dense32(n * k);
  auto dense = [&](const char* name, const DenseMatrix& w) {
    const bool narrow = w.type == FloatType::kBFloat16;
    const Arithmetic arithmetic = narrow ? Arithmetic::kBFloat16 : Arithmetic::kFloat32;
    report_prefill(options, name, m, n, arithmetic, [&](int64_t from, int64_t to, int t) {
      kernels.dense(w, rows.x.data, k, m, from, to, y.data, n, Family::kPrefill, scratch.of(t));
    });
  };
  dense("dense bf16", {dense16.data, FloatType::kBFloat16, n, k, k, 1});
  dense("dense f16", {dense16.data, FloatType::kFloat16, n, k, k, 1});
  dense("dense f32", {dense32.data, FloatType::kFloat32, n, k, k, 1});
  dense("dense f32, T", {dense32.data, FloatType::kFloat32, n, k, 1, n});
}

struct Mode {
  WeightFormat format;
  int bits, group;
};

bool parse(int count, char** arguments, Options& options) {
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    if (name == "decode" || name == "prefill") {
      options.what = name;
      continue;
    }
    if (i + 1 == count) return false;
    const char* value = arguments[++i];
    if (name == "--isa") {
      for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAmx}) {
        if (std::string(value) == isa_name(isa)) options.isa = isa;
      }
    } else if (name == "--threads") {
      options.threads = std::atoi(value);
    } else if (name == "--bits") {
      options.bits = std::atoi(value);
    } else if (name == "--group") {
      options.group = std::atoi(value);
    } else if (name == "--mode") {
      constexpr Mode kModes[] = {{WeightFormat::kMxfp4, 4, 32},
                                 {WeightFormat::kMxfp8, 8, 32},
                                 {WeightFormat::kNvfp4, 4, 16}};
      for (const Mode& mode : kModes) {
        if (std::string(value) != format_name(mode.format)) continue;
        options.format = mode.format;
        options.bits = mode.bits;
        options.group = mode.group;
      }
    } else if (name == "--k") {
      options.k = std::atoll(value);
    } else if (name == "--m") {
      options.m = std::atoll(value);
    } else if (name == "--pairs") {
      options.pairs = std::atoi(value);
    } else if (name == "--megabytes") {
      options.megabytes = std::atoll(value);
    } else {
      return false;
    }
  }
  return isa_supported(options.isa);
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  if (!parse(count, arguments, options)) {
    std::fprintf(stderr,
                 "matmul_bench: unknown option, or an instruction set this machine lacks\n");
    return 2;
  }
  std::printf("%s on %s\n", isa_name(options.isa), std::string(cpu_name()).c_str());
  if (options.what == "prefill") {
    prefill(options);
    return 0;
  }
  const std::pair<const char*, FloatType> types[] = {
      {"bf16", FloatType::kBFloat16}, {"f16", FloatType::kFloat16}, {"f32", FloatType::kFloat32}};
  for (const auto& [name, type] : types) {
    if (!options.bits || options.bits == 16) decode_dense(options, name, type);
  }
  for (int bits : {2, 3, 4, 5, 6, 8}) {
    if (options.bits && bits != options.bits) continue;
    for (bool fast : {true, false}) {
      const bool two_int8_parts = options.format == WeightFormat::kAffine;
      if (!fast && !two_int8_parts && options.format != WeightFormat::kMxfp8) break;
      decode(options, bits, fast);
      decode_cached(options, bits, fast);
    }
  }
}
