// What configs of smollm3 may not say.
#include "models/model_files.h"

namespace mlxa::models {
namespace {

TEST(Smollm3Config, Nonsense) {
  const std::string listed = "smollm3-f32-tied", counted = "smollm3-f32-q4-g64";
  for (const Json& value : {Json::array(), Json{1}, Json{1, 1, 0}}) {
    expect_refused(listed, "no_rope_layers", value, "no_rope_layers of another length");
  }
  expect_refused(listed, "no_rope_layers", {-1, 1}, "no_rope_layers");
  expect_refused(listed, "no_rope_layers", {"a", 1}, "no_rope_layers");
  expect_refused(counted, "no_rope_layer_interval", 0, "no_rope_layer_interval");
}

}  // namespace
}  // namespace mlxa::models
