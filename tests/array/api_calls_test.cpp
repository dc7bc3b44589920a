// The same calls give the same types, shapes, values and errors as MLX's C++ library.
#include "support/api_calls.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace {

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, '\t');) fields.push_back(field);
  return fields;
}

std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> numbers;
  std::istringstream in(text);
  for (std::string word; in >> word;) numbers.push_back(std::stod(word));
  return numbers;
}

void expect_same(const std::string& got, const std::string& want) {
  const std::vector<std::string> g = fields_of(got), w = fields_of(want);
  ASSERT_EQ(g.size(), w.size()) << got;
  for (size_t i = 0; i < std::min<size_t>(w.size(), 3); i++) ASSERT_EQ(g[i], w[i]);
  if (w.size() < 4) return;
  // Of 16-bit types the definition's rounding counts, MLX's CPU rounds on the way.
  const double tolerance = w[1] == "float32" ? 2e-6 : w[1] == "float16" ? 2e-3 : 0;
  const std::vector<double> x = numbers_of(g[3]), y = numbers_of(w[3]);
  ASSERT_EQ(x.size(), y.size());
  for (size_t i = 0; i < y.size(); i++) {
    if (x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i]))) continue;
    EXPECT_NEAR(x[i], y[i], tolerance * std::max(1.0, std::abs(y[i]))) << "element " << i;
  }
}

TEST(ApiCalls, SameAsMlx) {
  std::ifstream file(MLXA_GOLDEN_DIR "/api_calls.txt");
  ASSERT_TRUE(file);
  int calls = 0;
  api_calls::visit_all([&](const std::string& call, const std::function<mlxa::array()>& run) {
    SCOPED_TRACE(call);
    std::string want;
    ASSERT_TRUE(std::getline(file, want));
    expect_same(api_calls::result_of(call, run), want);
    calls++;
  });
  EXPECT_GT(calls, 250);
}

}  // namespace
