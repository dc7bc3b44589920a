// Mixtures of experts: what configs and tensors may not say, and what the layers take.
#include <string>

#include "mlxa/ops.h"

#include "models/model_files.h"

namespace mlxa::models {
namespace {

TEST(ExpertConfig, Nonsense) {
  const std::string mixtral = "mixtral-f32-untied", qwen = "qwen3_moe-f32-some-dense";
  expect_refused(mixtral, "num_experts_per_tok", 5, "only 4 experts (num_local_experts)");
  expect_refused(mixtral, "num_experts_per_tok", 0, "num_experts_per_tok");
  expect_refused(mixtral, "num_local_experts", 1 << 30, "num_local_experts");
  expect_refused(mixtral, "num_local_experts", -1, "num_local_experts");
  expect_refused(mixtral, "num_local_experts", 0, "no experts");
  expect_refused(mixtral, "num_local_experts", 3, "has shape [4, 32]");
  expect_refused(qwen, "num_experts_per_tok", 9, "only 8 experts (num_experts)");
  expect_refused(qwen, "decoder_sparse_step", 0, "decoder_sparse_step");
  expect_refused(qwen, "decoder_sparse_step", 1, "model.layers.0.mlp");
  expect_refused(qwen, "mlp_only_layers", {"all"}, "mlp_only_layers");
  expect_refused(qwen, "mlp_only_layers", {1}, "model.layers.1.mlp");
  expect_refused(qwen, "norm_topk_prob", "yes", "norm_topk_prob");
  expect_refused(qwen, "moe_intermediate_size", nullptr, "lacks moe_intermediate_size");
  expect_refused(qwen, "moe_intermediate_size", 0, "moe_intermediate_size");
}

// transformers 5 writes one name for the number of experts in all architectures.
TEST(ExpertConfig, OtherNameOfTheNumber) {
  Files files("qwen3_moe-f32-some-dense");
  files.config["num_local_experts"] = files.config["num_experts"];
  files.config.erase("num_experts");
  EXPECT_NO_THROW(files.load());
}

TEST(ExpertTensors, StoredOneByOne) {
  Files files("mixtral-f32-untied");
  const std::string path = "model.layers.1.block_sparse_moe";
  files.tensors.emplace(path + ".experts.0.w1.weight",
                        files.tensors.at(path + ".switch_mlp.gate_proj.weight"));
  files.tensors.erase(path + ".switch_mlp.gate_proj.weight");
  const std::string message = error_of(files, ErrorCode::kUnsupported);
  EXPECT_NE(message.find("not stacked"), std::string::npos) << message;
}

TEST(ExpertTensors, OfAnotherShape) {
  for (const char* part : {"weight", "scales", "biases"}) {
    Files files("mixtral-f32-q4-g64");
    const std::string path = "model.layers.0.block_sparse_moe.switch_mlp.";
    // One axis less.
    array& tensor = files.tensors.at(path + "down_proj." + part);
    tensor = reshape(tensor, {tensor.shape(0) * tensor.shape(1), tensor.shape(2)});
    const std::string message = error_of(files, ErrorCode::kInvalidFile);
    EXPECT_NE(message.find("down_proj"), std::string::npos) << message;
  }
}

TEST(ExpertTensors, CountedByWhatATokenUses) {
  const LoadedModel model = Files("qwen3_moe-f32-q4-g64").load();
  int stacks = 0;
  for (const nn::TakenWeight& weight : model.weights) {
    const bool stacked = weight.path.find("switch_mlp") != std::string::npos;
    EXPECT_EQ(weight.experts, stacked ? 8 : 1) << weight.path;
    EXPECT_EQ(weight.chosen, stacked ? 2 : 1) << weight.path;
    if (!stacked) continue;
    EXPECT_EQ(weight.values, 8 * 64 * 64) << weight.path;
    stacks++;
  }
  EXPECT_EQ(stacks, 2 * 3);
}

}  // namespace
}  // namespace mlxa::models
