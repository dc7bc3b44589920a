// Ids and texts against the reference library. tools/golden/make_tokenizers.py wrote the files and
// says what they hold.
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mlxa/tokenizer.h"

#include "text/tokenizer/pattern.h"
#include "text/tokenizer/unicode.h"

namespace mlxa {
namespace {

using Json = nlohmann::json;

const std::string kFolder = MLXA_GOLDEN_DIR "/tokenizer/";

std::vector<Json> read_lines(const std::string& path) {
  std::ifstream stream(path);
  EXPECT_TRUE(stream) << path;
  std::vector<Json> values;
  for (std::string line; std::getline(stream, line);) values.push_back(Json::parse(line));
  return values;
}

std::string streamed(const Tokenizer& tokenizer, const std::vector<int32_t>& ids, bool skip) {
  StreamingDetokenizer stream(tokenizer, skip);
  std::string text;
  for (const int32_t id : ids) {
    const std::string piece = stream.add(id);
    EXPECT_TRUE(tok::is_valid_utf8(piece));
    text += piece;
  }
  return text + stream.finish();
}

class TokenizerGolden : public testing::TestWithParam<const char*> {};

TEST_P(TokenizerGolden, EqualsTheReference) {
  const auto tokenizer = Tokenizer::load(kFolder + GetParam());
  const auto lines = read_lines(kFolder + "lines.jsonl");
  const auto rows = read_lines(kFolder + GetParam() + "/sample.jsonl");
  ASSERT_EQ(lines.size(), 500u);
  ASSERT_EQ(rows.size(), lines.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(lines[i].dump());
    const auto line = lines[i].get<std::string>();
    const auto ids = rows[i].at("ids").get<std::vector<int32_t>>();
    const std::string text = rows[i].value("text", line);
    const std::string all = rows[i].value("all", text);
    EXPECT_EQ(tokenizer.encode(line), ids);
    EXPECT_EQ(tokenizer.encode(line), ids) << "from the cache";
    EXPECT_EQ(tokenizer.decode(ids), text);
    EXPECT_EQ(tokenizer.decode(ids, false), all);
    EXPECT_EQ(streamed(tokenizer, ids, true), text);
    EXPECT_EQ(streamed(tokenizer, ids, false), all);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, TokenizerGolden,
                         testing::Values("llama2", "phi3", "mistral", "metaspace", "gemma",
                                         "llama3", "qwen2", "smollm", "gpt2", "roberta", "phi2",
                                         "nemo", "o200k", "deepseek", "kitchen_sink", "bert_like"),
                         [](const auto& info) { return std::string(info.param); });

TEST(SplitPatterns, CutAsTheReference) {
  const auto rows = read_lines(kFolder + "patterns.jsonl");
  ASSERT_GT(rows.size(), 100u);
  const auto texts = rows[0].get<std::vector<std::string>>();
  for (size_t row = 1; row < rows.size(); ++row) {
    const auto pattern = tok::Pattern::regex(rows[row][0].get<std::string>(), "test");
    tok::Cutter cutter(pattern);
    for (size_t i = 0; i < texts.size(); ++i) {
      std::vector<tok::Cut> cuts;
      cutter.cut(texts[i], cuts);
      std::string joined;
      for (const tok::Cut& cut : cuts) {
        if (cut.begin == cut.end) continue;
        if (!joined.empty()) joined += '\0';
        joined += texts[i].substr(cut.begin, cut.end - cut.begin);
      }
      EXPECT_EQ(Json(joined).dump(), rows[row][i + 1].dump()) << rows[row][0] << " on " << i;
    }
  }
}

}  // namespace
}  // namespace mlxa
