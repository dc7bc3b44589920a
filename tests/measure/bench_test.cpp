// Whole runs of the bench on a small shape, from the library and from outside.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mlxa/error.h"
#include "mlxa/measure.h"
#include "mlxa/ops.h"

#include "measure/random_model.h"
#include "runtime/steps.h"

namespace mlxa::measure {
namespace {

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  char buffer[4096];
  for (size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    out.append(buffer, got);
  }
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return out;
}

const std::vector<WeightFormat> kFloatFormats = {
    {"mxfp4", 4, 32, bfloat16}, {"mxfp8", 8, 32, bfloat16}, {"nvfp4", 4, 16, bfloat16}};

// Weights as good as a model's: no two matrices alike, and products keep their size.
TEST(RandomModel, MatricesAreDistinctAndOfUnitGain) {
  constexpr int kOut = 300, kIn = 512;
  std::vector<WeightFormat> formats = {
      {"dense", 0, 0, float32}, {"dense", 0, 0, float16}, {"dense", 0, 0, bfloat16}};
  for (int bits : {2, 3, 4, 5, 6, 8}) formats.push_back({"affine", bits, 64, bfloat16});
  formats.insert(formats.end(), kFloatFormats.begin(), kFloatFormats.end());
  for (const WeightFormat& format : formats) {
    SCOPED_TRACE(format_text(format));
    WeightMemory memory;
    Tensors tensors;
    add_matrix(format, "a", kOut, kIn, memory, tensors);
    add_matrix(format, "b", kOut, kIn, memory, tensors);
    size_t bytes = 0;
    for (const auto& [name, tensor] : tensors) bytes += tensor.nbytes();
    EXPECT_EQ(bytes, 2 * static_cast<size_t>(matrix_bytes(format, "a", kOut, kIn)));
    std::vector<array> values;
    for (const std::string path : {"a", "b"}) {
      const array& weight = tensors.at(path + ".weight");
      std::optional<array> biases;
      if (format.mode == "affine") biases = tensors.at(path + ".biases");
      array dense = format.mode == "dense"
                        ? weight
                        : dequantize(weight, tensors.at(path + ".scales"), biases,
                                     format.group_size, format.bits, format.mode);
      values.push_back(astype(dense, float32));
      values.back().eval();
    }
    double sum = 0, squares = 0;
    int same = 0;
    const float* a = values[0].data<float>();
    const float* b = values[1].data<float>();
    for (int i = 0; i < kOut * kIn; i++) {
      sum += a[i];
      squares += double{a[i]} * a[i];
      same += a[i] == b[i];
    }
    const double count = kOut * kIn, deviation = 1 / std::sqrt(double{kIn});
    EXPECT_LT(std::abs(sum / count), 0.02 * deviation);  // bfloat16 rounds scale and bias
    // Two bits are four steps, which spread wider than what they stand for.
    EXPECT_NEAR(std::sqrt(squares / count), deviation, (format.bits == 2 ? 0.35 : 0.2) * deviation);
    EXPECT_LT(same, 0.3 * count);
  }
}

// Every byte that is a number occurs, and those that are none do not.
TEST(RandomModel, SmallFloatsAreNumbers) {
  WeightMemory memory;
  Tensors tensors;
  add_matrix({"mxfp8", 8, 32, bfloat16}, "bytes", 301, 96, memory, tensors);
  add_matrix({"nvfp4", 4, 16, bfloat16}, "scales", 301, 8192, memory, tensors);
  const auto seen = [&](const std::string& name) {
    const array& tensor = tensors.at(name);
    std::set<int> out;
    for (size_t i = 0; i < tensor.nbytes(); i++) out.insert(tensor.data<uint8_t>()[i]);
    return out;
  };
  const std::set<int> codes = seen("bytes.weight"), scales = seen("scales.scales");
  EXPECT_EQ(codes.size(), 254u);
  EXPECT_EQ(codes.count(0x7f) + codes.count(0xff), 0u);
  EXPECT_EQ(scales.count(0x7f) + scales.count(0xff), 0u);
  EXPECT_EQ(scales.size(), 2u);
}

TEST(RandomModel, LogitsAreFinite) {
  std::vector<WeightFormat> formats = kFloatFormats;
  formats.insert(
      formats.end(),
      {{"affine", 4, 64, bfloat16}, {"affine", 2, 32, float16}, {"dense", 0, 0, float16}});
  for (const WeightFormat& format : formats) {
    const auto loaded = random_model("tiny", format);
    const auto pool = std::make_shared<nn::KVPool>(loaded.model->kv_shape(), 512);
    nn::KVSequence sequence(pool);
    fill_context(*pool, sequence, 130);
    EXPECT_EQ(sequence.length(), 130);
    sequence.reserve(3);
    const std::vector<int32_t> prompt = {5, 900, 17};
    const auto logits =
        runtime::prefill_step(*loaded.model, *pool, sequence, prompt, Precision::kFast, true);
    double squares = 0;
    for (size_t i = 0; i < logits->size(); i++) {
      squares += double{logits->data<float>()[i]} * logits->data<float>()[i];
    }
    const double size = std::sqrt(squares / static_cast<double>(logits->size()));
    EXPECT_GT(size, 0.2) << format_text(format);
    EXPECT_LT(size, 5) << format_text(format);
  }
}

TEST(RandomModel, ContextFillsItsPositionsAlone) {
  const auto pool = std::make_shared<nn::KVPool>(nn::KVShape{2, 3, 8, 8, float32}, 640);
  nn::KVSequence first(pool), second(pool);
  fill_context(*pool, first, 200);
  fill_context(*pool, second, 140);
  for (int layer = 0; layer < 2; layer++) {
    for (const array* storage : {&pool->keys(layer), &pool->values(layer)}) {
      std::set<float> seen;
      size_t filled = 0;
      for (size_t i = 0; i < storage->size(); i++) {
        const float value = storage->data<float>()[i];
        if (value == 0) continue;
        EXPECT_LT(std::abs(value), 1.7f);
        seen.insert(value);
        filled++;
      }
      EXPECT_EQ(filled, (200 + 140) * 3 * 8u);
      EXPECT_GT(seen.size(), 3000u);
    }
  }
}

// Rows of codes, scale and bias: those of filled positions differ from one another, the rest is 0.
TEST(RandomModel, ContextFillsCodes) {
  const auto shape = nn::KVShape{1, 2, 64, 64, bfloat16}.stored(false, 8);
  const auto pool = std::make_shared<nn::KVPool>(shape, 256);
  nn::KVSequence sequence(pool);
  fill_context(*pool, sequence, 140);
  for (const array* storage : {&pool->keys(0), &pool->values(0)}) {
    const auto row = static_cast<size_t>(storage->shape(-1));
    std::set<std::string> seen;
    for (size_t i = 0; i < storage->size(); i += row) {
      seen.emplace(reinterpret_cast<const char*>(storage->data<uint8_t>() + i), row);
    }
    EXPECT_EQ(seen.size(), 140 * 2 + 1u);
  }
}

uint64_t no_allocations() { return 0; }

TEST(Bench, RowsSayWhatTheyMoved) {
  BenchOptions options;
  options.shape = "tiny";
  options.bits = 8;
  options.prompts = {600};
  options.tokens = {4};
  options.batches = {1, 2};
  options.contexts = {200};
  options.pairs = 1;
  options.heap_allocations = no_allocations;
  std::string said;
  options.on_progress = [&](std::string_view words) { said += std::string(words) + "; "; };
  const BenchReport report = run_bench(options);
  EXPECT_EQ(report.architecture, "llama");
  EXPECT_EQ(report.weights, "affine, 8 bits, groups of 64, bfloat16");
  EXPECT_NE(said.find("prefill 600, pair 1; "), std::string::npos) << said;
  ASSERT_EQ(report.rows.size(), 3u);
  // tests/measure/accounting_test.cpp has the sums.
  constexpr double kBody = 2 * (2 * 256 * 256 + 2 * 128 * 256 + 3 * 512 * 256);
  constexpr double kTable = 1024 * 256;
  const BenchRow& prefill = report.rows[0];
  EXPECT_EQ(prefill.kind, "prefill");
  EXPECT_EQ(prefill.multiply_adds_per_token, kBody);
  EXPECT_GT(prefill.tokens_per_second.median, 0);
  EXPECT_FALSE(prefill.outside_kernels);
  for (const ProbeShare& share : prefill.shares) EXPECT_EQ(share.work, 600 * kBody + kTable);
  for (int batch : {1, 2}) {
    const BenchRow& row = report.rows[static_cast<size_t>(batch)];
    EXPECT_EQ(row.kind, "decode");
    EXPECT_EQ(row.batch, batch);
    EXPECT_EQ(row.weight_bytes_per_step, (kBody + kTable) * (1 + 4.0 / 64) + 2 * 5 * 256);
    // Steps see 201, 202, 203 and 204 positions of 2 layers, 2 heads, 64 keys and 64 values.
    EXPECT_EQ(row.kv_bytes_per_step, batch * 202.5 * 2 * 2 * 128 * 2);
    EXPECT_GE(row.pairs + row.dropped, 1);
    EXPECT_EQ(row.allocations_per_step, 0.0);
    ASSERT_TRUE(row.outside_kernels);
    EXPECT_GT(*row.outside_kernels, 0);
    EXPECT_LT(*row.outside_kernels, 1);
    if (row.pairs == 0) continue;  // an unsteady machine
    ASSERT_EQ(row.shares.size(), static_cast<size_t>(batch));
    EXPECT_EQ(row.shares[0].probe, "read");
    EXPECT_EQ(row.shares[0].work, 4 * (row.weight_bytes_per_step + row.kv_bytes_per_step));
    if (batch == 2) {
      EXPECT_EQ(row.shares[1].work, 2 * 4 * (kBody + kTable));
    }
    for (const ProbeShare& share : row.shares) {
      EXPECT_LE(share.share.lower, share.share.median);
      EXPECT_LE(share.share.median, share.share.upper);
      EXPECT_GE(share.share.upper, share.work_rate.lower / share.probe_rate.upper);
      EXPECT_LE(share.share.lower, share.work_rate.upper / share.probe_rate.lower);
    }
  }
}

TEST(Bench, KeysAndValuesInCodesCountTheirBytes) {
  for (int bits : {8, 4}) {
    BenchOptions options;
    options.shape = "tiny";
    options.tokens = {4};
    options.contexts = {200};
    options.pairs = 1;
    options.kv_bits = bits;
    options.heap_allocations = no_allocations;
    const BenchReport report = run_bench(options);
    EXPECT_EQ(report.kv_bits, bits);
    EXPECT_EQ(report.kv_bytes_per_token, 2 * 2 * 128 * (2 * bits + 1) / 16);
    ASSERT_EQ(report.rows.size(), 1u);
    EXPECT_EQ(report.rows[0].kv_bytes_per_step, 202.5 * 2 * 2 * 128 * (bits + 0.5) / 8);
  }
}

ErrorCode code_of(const BenchOptions& options) {
  try {
    run_bench(options);
  } catch (const std::exception& error) {
    return error_code(error);
  }
  return ErrorCode::kInternal;
}

// The parts of a run, each of which would fit alone.
TEST(Bench, MemoryIsHeldTogether) {
  BenchOptions decode;
  decode.shape = "tiny";
  decode.pairs = 1;
  BenchOptions prefill = decode;
  decode.tokens = {4};
  decode.contexts = {16, 200};  // the largest row counts
  prefill.prompts = {100};
  const int64_t weights = random_model_bytes("tiny", {"affine", 4, 64, bfloat16});
  constexpr int64_t kPosition = 2 * 2 * 128 * 2, kProbe = int64_t{1} << 30;
  for (const auto& [options, need] : {std::pair{decode, weights + 256 * kPosition + kProbe},
                                      {prefill, weights + 128 * kPosition}}) {
    ::setenv("MLXA_MEMORY_LIMIT", std::to_string(need).c_str(), 1);
    EXPECT_EQ(run_bench(options).rows.size(), options.tokens.empty() ? 1u : 2u);
    ::setenv("MLXA_MEMORY_LIMIT", std::to_string(need - 1).c_str(), 1);
    EXPECT_EQ(code_of(options), ErrorCode::kOutOfMemory);
    ::unsetenv("MLXA_MEMORY_LIMIT");
  }
}

TEST(Bench, ModesHaveTheirOwnBitsAndGroups) {
  for (const auto& [mode, weights] : {std::pair{"mxfp4", "mxfp4, 4 bits, groups of 32"},
                                      {"mxfp8", "mxfp8, 8 bits, groups of 32"},
                                      {"nvfp4", "nvfp4, 4 bits, groups of 16"}}) {
    BenchOptions options;
    options.shape = "tiny";
    options.mode = mode;
    options.prompts = {8};
    options.tokens = {3};
    options.pairs = 1;
    const BenchReport report = run_bench(options);
    EXPECT_EQ(report.weights, weights);
    ASSERT_EQ(report.rows.size(), 2u);
    for (const ProbeShare& share : report.rows[0].shares) {
      const bool float32_codes = options.mode == "mxfp8";
      EXPECT_EQ(share.probe.find("float32") == 0, float32_codes) << share.probe;
      EXPECT_EQ(share.probe.find("int8") == 0, !float32_codes) << share.probe;
    }
  }
}

// One sequence reads its two experts a layer; several read all they choose together, once.
TEST(Bench, BytesOfExpertsAreThoseChosen) {
  BenchOptions options;
  options.shape = "mixtral-tiny";
  options.dtype = "float32";
  options.mode = "dense";
  options.tokens = {4};
  options.batches = {1, 6};
  options.pairs = 1;
  const BenchReport report = run_bench(options);
  ASSERT_EQ(report.rows.size(), 2u);
  constexpr double kExpert = 4 * 3 * 128 * 256, kTable = 4 * 1024 * 256;
  constexpr double kRest = 4 * 2 * (2 * 256 * 256 + 2 * 128 * 256 + 8 * 256) + kTable + 4 * 5 * 256;
  EXPECT_EQ(report.rows[0].weight_bytes_per_step, kRest + 2 * 2 * kExpert);
  EXPECT_GT(report.rows[1].weight_bytes_per_step, kRest + 2 * 2 * kExpert);
  EXPECT_LE(report.rows[1].weight_bytes_per_step, kRest + 2 * 8 * kExpert);
}

TEST(Bench, DocumentOfTheProgram) {
  const std::string command =
      std::string(MLXA_PROGRAM) + " bench --shape tiny --pairs 1 -p 32 -n 3 --ctx 300 ";
  const auto document = nlohmann::json::parse(output_of(command + "--json 2>&1"));
  EXPECT_EQ(document.at("model"), "tiny");
  EXPECT_EQ(document.at("precision"), "fast");
  EXPECT_EQ(document.at("parameters"),
            2 * (2 * 256 * 256 + 2 * 128 * 256 + 3 * 512 * 256) + 1024 * 256 + 5 * 256);
  const auto& rows = document.at("rows");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("kind"), "prefill");
  EXPECT_EQ(rows[0].at("tokens"), 32);
  EXPECT_EQ(rows[1].at("context"), 300);
  EXPECT_EQ(rows[1].at("allocations_per_step"), 0);
  EXPECT_GT(rows[1].at("tokens_per_second").at("median"), 0);
  const std::string table = output_of(command + "--markdown 2>&1");
  EXPECT_NE(table.find("| decode 3, context 300 |"), std::string::npos) << table;
  EXPECT_NE(table.find("|---|---|"), std::string::npos) << table;
}

TEST(Bench, AModelDirectoryIsMeasuredAsItIs) {
  BenchOptions options;
  options.model = std::string(MLXA_SOURCE_DIR) + "/models/tiny-chat";
  options.tokens = {3};
  options.pairs = 1;
  options.exact = true;
  const BenchReport report = run_bench(options);
  ASSERT_EQ(report.rows.size(), 1u);
  EXPECT_TRUE(report.exact);
  EXPECT_GT(report.rows[0].weight_bytes_per_step, 0);
  EXPECT_LE(report.rows[0].weight_bytes_per_step, static_cast<double>(report.weight_bytes));
}

TEST(Bench, RefusesBeforeItMeasures) {
  const auto with = [](auto&& change) {
    BenchOptions options;
    options.shape = "tiny";
    options.tokens = {2};
    change(options);
    return code_of(options);
  };
  using E = ErrorCode;
  EXPECT_EQ(with([](auto& o) { o.tokens = {}; }), E::kInvalidArgument);
  EXPECT_EQ(with([](auto& o) { o.shape = "9b"; }), E::kInvalidArgument);
  EXPECT_EQ(with([](auto& o) { o.contexts = {8191}; }), E::kInvalidArgument);
  EXPECT_EQ(with([](auto& o) { o.mode = "mxfp5"; }), E::kInvalidArgument);
  EXPECT_EQ(with([](auto& o) { o.mode = "mxfp4", o.bits = 8; }), E::kInvalidArgument);
  EXPECT_EQ(with([](auto& o) { o.mode = "nvfp4", o.group_size = 32; }), E::kInvalidArgument);
  EXPECT_EQ(with([](auto& o) { o.dtype = "int8"; }), E::kInvalidArgument);
  EXPECT_EQ(with([](auto& o) { o.kv_bits = 7; }), E::kInvalidArgument);
  EXPECT_EQ(with([](auto& o) { o.kv_bits = 8, o.exact = true; }), E::kInvalidArgument);
  EXPECT_EQ(with([](auto& o) { o.model = "/nowhere"; }), E::kNotFound);
  EXPECT_EQ(with([](auto& o) { o.shape = "360m", o.group_size = 128; }), E::kInvalidArgument);
}

}  // namespace
}  // namespace mlxa::measure
