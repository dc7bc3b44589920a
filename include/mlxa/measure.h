// How fast a model runs, as a share of what the machine gives at the same moment.
//
//   mlxa::BenchOptions options;
//   options.shape = "1b";
//   for (const mlxa::BenchRow& row : mlxa::run_bench(options).rows) { ... }
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlxa {

/// What to measure, and how. Every combination of a decode length, a batch and a context is a row.
struct BenchOptions {
  /// A model directory; empty: random weights of `shape`, which need no file.
  std::filesystem::path model;
  std::string shape = "1b";  ///< One of bench_shapes().
  /// How the random matrices are stored: "affine", "mxfp4", "mxfp8", "nvfp4" or "dense".
  std::string mode = "affine";
  std::optional<int> bits;  ///< Of a quantized weight; else the mode's own, of affine 4.
  /// Quantized weights that share a scale; else the mode's own number, of affine 64.
  std::optional<int> group_size;
  /// Of dense weights, affine scales and norms: float32, float16, bfloat16.
  std::string dtype = "bfloat16";
  std::vector<int> prompts;        ///< Lengths of prefill rows, tokens.
  std::vector<int> tokens;         ///< Lengths of decode rows, tokens of each sequence.
  std::vector<int> batches = {1};  ///< Sequences that decode at once.
  /// Positions that the caches hold before a decode row: random keys and values.
  std::vector<int> contexts = {kShortContext};
  bool exact = false;  ///< As EngineOptions::exact.
  int kv_bits = 0;     ///< As EngineOptions::kv_bits.
  int pairs = kPairs;  ///< Pairs of probe and work of each row that are to be kept.
  /// How often the program has taken memory from the heap so far, if it counts that.
  uint64_t (*heap_allocations)() = nullptr;
  /// Told what is going on, a few words at a time.
  std::function<void(std::string_view)> on_progress;

  static constexpr int kShortContext = 16;  ///< See contexts.
  static constexpr int kPairs = 9;          ///< See pairs.
};

/// Median and quartiles of a row's pairs.
struct Spread {
  double lower = 0;   ///< A quarter of the values lies below.
  double median = 0;  ///< Half of the values lie below.
  double upper = 0;   ///< A quarter of the values lies above.
};

/// A rate of the work against a probe that ran just before and just after it.
struct ProbeShare {
  std::string probe;  ///< "read", or the arithmetic, e.g. "int8 AVX-512 VNNI".
  std::string unit;   ///< Of both rates: "bytes/s" or "multiply-adds/s".
  double work = 0;    ///< What the row does in all, bytes or multiply-adds.
  Spread work_rate;   ///< Of the model.
  Spread probe_rate;  ///< Of the probe, the mean of before and after.
  Spread share;       ///< Of the two, pair by pair.
};

/// One thing measured.
struct BenchRow {
  std::string kind;                    ///< "prefill" or "decode".
  int tokens = 0;                      ///< Of the prompt, or decoded by each sequence.
  int batch = 1;                       ///< Sequences at once.
  int context = 0;                     ///< Positions that the caches held at the start.
  double weight_bytes_per_step = 0;    ///< Weights, of experts the chosen, that a step reads.
  double kv_bytes_per_step = 0;        ///< Keys and values that a decode step reads, on average.
  double multiply_adds_per_token = 0;  ///< With weights, the head left out; attention not counted.
  Spread tokens_per_second;            ///< Of all sequences together.
  int pairs = 0;                       ///< That were kept.
  int dropped = 0;  ///< Whose two probes differ too much. Where none was kept, there are no
                    ///< shares, and tokens_per_second is of those dropped.
  std::vector<ProbeShare>
      shares;  ///< Decode: read, with a batch also the arithmetic; prefill: that.
  /// Decode: the share of the time that graph, plan, sampling and bookkeeping took.
  std::optional<double> outside_kernels;
  /// Decode: heap allocations of a step after the second one; with heap_allocations only.
  std::optional<double> allocations_per_step;
};

/// What run_bench measured, and of what.
struct BenchReport {
  std::string model;         ///< The directory, or the shape's name.
  std::string architecture;  ///< model_type.
  /// "affine, 4 bits, groups of 64, bfloat16", "mxfp4, 4 bits, groups of 32", "dense, float16".
  std::string weights;
  int64_t parameters = 0;          ///< Weights; a quantized matrix counts its values.
  int64_t weight_bytes = 0;        ///< Of all tensors.
  int64_t kv_bytes_per_token = 0;  ///< Keys and values of one position, all layers, as stored.
  bool exact = false;              ///< As asked.
  int kv_bits = 0;                 ///< As asked.
  std::vector<BenchRow> rows;      ///< Prefill first, each kind in the order of the options.
};

/// The names of the shapes that random weights can have.
std::vector<std::string> bench_shapes();

/// Measures every row: probe, work, probe, work, ... on the library's threads. Each pair's rate is
/// set against the mean of the two probes around it; a pair is dropped where these differ by more
/// than a tenth, and twice as many pairs as asked are tried at most. The weights, the keys and
/// values of the largest row and, for decode rows, 1 GiB for the read probe must fit together into
/// what memory is free at the call and into MLXA_MEMORY_LIMIT. Throws Error kInvalidArgument,
/// kOutOfMemory, and as Engine::load.
BenchReport run_bench(const BenchOptions& options);

}  // namespace mlxa
