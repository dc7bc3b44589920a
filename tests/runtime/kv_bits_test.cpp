// What keys and values of 8 and 4 bits do to the next token's distribution.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/engine.h"

namespace mlxa {
namespace {

const std::filesystem::path kModel =
    std::filesystem::path(MLXA_SOURCE_DIR) / "models" / "tiny-chat";

std::vector<double> log_probabilities(const std::vector<float>& logits) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double total = 0;
  for (float x : logits) total += std::exp(x - top);
  std::vector<double> out;
  for (float x : logits) out.push_back(x - top - std::log(total));
  return out;
}

double divergence(const std::vector<float>& want, const std::vector<float>& got) {
  const std::vector<double> p = log_probabilities(want), q = log_probabilities(got);
  double sum = 0;
  for (size_t i = 0; i < p.size(); i++) sum += std::exp(p[i]) * (p[i] - q[i]);
  return sum;
}

Engine with_bits(int bits) {
  EngineOptions options;
  options.kv_bits = bits;
  return Engine::load(kModel, options);
}

// Mean KL against the file's own type over the positions of some texts, all in fast mode.
TEST(KVBits, DistributionsStayNearThoseOfTheFilesType) {
  const Engine engine = with_bits(0), eight = with_bits(8), four = with_bits(4);
  Session session = engine.create_session(), session8 = eight.create_session(),
          session4 = four.create_session();
  double sum8 = 0, sum4 = 0;
  int count = 0;
  for (const char* question : {"What is 21 + 34?", "Hello! Who are you?", "What is 7 times 8?"}) {
    const ChatMessage message{"user", question};
    std::vector<int32_t> text = engine.encode_chat({&message, 1});
    GenerateParameters parameters;
    parameters.max_tokens = 24;
    const auto answer = session.generate(text, parameters).token_ids;
    text.insert(text.end(), answer.begin(), answer.end());
    for (size_t n = 2; n <= text.size(); n++) {
      const std::span prompt(text.data(), n);
      const std::vector<float> want = session.logits(prompt);
      sum8 += divergence(want, session8.logits(prompt));
      sum4 += divergence(want, session4.logits(prompt));
      count++;
    }
  }
  std::cout << count << " positions, mean KL: 8 bits " << sum8 / count << ", 4 bits "
            << sum4 / count << "\n";
  EXPECT_LT(sum8 / count, 1e-3);
  EXPECT_LT(sum4 / count, 1e-1);
  EXPECT_GT(sum4, sum8);
}

}  // namespace
}  // namespace mlxa
