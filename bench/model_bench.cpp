// Speed of a whole model of a known shape with random weights, against reading memory at the same
// moment: every decode run stands between two read probes, and the ratio of bytes per second is
// reported, since shared hosts vary from minute to minute.
//
//   model_bench [--shape 1b|360m|tiny] [--bits B] [--group G] [--prompt N] [--tokens N] [--pairs P]
//               [--threads N] [--exact]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <sys/mman.h>

#include "mlxa/system.h"

#include "base/thread_pool.h"
#include "models/registry.h"
#include "runtime/steps.h"

namespace {

using namespace mlxa;

struct ModelShape {
  const char* name;
  int hidden, layers, heads, kv_heads, head_dim, intermediate, vocab;
};

// Llama-3.2-1B and SmolLM2-360M as published; tiny is for trying the program out.
constexpr ModelShape kShapes[] = {
    {"1b", 2048, 16, 32, 8, 64, 8192, 128256},
    {"360m", 960, 32, 15, 5, 64, 2560, 49152},
    {"tiny", 256, 4, 4, 2, 64, 1024, 4096},
};

struct Options {
  std::string shape = "1b";
  int bits = 4, group = 64, prompt = 512, tokens = 24, pairs = 9, threads = 0;
  bool exact = false;
};

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class RandomTensors {
 public:
  std::unordered_map<std::string, array> tensors;
  int64_t bytes = 0;

  void ones(const std::string& name, int size) {
    array a = array::uninitialized({size}, bfloat16);
    std::fill_n(a.data<bfloat16_t>(), size, bfloat16_t(1.0f));
    tensors.emplace(name, a);
  }

  void quantized(const std::string& path, int out, int in, const Options& options) {
    array w = array::uninitialized({out, in * options.bits / 32}, uint32);
    for (size_t i = 0; i < w.size(); i++) w.data<uint32_t>()[i] = static_cast<uint32_t>(next());
    const float scale = 2.0f / static_cast<float>((1 << options.bits) - 1) /
                        std::sqrt(static_cast<float>(in) / 3.0f);
    array s = array::uninitialized({out, in / options.group}, bfloat16);
    array b = array::uninitialized({out, in / options.group}, bfloat16);
    std::fill_n(s.data<bfloat16_t>(), s.size(), bfloat16_t(scale));
    std::fill_n(b.data<bfloat16_t>(), b.size(),
                bfloat16_t(-scale * static_cast<float>((1 << options.bits) - 1) / 2.0f));
    bytes += static_cast<int64_t>(w.nbytes() + s.nbytes() + b.nbytes());
    tensors.emplace(path + ".weight", w);
    tensors.emplace(path + ".scales", s);
    tensors.emplace(path + ".biases", b);
  }

 private:
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    return state_ ^= state_ << 17;
  }
  uint64_t state_ = 88172645463325252ull;
};

std::unique_ptr<models::LanguageModel> make_model(const ModelShape& s, const Options& options,
                                                  int64_t& bytes) {
  RandomTensors random;
  random.quantized("model.embed_tokens", s.vocab, s.hidden, options);
  random.ones("model.norm.weight", s.hidden);
  for (int i = 0; i < s.layers; i++) {
    const std::string layer = "model.layers." + std::to_string(i);
    random.ones(layer + ".input_layernorm.weight", s.hidden);
    random.ones(layer + ".post_attention_layernorm.weight", s.hidden);
    const int q = s.heads * s.head_dim, kv = s.kv_heads * s.head_dim;
    random.quantized(layer + ".self_attn.q_proj", q, s.hidden, options);
    random.quantized(layer + ".self_attn.k_proj", kv, s.hidden, options);
    random.quantized(layer + ".self_attn.v_proj", kv, s.hidden, options);
    random.quantized(layer + ".self_attn.o_proj", s.hidden, q, options);
    random.quantized(layer + ".mlp.gate_proj", s.intermediate, s.hidden, options);
    random.quantized(layer + ".mlp.up_proj", s.intermediate, s.hidden, options);
    random.quantized(layer + ".mlp.down_proj", s.hidden, s.intermediate, options);
  }
  bytes = random.bytes;  // tied: the head reads the embedding's bytes
  nlohmann::json json = {{"model_type", "llama"},
                         {"hidden_size", s.hidden},
                         {"num_hidden_layers", s.layers},
                         {"num_attention_heads", s.heads},
                         {"num_key_value_heads", s.kv_heads},
                         {"head_dim", s.head_dim},
                         {"intermediate_size", s.intermediate},
                         {"vocab_size", s.vocab},
                         {"max_position_embeddings", 8192}};
  nn::Weights weights(std::move(random.tensors));
  return models::make_llama(models::Config(json, "bench"), weights);
}

// Bytes per second of reading memory that no cache holds, on the pool's threads.
double read_probe() {
  constexpr size_t kBytes = size_t{1} << 30;
  static char* memory = [] {
    auto* p = static_cast<char*>(std::aligned_alloc(size_t{1} << 21, kBytes));
    madvise(p, kBytes, MADV_HUGEPAGE);
    std::memset(p, 1, kBytes);
    return p;
  }();
  constexpr int64_t kPieces = 64;
  std::vector<uint64_t> sums(kPieces);
  const auto start = Clock::now();
  ThreadPool::instance().run(kPieces, [&](int64_t piece) {
    const auto* p =
        reinterpret_cast<const uint64_t*>(memory + kBytes / kPieces * static_cast<size_t>(piece));
    constexpr size_t kWords = kBytes / kPieces / 8;
    uint64_t lanes[16] = {};
    for (size_t i = 0; i < kWords; i += 16) {
      __builtin_prefetch(p + i + 512);
      __builtin_prefetch(p + i + 520);
      for (size_t j = 0; j < 16; j++) lanes[j] ^= p[i + j];
    }
    for (uint64_t lane : lanes) sums[static_cast<size_t>(piece)] ^= lane;
  });
  const double seconds = seconds_since(start);
  volatile uint64_t sink = 0;
  for (uint64_t sum : sums) sink = sink ^ sum;
  return static_cast<double>(kBytes) / seconds;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int run(const Options& options) {
  const auto* shape = std::find_if(std::begin(kShapes), std::end(kShapes),
                                   [&](const ModelShape& s) { return options.shape == s.name; });
  if (shape == std::end(kShapes)) {
    std::fprintf(stderr, "no such shape: %s\n", options.shape.c_str());
    return 2;
  }
  if (options.threads > 0) set_threads(options.threads);
  int64_t bytes = 0;
  const auto model = make_model(*shape, options, bytes);
  auto pool = std::make_shared<nn::KVPool>(model->kv_shape(), 4096);
  const Precision precision = options.exact ? Precision::kExact : Precision::kFast;

  nn::KVSequence sequence(pool);
  std::vector<int32_t> prompt(static_cast<size_t>(options.prompt));
  for (size_t i = 0; i < prompt.size(); i++) prompt[i] = static_cast<int32_t>(i * 37 % 4000);
  std::vector<double> prefill;
  for (int i = 0; i < 3; i++) {
    sequence.trim(0);
    sequence.reserve(options.prompt);
    const auto start = Clock::now();
    runtime::prefill_step(*model, *pool, sequence, prompt, precision, true);
    prefill.push_back(options.prompt / seconds_since(start));
  }

  sequence.trim(16);
  runtime::DecodeStep decode(*model, *pool, precision);
  const array token(int32_t{7});
  const array one = reshape(token, {1, 1});
  one.eval();
  std::vector<double> speeds, ratios, reads;
  int dropped = 0;
  for (int pair = 0; pair < options.pairs + 1; pair++) {
    const double before = read_probe();
    sequence.trim(16);
    sequence.reserve(options.tokens + 1);
    decode.run(one, sequence);  // warm
    const auto start = Clock::now();
    for (int i = 0; i < options.tokens; i++) decode.run(one, sequence);
    const double speed = options.tokens / seconds_since(start);
    const double after = read_probe();
    if (pair == 0) continue;
    if (std::abs(before - after) > 0.1 * std::max(before, after)) {
      dropped++;
      continue;
    }
    speeds.push_back(speed);
    reads.push_back((before + after) / 2);
    ratios.push_back(speed * static_cast<double>(bytes) / reads.back());
  }
  std::printf("%s, %d bits, group %d, %s, %s, %d threads, %.0f MB of weights\n", shape->name,
              options.bits, options.group, options.exact ? "exact" : "fast",
              system_info().isa.c_str(), system_info().threads, static_cast<double>(bytes) / 1e6);
  std::printf("prefill %d: median %.1f tokens/s of 3 runs\n", options.prompt, median(prefill));
  if (ratios.empty()) {
    std::printf("decode: every pair had read probes that differ by more than 10 %%; run again\n");
    return 1;
  }
  std::printf(
      "decode: median %.1f tokens/s, read %.1f GB/s, %.0f %% of it (%zu pairs, %d dropped)\n",
      median(speeds), median(reads) / 1e9, 100 * median(ratios), ratios.size(), dropped);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i++) {
    const std::string name = argv[i];
    if (name == "--exact") {
      options.exact = true;
      continue;
    }
    const char* value = i + 1 < argc ? argv[++i] : "";
    if (name == "--shape")
      options.shape = value;
    else if (name == "--bits")
      options.bits = std::atoi(value);
    else if (name == "--group")
      options.group = std::atoi(value);
    else if (name == "--prompt")
      options.prompt = std::atoi(value);
    else if (name == "--tokens")
      options.tokens = std::atoi(value);
    else if (name == "--pairs")
      options.pairs = std::atoi(value);
    else if (name == "--threads")
      options.threads = std::atoi(value);
    else {
      std::fprintf(stderr, "unknown option %s\n", name.c_str());
      return 2;
    }
  }
  return run(options);
}
