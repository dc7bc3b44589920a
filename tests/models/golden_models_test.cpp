// Small random-weight models against the logits and greedy tokens of mlx-lm or transformers in
// float32 (tests/golden/models, made by tools/golden/make_models.py and its kin).
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mlxa/engine.h"
#include "mlxa/io.h"
#include "mlxa/system.h"

namespace mlxa {
namespace {

namespace fs = std::filesystem;

struct Reference {
  std::vector<int32_t> prompt, greedy;
  std::vector<float> gaps, last_logits;
  double sim_error;
};

const fs::path kModels = fs::path(MLXA_GOLDEN_DIR) / "models";

Reference read_reference(const fs::path& dir) {
  std::ifstream file(dir / "reference.json");
  const auto json = nlohmann::json::parse(file);
  const array logits = load_safetensors(dir / "reference.safetensors").first.at("last_logits");
  return {json.at("prompt_ids"),
          json.at("greedy_tokens"),
          json.at("greedy_gaps"),
          {logits.data<float>(), logits.data<float>() + logits.size()},
          json.at("sim_error")};
}

double relative_error(const std::vector<float>& got, const std::vector<float>& expected) {
  EXPECT_EQ(got.size(), expected.size());
  double difference = 0, norm = 0;
  for (size_t i = 0; i < std::min(got.size(), expected.size()); i++) {
    const double d = static_cast<double>(got[i]) - expected[i];
    difference += d * d;
    norm += static_cast<double>(expected[i]) * expected[i];
  }
  return std::sqrt(difference / norm);
}

std::vector<float> logits_of(const fs::path& dir, const EngineOptions& options,
                             std::span<const int32_t> prompt) {
  return Engine::load(dir, options).create_session().logits(prompt);
}

EngineOptions exact_options(int chunk = 512) {
  EngineOptions options;
  options.exact = true;
  options.prefill_chunk = chunk;
  return options;
}

class GoldenModels : public testing::TestWithParam<std::string> {
 protected:
  fs::path dir() const { return kModels / GetParam(); }
};

using Float32GoldenModels = GoldenModels;  // equal tokens are promised for float32 files alone

TEST_P(GoldenModels, ExactLogitsEqualTheReference) {
  const Reference reference = read_reference(dir());
  const auto logits = logits_of(dir(), exact_options(), reference.prompt);
  // Affine products of 16-bit files keep 16 bits of their activations, all else is float32.
  const bool in_parts = GetParam().find("f16-q") != std::string::npos;
  EXPECT_LE(relative_error(logits, reference.last_logits), in_parts ? 1e-3 : 1e-4);
}

TEST_P(GoldenModels, FastLogitsStayWithinTheBoundOfInt8Activations) {
  const Reference reference = read_reference(dir());
  const auto logits = logits_of(dir(), {}, reference.prompt);
  EXPECT_LE(relative_error(logits, reference.last_logits),
            std::max(2e-2, 1.75 * reference.sim_error));
}

// One token at a time goes through the decode family, a prompt through prefill.
TEST_P(Float32GoldenModels, GreedyTokensEqualTheReference) {
  const Reference reference = read_reference(dir());
  for (float gap : reference.gaps) ASSERT_GT(gap, 2e-3f) << "choose a prompt with clear answers";
  GenerateParameters parameters;
  parameters.max_tokens = static_cast<int>(reference.greedy.size());
  parameters.ignore_eos = true;
  Session session = Engine::load(dir(), exact_options()).create_session();
  EXPECT_EQ(session.generate(reference.prompt, parameters).token_ids, reference.greedy);
}

TEST_P(GoldenModels, ChunksAndThreadsChangeNoBit) {
  const Reference reference = read_reference(dir());
  for (bool exact : {true, false}) {
    EngineOptions options = exact_options();
    options.exact = exact;
    set_threads(1);
    const auto whole = logits_of(dir(), options, reference.prompt);
    for (int chunk : {1, 3, 5}) {
      set_threads(chunk);
      options.prefill_chunk = chunk;
      EXPECT_EQ(logits_of(dir(), options, reference.prompt), whole) << chunk;
    }
  }
  set_threads(2);
}

std::vector<std::string> model_names(const std::string& part) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kModels)) {
    const std::string name = entry.path().filename().string();
    if (name.find(part) != std::string::npos) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, GoldenModels, testing::ValuesIn(model_names("")), test_name);
INSTANTIATE_TEST_SUITE_P(All, Float32GoldenModels, testing::ValuesIn(model_names("-f32-")),
                         test_name);

}  // namespace
}  // namespace mlxa
