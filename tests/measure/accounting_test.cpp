// Bytes and multiply-adds of a step, against sums by hand.
#include "measure/accounting.h"

#include <gtest/gtest.h>

#include "mlxa/error.h"

#include "measure/random_model.h"
#include "measure/shapes.h"

namespace mlxa::measure {
namespace {

// The shape `tiny`: 2 layers of 256, 4 heads and 2 key heads of 64, 512 between, 1024 tokens.
constexpr int64_t kLayerWeights = 256 * 256     // queries
                                  + 128 * 256   // keys
                                  + 128 * 256   // values
                                  + 256 * 256   // output
                                  + 512 * 256   // gate
                                  + 512 * 256   // up
                                  + 256 * 512;  // down
constexpr int64_t kBody = 2 * kLayerWeights;
constexpr int64_t kTable = 1024 * 256;
constexpr int64_t kNorms = (2 * 2 + 1) * 256;

TEST(Accounting, TiedHeadIsReadOnce) {
  const auto model = random_model("tiny", {"dense", 0, 0, float32});
  const WeightTraffic traffic = weight_traffic(model.weights);
  EXPECT_EQ(traffic.body_macs, kBody);
  EXPECT_EQ(traffic.head_macs, kTable);
  EXPECT_EQ(traffic.decode_bytes, 4 * (kBody + kTable + kNorms));
  EXPECT_EQ(model.weight_bytes, traffic.decode_bytes);
  EXPECT_FALSE(traffic.mode);
}

TEST(Accounting, GroupsAddScaleAndBias) {
  for (int bits : {2, 3, 4, 5, 6, 8}) {
    for (int group : {32, 64, 128}) {
      const auto model = random_model("tiny", {"affine", bits, group, bfloat16});
      const WeightTraffic traffic = weight_traffic(model.weights);
      const int64_t values = kBody + kTable;
      EXPECT_EQ(traffic.decode_bytes, values * bits / 8 + values / group * 4 + 2 * kNorms);
      EXPECT_EQ(traffic.body_macs + traffic.head_macs, values);
      EXPECT_EQ(traffic.mode, QuantMode::kAffine);
      EXPECT_EQ(model.parameters, values + kNorms);
    }
  }
}

TEST(Accounting, ModesWithoutBiasesAddAByteAGroup) {
  struct Case {
    const char* name;
    QuantMode mode;
    int bits, group;
  };
  for (const Case& c : {Case{"mxfp4", QuantMode::kMxfp4, 4, 32},
                        {"mxfp8", QuantMode::kMxfp8, 8, 32},
                        {"nvfp4", QuantMode::kNvfp4, 4, 16}}) {
    SCOPED_TRACE(c.name);
    const auto model = random_model("tiny", {c.name, c.bits, c.group, float16});
    const WeightTraffic traffic = weight_traffic(model.weights);
    const int64_t values = kBody + kTable;
    EXPECT_EQ(traffic.decode_bytes, values * c.bits / 8 + values / c.group + 2 * kNorms);
    EXPECT_EQ(traffic.mode, c.mode);
    EXPECT_EQ(model.weight_bytes, traffic.decode_bytes);
  }
}

TEST(Accounting, UntiedEmbeddingIsNotRead) {
  constexpr auto kHead = QuantMode::kMxfp8, kBody = QuantMode::kMxfp4;
  const std::vector<nn::TakenWeight> weights = {
      {"model.embed_tokens", 5000, 5000, true, std::nullopt},
      {"model.norm.weight", 10, 20, false, std::nullopt},
      {"lm_head", 1000, 600, true, kHead},
      {"model.layers.0.mlp.up_proj", 70, 35, true, kBody}};
  const WeightTraffic traffic = weight_traffic(weights);
  EXPECT_EQ(traffic.mode, kHead);
  EXPECT_EQ(traffic.decode_bytes, 20 + 600 + 35);
  EXPECT_EQ(traffic.head_macs, 1000);
  EXPECT_EQ(traffic.body_macs, 70);
}

TEST(Accounting, OfExpertsTheChosenOnesAreRead) {
  const auto model = random_model("mixtral-tiny", {"affine", 4, 64, bfloat16});
  const WeightTraffic traffic = weight_traffic(model.weights);
  constexpr int64_t kAttention = 2 * 256 * 256 + 2 * 128 * 256, kRouter = 8 * 256;
  constexpr int64_t kExpert = 3 * 128 * 256;
  const auto bytes = [](int64_t values) { return values / 2 + values / 64 * 4; };
  EXPECT_EQ(traffic.chosen_bytes, bytes(2 * 2 * kExpert));
  EXPECT_EQ(traffic.decode_bytes,
            bytes(2 * (kAttention + kRouter + 2 * kExpert) + kTable) + 2 * kNorms);
  EXPECT_EQ(traffic.body_macs, 2 * (kAttention + kRouter + 2 * kExpert));
  EXPECT_EQ(traffic.head_macs, kTable);
  EXPECT_EQ(model.parameters, 2 * (kAttention + kRouter + 8 * kExpert) + 2 * kTable + kNorms);
}

// Sums over the tensors of the published models, as their cards state them.
TEST(Accounting, ShapesHaveTheirPublishedSize) {
  const std::pair<const char*, int64_t> expected[] = {{"360m", 361821120}, {"0.5b", 494032768},
                                                      {"1b", 1235814400},  {"3b", 3212749824},
                                                      {"7b", 7248023552},  {"8b", 8030261248}};
  for (const auto& [name, parameters] : expected) {
    int64_t sum = 0;
    for (const TensorSpec& tensor : model_tensors(shape_config(name))) {
      int64_t size = 1;
      for (int dimension : tensor.shape) size *= dimension;
      sum += size;
    }
    EXPECT_EQ(sum, parameters) << name;
  }
}

TEST(Accounting, KeysAndValuesOfAPosition) {
  const nn::KVShape shape{2, 2, 64, 64, bfloat16};
  const models::Config plain(nlohmann::json::object(), "test");
  EXPECT_EQ(kv_bytes_at(plain, shape, 0), 2 * 2 * (64 + 64) * 2);
  EXPECT_EQ(kv_bytes_at(plain, shape, 99), 100 * 2 * 2 * (64 + 64) * 2);
  const models::Config sliding(
      nlohmann::json{{"layer_types", {"full_attention", "sliding_attention"}},
                     {"sliding_window", 40}},
      "test");
  EXPECT_EQ(kv_bytes_at(sliding, shape, 99), (100 + 40) * 2 * (64 + 64) * 2);
  EXPECT_EQ(kv_bytes_at(sliding, shape, 9), 2 * 10 * 2 * (64 + 64) * 2);
}

// 8.5 and 4.5 bits a value: the codes, and 16-bit scale and bias of 64 of them (of 32: 9 and 5).
TEST(Accounting, KeysAndValuesInCodes) {
  const models::Config plain(nlohmann::json::object(), "test");
  for (int bits : {8, 4}) {
    const int64_t values = 2 * 3 * (64 + 128);
    const nn::KVShape wide = nn::KVShape{2, 3, 64, 128, float16}.stored(false, bits);
    EXPECT_EQ(kv_bytes_at(plain, wide, 0) * 16, values * (2 * bits + 1));
    EXPECT_EQ(kv_bytes_at(plain, wide, 99) * 16, 100 * values * (2 * bits + 1));
    const nn::KVShape narrow = nn::KVShape{2, 3, 32, 32, float16}.stored(false, bits);
    EXPECT_EQ(kv_bytes_at(plain, narrow, 0) * 8, 2 * 3 * 64 * (bits + 1));
  }
  EXPECT_EQ(kv_bytes_at(plain, nn::KVShape{2, 3, 64, 64, float16}.stored(true, 0), 0),
            2 * 3 * 128 * 4);
}

TEST(Accounting, ArithmeticFollowsPrecisionAndType) {
  for (QuantMode mode : {QuantMode::kAffine, QuantMode::kMxfp4, QuantMode::kNvfp4}) {
    EXPECT_EQ(product_arithmetic(mode, false, bfloat16), Arithmetic::kInt8);
    EXPECT_EQ(product_arithmetic(mode, true, bfloat16), Arithmetic::kBFloat16);
    EXPECT_EQ(product_arithmetic(mode, true, float16), Arithmetic::kFloat32);
  }
  for (bool exact : {false, true}) {
    EXPECT_EQ(product_arithmetic(QuantMode::kMxfp8, exact, bfloat16), Arithmetic::kFloat32);
  }
  EXPECT_EQ(product_arithmetic(std::nullopt, false, bfloat16), Arithmetic::kBFloat16);
  EXPECT_EQ(product_arithmetic(std::nullopt, false, float16), Arithmetic::kFloat32);
  for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAmx}) {
    if (!isa_supported(isa)) continue;
    for (Arithmetic one : {Arithmetic::kInt8, Arithmetic::kBFloat16, Arithmetic::kFloat32}) {
      EXPECT_GT(run_peak(peak_loop(isa, one)), 1e7) << peak_loop(isa, one).name;
    }
  }
}

}  // namespace
}  // namespace mlxa::measure
