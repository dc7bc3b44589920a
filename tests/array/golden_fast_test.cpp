// Fused operations against MLX's results (tests/golden/ops).
#include "mlxa/fast.h"

#include "support/golden_ops.h"

namespace mlxa::test {
namespace {

using Arrays = std::vector<array>;

TEST(GoldenOps, Fast) {
  check_family("fast",
               {{"rms_norm",
                 [](const Call& c) {
                   return Arrays{fast::rms_norm(c.in(0), c.inputs.at(1), c.get<float>("eps"))};
                 }},
                {"layer_norm",
                 [](const Call& c) {
                   return Arrays{fast::layer_norm(c.in(0), c.inputs.at(1), c.inputs.at(2),
                                                  c.get<float>("eps"))};
                 }},
                {"rope", [](const Call& c) {
                   std::optional<float> base;
                   if (!c.args.at("base").is_null()) base = c.get<float>("base");
                   return Arrays{fast::rope(c.in(0), c.integer("dims"), c.get<bool>("traditional"),
                                            base, c.get<float>("scale"), c.in(1), c.inputs.at(2))};
                 }}});
}

TEST(GoldenOps, Attention) {
  check_family("attention",
               {{"scaled_dot_product_attention", [](const Call& c) {
                   const auto mask = c.get<std::string>("mask");
                   return Arrays{fast::scaled_dot_product_attention(
                       c.in(0), c.in(1), c.in(2), c.get<float>("scale"),
                       mask == "causal" ? "causal" : "", c.inputs.at(3), c.inputs.at(4))};
                 }}});
}

}  // namespace
}  // namespace mlxa::test
