#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include "mlxa/error.h"
#include "mlxa/measure.h"

#include "array/backend.h"
#include "base/limits.h"
#include "measure/accounting.h"
#include "measure/held_memory.h"
#include "measure/random_model.h"
#include "measure/shapes.h"
#include "measure/statistics.h"
#include "runtime/sampler.h"
#include "runtime/steps.h"

namespace mlxa {
namespace {

using namespace measure;
using Clock = std::chrono::steady_clock;

constexpr int kMostTokens = 1 << 20;
constexpr int kMostBatch = 1024;
constexpr int kFewestSteps = 3;  // heap allocations count from the third one on

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

[[noreturn]] void refuse(const std::string& what, const std::string& remedy) {
  throw Error(ErrorCode::kInvalidArgument, "[bench] " + what, remedy);
}

void check_each(const char* name, const std::vector<int>& values, int low, int high) {
  for (int value : values) {
    if (value >= low && value <= high) continue;
    refuse(std::string(name) + " of " + std::to_string(value) + ", expected " +
               std::to_string(low) + " to " + std::to_string(high),
           "Choose a value in that range.");
  }
}

void check_options(const BenchOptions& options) {
  check_each("a prompt", options.prompts, 1, kMostTokens);
  check_each("an answer", options.tokens, 1, kMostTokens);
  check_each("a batch", options.batches, 1, kMostBatch);
  check_each("a context", options.contexts, 0, kMostTokens);
  check_each("a number of pairs", {options.pairs}, 1, 10000);
  nn::check_kv_bits(options.exact, options.kv_bits);
  if (options.prompts.empty() && options.tokens.empty()) {
    refuse("nothing to measure", "Ask for a prompt or for tokens.");
  }
}

WeightFormat format_of(const BenchOptions& options) {
  const QuantMode mode = mode_named(options.mode).value_or(QuantMode::kAffine);
  for (const Dtype& type : {float32, float16, bfloat16}) {
    if (options.dtype == dtype_name(type)) {
      return {options.mode, options.bits.value_or(default_bits(mode)),
              options.group_size.value_or(default_group_size(mode)), type};
    }
  }
  refuse("no weights have the type " + options.dtype, "Choose float32, float16 or bfloat16.");
}

void check_length(const char* what, int64_t length, int context) {
  if (length <= context) return;
  refuse(std::string(what) + " of " + std::to_string(length) + " tokens, the model's context has " +
             std::to_string(context),
         "Ask for fewer tokens.");
}

void check_lengths(const BenchOptions& options, int context) {
  for (int length : options.prompts) check_length("a prompt", length, context);
  for (int start : options.contexts) {
    for (int tokens : options.tokens) {
      check_length("context and answer", int64_t{start} + tokens, context);
    }
  }
}

double probe_bytes(const BenchOptions& options) {
  return options.tokens.empty() ? 0 : static_cast<double>(ReadProbe::kBytes);
}

models::LoadedModel load(const BenchOptions& options, size_t budget) {
  if (options.model.empty()) {  // sizes are known before gigabytes are filled
    const models::Config config(shape_config(options.shape), options.shape);
    check_lengths(options, models::decoder_sizes(config).context);
    const WeightFormat format = format_of(options);
    const auto bytes = static_cast<double>(random_model_bytes(options.shape, format));
    check_memory({bytes, 0, probe_bytes(options)}, budget);
    return random_model(options.shape, format);
  }
  models::LoadedModel loaded = models::load_model(options.model);
  check_lengths(options, loaded.model->context_length());
  return loaded;
}

// Positions of a pool for `batch` sequences.
int64_t pool_positions(int batch, int64_t each) {
  constexpr int64_t kBlock = nn::KVPool::kBlockSize;
  return batch * ((each + kBlock - 1) / kBlock * kBlock);
}

int64_t decode_positions(int tokens, int batch, int context) {
  return pool_positions(batch, int64_t{context} + std::max(tokens, kFewestSteps));
}

// The state of one run of the measuring.
class Bench {
 public:
  explicit Bench(const BenchOptions& options)
      : options_(options),
        loaded_(load(options, budget_)),
        traffic_(weight_traffic(loaded_.weights)),
        kv_(model().kv_shape()),
        // Keys and values have the type of the weights' values.
        peak_(
            &peak_loop(active_isa(), product_arithmetic(traffic_.mode, options.exact, kv_.dtype))) {
    kv_ = kv_.stored(options.exact, options.kv_bits);
  }

  BenchReport run() {
    BenchReport report = describe();
    check_rows();
    if (!options_.tokens.empty()) {
      progress("filling memory for the read probe");
      read_ = std::make_unique<ReadProbe>();
    }
    for (int length : options_.prompts) report.rows.push_back(prefill(length));
    for (int start : options_.contexts) {
      for (int batch : options_.batches) {
        for (int tokens : options_.tokens) report.rows.push_back(decode(tokens, batch, start));
      }
    }
    return report;
  }

 private:
  const models::LanguageModel& model() const { return *loaded_.model; }
  Precision precision() const { return options_.exact ? Precision::kExact : Precision::kFast; }

  void progress(const std::string& words) const {
    if (options_.on_progress) options_.on_progress(words);
  }

  // Whatever does not fit is told before minutes are spent on what does.
  void check_rows() const {
    int64_t positions = 0;
    for (int length : options_.prompts) positions = std::max(positions, pool_positions(1, length));
    for (int start : options_.contexts) {
      for (int batch : options_.batches) {
        for (int tokens : options_.tokens) {
          positions = std::max(positions, decode_positions(tokens, batch, start));
        }
      }
    }
    check_memory({static_cast<double>(loaded_.weight_bytes),
                  static_cast<double>(positions) * static_cast<double>(kv_.bytes_per_position()),
                  probe_bytes(options_)},
                 budget_);
  }

  BenchReport describe() const {
    BenchReport report;
    report.model = options_.model.empty() ? options_.shape : options_.model.string();
    report.architecture = loaded_.architecture;
    report.weights = options_.model.empty() ? format_text(format_of(options_)) : stored();
    report.parameters = loaded_.parameters;
    report.weight_bytes = loaded_.weight_bytes;
    report.kv_bytes_per_token = static_cast<int64_t>(kv_.bytes_per_position());
    report.kv_bits = options_.kv_bits;
    report.exact = options_.exact;
    return report;
  }

  std::string stored() const {
    const double bits =
        8.0 * static_cast<double>(loaded_.weight_bytes) / static_cast<double>(loaded_.parameters);
    char text[64];
    std::snprintf(text, sizeof text, "as stored, %.2f bits a weight", bits);
    return text;
  }

  // A share of each probe for work of so many units, and the row's speed.
  void finish(BenchRow& row, const Pairs& pairs, double tokens, std::vector<ProbeShare> shares) {
    const auto rates = [](double amount, const std::vector<double>& seconds) {
      std::vector<double> out = seconds;
      for (double& one : out) one = amount / one;
      return out;
    };
    row.pairs = static_cast<int>(pairs.seconds.size());
    row.dropped = static_cast<int>(pairs.dropped_seconds.size());
    const bool none = pairs.seconds.empty();
    row.tokens_per_second = spread_of(rates(tokens, none ? pairs.dropped_seconds : pairs.seconds));
    for (size_t i = 0; i < shares.size() && !none; i++) {
      std::vector<double> values = rates(shares[i].work, pairs.seconds);
      shares[i].work_rate = spread_of(values);
      shares[i].probe_rate = spread_of(pairs.probes[i]);
      for (size_t j = 0; j < values.size(); j++) values[j] /= pairs.probes[i][j];
      shares[i].share = spread_of(std::move(values));
      row.shares.push_back(std::move(shares[i]));
    }
  }

  Probe read_probe() const {
    return [probe = read_.get()] { return probe->run(); };
  }
  Probe peak_probe() const {
    return [loop = peak_] { return run_peak(*loop); };
  }

  // Counts pairs for the progress line.
  Pairs measure(const std::string& name, const std::vector<Probe>& probes,
                const std::function<double()>& work) {
    int pair = 0;
    const auto counted = [&] {
      progress(name + ", pair " + std::to_string(++pair));
      return work();
    };
    progress(name + ", warming up");
    work();
    return measure_pairs(options_.pairs, probes, counted);
  }

  std::vector<int32_t> random_prompt(int length) const {
    std::vector<int32_t> out(static_cast<size_t>(length));
    uint32_t state = 1;
    for (int32_t& id : out) {
      state = state * 1664525u + 1013904223u;
      id = static_cast<int32_t>((state >> 8) % static_cast<uint32_t>(model().vocab_size()));
    }
    return out;
  }

  BenchRow prefill(int length) {
    const auto pool = std::make_shared<nn::KVPool>(kv_, pool_positions(1, length));
    nn::KVSequence sequence(pool);
    const std::vector<int32_t> prompt = random_prompt(length);
    const auto work = [&] {
      const auto begin = Clock::now();
      sequence.trim(0);
      sequence.reserve(length);
      constexpr size_t kChunk = 512;  // the engine's default
      for (size_t done = 0; done < prompt.size(); done += kChunk) {
        const size_t count = std::min(kChunk, prompt.size() - done);
        const bool last = done + count == prompt.size();
        runtime::prefill_step(model(), *pool, sequence, std::span(prompt).subspan(done, count),
                              precision(), last);
      }
      return seconds_since(begin);
    };
    BenchRow row;
    row.kind = "prefill";
    row.tokens = length;
    row.multiply_adds_per_token = static_cast<double>(traffic_.body_macs);
    const double adds =
        row.multiply_adds_per_token * length + static_cast<double>(traffic_.head_macs);
    const Pairs pairs = measure("prefill " + std::to_string(length), {peak_probe()}, work);
    finish(row, pairs, length, {{peak_->name, "multiply-adds/s", adds, {}, {}, {}}});
    return row;
  }

  BenchRow decode(int tokens, int batch, int context);

  const BenchOptions& options_;
  const size_t budget_ = memory_budget();  // before anything is taken
  models::LoadedModel loaded_;
  WeightTraffic traffic_;
  nn::KVShape kv_;
  const PeakLoop* peak_;
  std::unique_ptr<ReadProbe> read_;
};

// Sequences that decode together, each choosing its likeliest token.
class DecodeRun {
 public:
  DecodeRun(const models::LanguageModel& model, const std::shared_ptr<nn::KVPool>& pool,
            Precision precision, int batch, int context, int most_tokens)
      : context_(context),
        step_(model, *pool, precision, batch),
        vocab_(static_cast<size_t>(model.vocab_size())),
        next_(array::uninitialized({batch, 1}, int32)) {
    GenerateParameters greedy;
    greedy.max_tokens = most_tokens;
    for (int i = 0; i < batch; i++) {
      sequences_.emplace_back(pool);
      fill_context(*pool, sequences_.back(), context);
      samplers_.emplace_back(greedy);
      next_.data<int32_t>()[i] = i % static_cast<int>(vocab_);
    }
    for (nn::KVSequence& sequence : sequences_) pointers_.push_back(&sequence);
  }

  void rewind() {
    for (nn::KVSequence& sequence : sequences_) sequence.trim(context_);
  }

  void step(double* kernel_seconds = nullptr) {
    for (nn::KVSequence& sequence : sequences_) sequence.reserve(1);
    const float* logits = step_.run(next_, pointers_, kernel_seconds).data<float>();
    for (size_t i = 0; i < samplers_.size(); i++) {
      next_.data<int32_t>()[i] = samplers_[i].choose({logits + i * vocab_, vocab_});
    }
  }

  double timed(int tokens) {
    rewind();
    const auto begin = Clock::now();
    for (int i = 0; i < tokens; i++) step();
    return seconds_since(begin);
  }

 private:
  int context_;
  runtime::DecodeStep step_;
  size_t vocab_;
  array next_;
  std::vector<nn::KVSequence> sequences_;
  std::vector<nn::KVSequence*> pointers_;
  std::vector<runtime::Sampler> samplers_;
};

BenchRow Bench::decode(int tokens, int batch, int context) {
  const std::string name = "decode " + std::to_string(tokens) + " x " + std::to_string(batch) +
                           " after " + std::to_string(context);
  const int most = std::max(tokens, kFewestSteps);
  const auto pool = std::make_shared<nn::KVPool>(kv_, decode_positions(tokens, batch, context));
  progress(name + ", filling the caches");
  DecodeRun run(model(), pool, precision(), batch, context, (2 * options_.pairs + 8) * most);

  BenchRow row;
  row.kind = "decode";
  row.tokens = tokens;
  row.batch = batch;
  row.context = context;
  for (int i = 0; i < tokens; i++) {
    row.kv_bytes_per_step +=
        static_cast<double>(batch * kv_bytes_at(loaded_.config, kv_, int64_t{context} + i)) /
        tokens;
  }
  row.multiply_adds_per_token = static_cast<double>(traffic_.body_macs);
  const double adds =
      double(tokens) * batch * static_cast<double>(traffic_.body_macs + traffic_.head_macs);
  std::vector<Probe> probes{read_probe()};
  std::vector<ProbeShare> shares{{"read", "bytes/s", 0, {}, {}, {}}};
  if (batch > 1) {
    probes.push_back(peak_probe());
    shares.push_back({peak_->name, "multiply-adds/s", adds, {}, {}, {}});
  }
  // Sequences may choose the same experts: what they read together is counted.
  const uint64_t chosen_before = chosen_bytes();
  int64_t steps = 0;
  const Pairs pairs = measure(name, probes, [&] {
    steps += tokens;
    return run.timed(tokens);
  });
  row.weight_bytes_per_step =
      static_cast<double>(traffic_.decode_bytes - traffic_.chosen_bytes) +
      static_cast<double>(chosen_bytes() - chosen_before) / static_cast<double>(steps);
  shares[0].work = tokens * (row.weight_bytes_per_step + row.kv_bytes_per_step);
  finish(row, pairs, double(tokens) * batch, std::move(shares));

  // Apart from the pairs, since reading the clock around every kernel takes time itself.
  progress(name + ", looking outside the kernels");
  std::vector<double> outside;
  for (int i = 0; i < 3; i++) {
    double inside = 0;
    run.rewind();
    const auto begin = Clock::now();
    for (int j = 0; j < tokens; j++) run.step(&inside);
    const double all = seconds_since(begin);
    outside.push_back((all - inside) / all);
  }
  row.outside_kernels = spread_of(outside).median;
  if (options_.heap_allocations) {
    run.rewind();
    run.step();
    run.step();
    const uint64_t before = options_.heap_allocations();
    for (int i = 2; i < most; i++) run.step();
    row.allocations_per_step =
        static_cast<double>(options_.heap_allocations() - before) / (most - 2);
  }
  return row;
}

}  // namespace

std::vector<std::string> bench_shapes() { return measure::shape_names(); }

BenchReport run_bench(const BenchOptions& options) {
  check_options(options);
  return Bench(options).run();
}

}  // namespace mlxa
