// Speed of decode attention against what the machine gives at the same moment: one position's query
// heads over caches that lie in memory, as the engine runs it, against reading as many bytes.
// Attention and read alternate, and the median of their ratios is reported. Then the same over few
// keys that stay in the cache: what the instructions allow, and what a call costs.
//
//   attention_bench [--dim D] [--group G] [--kv-heads H] [--ctx N] [--type f32|f16|bf16|8|4]
//                   [--threads N] [--pairs P] [--megabytes MB]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "mlxa/ops.h"

#include "array/compute_mode.h"
#include "array/fast/engine_ops.h"
#include "array/plan.h"
#include "base/cpu_features.h"
#include "base/thread_pool.h"
#include "measure/probes.h"

namespace {

using namespace mlxa;

constexpr int kBlockSize = 128;

struct Options {
  int dim = 64, group = 4, kv_heads = 8, ctx = 4096, threads = 2, pairs = 9;
  int64_t megabytes = 512;
  std::string type = "f16";

  KVFormat format() const {
    if (type != "8" && type != "4") return {};
    return {type == "8" ? 8 : 4, dim % 64 == 0 ? 64 : 32};
  }
  Dtype dtype() const {
    return format().bits ? uint8 : type == "f32" ? float32 : type == "bf16" ? bfloat16 : float16;
  }
  int64_t bytes_per_key() const {  // of one layer, all heads
    return int64_t{2} * kv_heads * format().row_elements(dim) *
           static_cast<int64_t>(size_of(dtype()));
  }
  static size_t size_of(Dtype dtype) { return dtype.size(); }
};

double seconds(const auto& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Every byte once, by all threads, in pieces of 64 KiB.
void read_all(const std::vector<array>& storages) {
  constexpr int64_t kPiece = 1 << 16;
  for (const array& a : storages) {
    const auto* data = a.data<std::byte>();
    const auto pieces = static_cast<int64_t>(a.nbytes()) / kPiece;
    ThreadPool::instance().run(
        pieces, [&](int64_t piece) { measure::read_bytes(data + piece * kPiece, kPiece); });
  }
}

// The caches of some layers, and a plan that attends to all of them, `times` each.
class Layers {
 public:
  Layers(const Options& options, int ctx, int layers, int times) {
    const int blocks = (ctx + kBlockSize - 1) / kBlockSize;
    std::vector<int32_t> table(static_cast<size_t>(blocks));
    for (int i = 0; i < blocks; i++) table[static_cast<size_t>(i)] = i;
    const array blocks_of(table.begin(), {1, blocks}, int32);
    const std::vector<int32_t> last{ctx - 1};
    const array offset(last.begin(), {1}, int32);
    const array q = random({1, options.kv_heads * options.group, 1, options.dim});
    const ComputeScope scope({Precision::kFast, Phase::kDecode});
    std::vector<array> outputs;
    for (int layer = 0; layer < layers; layer++) {
      const array keys = storage(options, blocks), values = storage(options, blocks);
      for (int i = 0; i < times; i++) {  // of different scales, so that none is another's copy
        const AttentionParams params{
            0.1f + 0.001f * static_cast<float>(i), true, 0, false, false, options.format()};
        outputs.push_back(fast::paged_attention(q, keys, values, blocks_of, offset, params));
      }
    }
    plan_ = std::make_unique<Plan>(std::move(outputs));
    plan_->run();
  }

  void run() { plan_->run(); }
  const std::vector<array>& storages() const { return storages_; }

 private:
  array random(const Shape& shape) {
    array out = array::uninitialized(shape, float32);
    std::normal_distribution<float> normal;
    for (size_t i = 0; i < out.size(); i++) out.data<float>()[i] = normal(engine_);
    return out;
  }

  // One block of random values, in every block.
  array storage(const Options& options, int blocks) {
    const KVFormat format = options.format();
    array out = fast::kv_storage(
        {blocks, options.kv_heads, kBlockSize, format.row_elements(options.dim)}, options.dtype());
    const std::vector<int32_t> zero{0};
    const array first(zero.begin(), {1, 1}, int32), offset(zero.begin(), {1}, int32);
    const array values = random({1, options.kv_heads, kBlockSize, options.dim});
    out = fast::kv_append(out, values, first, offset, format);
    out.eval();
    const size_t bytes = out.nbytes() / static_cast<size_t>(blocks);
    for (int block = 1; block < blocks; block++) {
      std::memcpy(out.data<std::byte>() + static_cast<size_t>(block) * bytes, out.data<std::byte>(),
                  bytes);
    }
    storages_.push_back(out);
    return out;
  }

  std::mt19937 engine_{7};
  std::vector<array> storages_;
  std::unique_ptr<Plan> plan_;
};

void in_memory(const Options& options) {
  const int64_t layer_bytes = options.ctx * options.bytes_per_key();
  const int layers =
      static_cast<int>(std::max<int64_t>(1, (options.megabytes << 20) / layer_bytes));
  Layers all(options, options.ctx, layers, 1);
  const double bytes = static_cast<double>(layers) * static_cast<double>(layer_bytes);
  double read_bytes = 0;
  for (const array& a : all.storages()) read_bytes += static_cast<double>(a.nbytes());
  std::vector<double> ratios, speeds;
  double before = read_bytes / seconds([&] { read_all(all.storages()); });
  for (int pair = 0; pair < options.pairs; pair++) {
    speeds.push_back(bytes / seconds([&] { all.run(); }) / 1e9);
    const double after = read_bytes / seconds([&] { read_all(all.storages()); });
    ratios.push_back(speeds.back() * 1e9 / ((before + after) / 2));
    before = after;
  }
  std::printf(
      "%d keys in memory: %5.1f GB/s, %3.0f %% of read (median of %d pairs; %.0f to %.0f), %.0f us "
      "a layer\n",
      options.ctx, median(speeds), 100 * median(ratios), options.pairs,
      100 * *std::min_element(ratios.begin(), ratios.end()),
      100 * *std::max_element(ratios.begin(), ratios.end()),
      static_cast<double>(layer_bytes) / median(speeds) / 1e3);
}

void in_cache(const Options& options, int keys) {
  constexpr int kTimes = 64;
  Layers layer(options, keys, 1, kTimes);
  std::vector<double> times;
  for (int i = 0; i < 4 * options.pairs; i++)
    times.push_back(seconds([&] { layer.run(); }) / kTimes);
  const double least = *std::min_element(times.begin(), times.end());
  const double bytes = static_cast<double>(keys * options.bytes_per_key());
  std::printf("%d keys in cache: %6.2f us a layer, at best %.2f; %.1f GB/s at best\n", keys,
              median(times) * 1e6, least * 1e6, bytes / least / 1e9);
}

bool parse(int count, char** arguments, Options& options) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = arguments[i], value = arguments[i + 1];
    const int number = std::atoi(value.c_str());
    if (name == "--type") {
      options.type = value;
      if (value != "f32" && value != "f16" && value != "bf16" && value != "8" && value != "4")
        return false;
      continue;
    }
    if (number < 1) return false;
    if (name == "--dim") {
      options.dim = number;
    } else if (name == "--group") {
      options.group = number;
    } else if (name == "--kv-heads") {
      options.kv_heads = number;
    } else if (name == "--ctx") {
      options.ctx = number;
    } else if (name == "--threads") {
      options.threads = number;
    } else if (name == "--pairs") {
      options.pairs = number;
    } else if (name == "--megabytes") {
      options.megabytes = number;
    } else {
      return false;
    }
  }
  return count % 2 == 1 && (options.format().bits == 0 || options.dim % 32 == 0);
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  if (!parse(count, arguments, options)) {
    std::fprintf(stderr, "attention_bench: unknown option, or a value out of range\n");
    return 2;
  }
  ThreadPool::instance().set_threads(options.threads);
  std::printf("%s on %s: %d key heads of %d, %d queries each, %s, %d threads\n",
              isa_name(active_isa()), std::string(cpu_name()).c_str(), options.kv_heads,
              options.dim, options.group, options.type.c_str(), options.threads);
  for (int keys : {16, 128, 512}) in_cache(options, keys);
  in_memory(options);
}
