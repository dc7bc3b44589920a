// Malformed, unsupported and hostile files: a clear Error, never a crash.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mlxa/error.h"
#include "mlxa/tokenizer.h"

namespace mlxa {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

Json minimal() {
  return Json::parse(R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2},
                                   "merges": ["a b"]}, "added_tokens": []})");
}

void expect_error(const std::string& text, ErrorCode code, const std::string& part) {
  try {
    Tokenizer::from_json(text);
    ADD_FAILURE() << "accepted: " << text.substr(0, 200);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_THAT(error.what(), HasSubstr(part));
    EXPECT_THAT(error.what(), HasSubstr(", expected "));
    EXPECT_THAT(error.what(), testing::StartsWith("[tokenizer] "));
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    EXPECT_FALSE(error.remedy().empty());
  }
}

void expect_invalid(const Json& file, const std::string& part) {
  expect_error(file.dump(), ErrorCode::kInvalidFile, part);
}

void expect_unsupported(const Json& file, const std::string& part) {
  expect_error(file.dump(), ErrorCode::kUnsupported, part);
}

Json with(const std::string& pointer, const Json& value) {
  Json file = minimal();
  file[Json::json_pointer(pointer)] = value;
  return file;
}

TEST(TokenizerErrors, TheSmallestFileLoads) {
  const auto tokenizer = Tokenizer::from_json(minimal().dump());
  EXPECT_EQ(tokenizer.encode("abba"), (std::vector<int32_t>{2, 1, 0}));
  EXPECT_EQ(tokenizer.vocab_size(), 3);
}

TEST(TokenizerErrors, NotJson) {
  for (const char* text :
       {"", " ", "{", "nul", "{\"a\":1,}", "\xff", "{\"a\":\"\\ud800\"}", "{}{}"}) {
    expect_error(text, ErrorCode::kInvalidFile, "no valid JSON");
  }
  for (const char* text : {"[]", "1", "null", "\"a\""}) {
    expect_error(text, ErrorCode::kInvalidFile, "expected a JSON object");
  }
  const std::string whole = minimal().dump();
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(Tokenizer::from_json(whole.substr(0, size)), Error);
  }
}

TEST(TokenizerErrors, AbsurdNesting) {
  for (const char* open : {"[", "{\"a\":"}) {
    std::string text = "{\"x\":";
    for (int i = 0; i < 200'000; ++i) text += open;
    expect_error(text, ErrorCode::kInvalidFile, "nested deeper than 64");
  }
  Json normalizer = {{"type", "NFC"}};
  for (int i = 0; i < 40; ++i) {
    normalizer = {{"type", "Sequence"}, {"normalizers", Json::array({normalizer})}};
  }
  expect_invalid(with("/normalizer", normalizer), "nested deeper");
}

TEST(TokenizerErrors, Vocabulary) {
  expect_invalid(Json::object(), "tokenizer.json.model is missing");
  expect_invalid(with("/model", 3), "of type number");
  expect_invalid(with("/model", Json::object()), "model.type is missing");
  expect_invalid(with("/model", {{"type", "BPE"}}), "model.vocab is missing");
  expect_invalid(with("/model/vocab", Json::array()), "model.vocab");
  expect_invalid(with("/model/vocab/c", int64_t{1} << 40), "\"c\" an id out of range");
  expect_invalid(with("/model/vocab/c", UINT64_MAX), "\"c\" an id out of range");
  expect_invalid(with("/model/vocab/c", 1 << 24), "\"c\" an id out of range");
  expect_invalid(with("/model/vocab/c", -1), "\"c\" an id out of range");
  expect_invalid(with("/model/vocab/c", 1), "the id 1 to \"b\" and to \"c\"");
  expect_invalid(with("/model/vocab/c", 1.5), "\"c\" to something else");
  expect_invalid(with("/model/vocab/c", Json::array({1})), "\"c\" to something else");
  expect_invalid(with("/model/vocab/c", "1"), "\"c\" to something else");
}

TEST(TokenizerErrors, Merges) {
  expect_invalid(with("/model/merges", "a b"), "merges");
  expect_invalid(with("/model/merges", {"a x"}), "names \"x\", which is not in the vocabulary");
  expect_invalid(with("/model/merges", {"b a"}), "names \"ba\"");
  expect_invalid(with("/model/merges", {"ab"}), "holds \"ab\"");
  expect_invalid(with("/model/merges", {"a  b"}), "holds \"a  b\"");
  expect_invalid(with("/model/merges", Json::array({Json::array({"a"})})), "no pair");
  expect_invalid(with("/model/merges", Json::array({Json::array({"a", "b", "a"})})), "no pair");
  expect_invalid(with("/model/merges", Json::array({"a b", Json::array({"a", "b"})})), "mixes");
  expect_invalid(with("/model/merges", Json::array({1})), "something else");
  expect_invalid(with("/model/merges", Json::array({Json::array({Json::array()})})), "something");
  Json prefix = with("/model/continuing_subword_prefix", "####");
  expect_invalid(prefix, "\"b\", expected a token with the prefix");
}

TEST(TokenizerErrors, UnsupportedComponentsAreNamed) {
  expect_unsupported(with("/model/type", "Lattice"), "\"Lattice\"");
  expect_unsupported(with("/normalizer", {{"type", "Nmt"}}), "the normalizer \"Nmt\"");
  expect_unsupported(with("/pre_tokenizer", {{"type", "UnicodeScripts"}}), "\"UnicodeScripts\"");
  expect_unsupported(with("/decoder", {{"type", "CTC"}}), "the decoder \"CTC\"");
  expect_unsupported(with("/post_processor", {{"type", "Pairs"}}), "\"Pairs\"");
  expect_invalid(with("/decoder", {{"kind", "Fuse"}}), "decoder.type is missing");
  expect_invalid(with("/decoder", "Fuse"), "decoder is of type string");
  expect_invalid(
      with("/normalizer", {{"type", "Sequence"}, {"normalizers", Json::array({nullptr})}}),
      "normalizers[0]");
}

TEST(TokenizerErrors, Fields) {
  expect_invalid(with("/normalizer", {{"type", "Prepend"}}), "normalizer.prepend is missing");
  expect_invalid(with("/normalizer", {{"type", "Strip"}, {"strip_left", 1}}), "strip_left");
  const Json space = {{"String", " "}};
  expect_invalid(with("/pre_tokenizer", {{"type", "Split"}, {"pattern", space}}), "behavior");
  expect_invalid(
      with("/pre_tokenizer", {{"type", "Split"}, {"pattern", space}, {"behavior", "Some"}}),
      "Some");
  expect_invalid(
      with("/pre_tokenizer", {{"type", "Split"}, {"pattern", 3}, {"behavior", "Removed"}}),
      "pattern");
  expect_invalid(with("/pre_tokenizer", {{"type", "Metaspace"}, {"replacement", "ab"}}),
                 "one character");
  expect_invalid(with("/decoder", {{"type", "Strip"}, {"content", ""}}), "one character");
  expect_invalid(with("/decoder", {{"type", "Strip"}, {"content", "a"}, {"start", -1}}), "start");
  expect_invalid(with("/decoder", {{"type", "Strip"}, {"content", "a"}, {"stop", 1e300}}), "stop");
  expect_invalid(with("/post_processor", {{"type", "BertProcessing"}, {"sep", 1}, {"cls", 2}}),
                 "cls");
  const Json item = {{"SpecialToken", {{"id", "<s>"}}}};
  expect_invalid(
      with("/post_processor", {{"type", "TemplateProcessing"}, {"single", Json::array({item})}}),
      "names \"<s>\"");
  const Json sequence_b = {{"Sequence", {{"id", "B"}}}};
  expect_invalid(with("/post_processor",
                      {{"type", "TemplateProcessing"}, {"single", Json::array({sequence_b})}}),
                 "sequence \"B\"");
}

TEST(TokenizerErrors, AddedTokens) {
  expect_invalid(with("/added_tokens", 3), "added_tokens");
  expect_invalid(with("/added_tokens", Json::array({3})), "added_tokens[0]");
  expect_invalid(with("/added_tokens", Json::array({{{"id", int64_t{1} << 40}, {"content", "x"}}})),
                 "added_tokens[0].id");
  expect_invalid(with("/added_tokens", Json::array({{{"id", 1}}})), "content is missing");
  const std::string huge(5000, 'x');
  expect_unsupported(with("/added_tokens", Json::array({{{"id", 1}, {"content", huge}}})),
                     "5000 bytes");
}

Json split(const std::string& pattern) {
  return with("/pre_tokenizer",
              {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}});
}

TEST(TokenizerErrors, PatternsThatDoNotCompileAreNamed) {
  expect_unsupported(split("a("), "\"a(\"");
  expect_unsupported(split(R"(\p{Klingon})"), "Klingon");
  expect_unsupported(split("(?<=a+)b"), "\"(?<=a+)b\"");
  expect_unsupported(split("(?~a)"), "absent");
  expect_unsupported(split("*"), "\"*\"");
  expect_unsupported(split(std::string(20'000, 'a')), "20000 bytes");
  expect_unsupported(split(std::string(5'000, '(') + std::string(5'000, ')')), "nest");
  expect_unsupported(split(std::string(5'000, '[')), "nested brackets");
  expect_unsupported(split("((((a{1000}){1000}){1000}){1000}){1000}"), "large");
  expect_invalid(split("[a"), "open bracket");
  expect_invalid(split(R"(\p{L)"), "open property");
}

TEST(TokenizerErrors, RunawayPatternsStop) {
  const auto tokenizer = Tokenizer::from_json(split("(a+)+$|(a|b|ab)*c").dump());
  try {
    tokenizer.encode(std::string(5'000, 'a') + "b");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(error.what(), HasSubstr("(a+)+$"));
  }
}

TEST(TokenizerErrors, ExpansionIsBounded) {
  Json replace = {
      {"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", std::string(1000, 'a')}};
  Json file = with("/normalizer", {{"type", "Sequence"}, {"normalizers", Json(10, replace)}});
  const auto encoder = Tokenizer::from_json(file.dump());
  EXPECT_THROW(encoder.encode("a"), Error);
  file = with("/decoder", {{"type", "Sequence"}, {"decoders", Json(10, replace)}});
  const auto decoder = Tokenizer::from_json(file.dump());
  EXPECT_THROW(decoder.decode(std::vector<int32_t>{0}), Error);
}

// Templates feed one another, so that doubling the text in each would fill the memory.
TEST(TokenizerErrors, WhatAPostProcessorAddsIsBounded) {
  const Json text = Json::parse(R"({"Sequence": {"id": "A", "type_id": 0}})");
  const Json token = Json::parse(R"({"SpecialToken": {"id": "x", "type_id": 0}})");
  Json one = Json::parse(R"({"type": "TemplateProcessing",
                             "special_tokens": {"x": {"id": "x", "ids": [7, 9], "tokens": ["x"]}}})");
  one["single"] = Json::array({token, text});
  const auto tokenizer = Tokenizer::from_json(with("/post_processor", one).dump());
  EXPECT_EQ(tokenizer.encode("a"), (std::vector<int32_t>{7, 9, 0}));
  EXPECT_EQ(tokenizer.vocab_size(), 10);
  one["single"] = Json::array({text, text});
  expect_unsupported(with("/post_processor", one), "the text more than once");
  one["single"] = Json(std::vector<Json>(5000, token));
  expect_invalid(with("/post_processor", one), "more ids");
}

TEST(TokenizerErrors, AnUnknownTokenThatTheVocabularyLacks) {
  const auto tokenizer = Tokenizer::from_json(with("/model/unk_token", "<unk>").dump());
  EXPECT_EQ(tokenizer.encode("ab"), (std::vector<int32_t>{2}));
  try {
    tokenizer.encode("abc");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidFile);
    EXPECT_THAT(error.what(), HasSubstr("\"<unk>\" and the text holds \"c\""));
  }
}

TEST(TokenizerErrors, Files) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "mlxa_tokenizer_errors";
  std::filesystem::remove_all(folder);
  const auto code_of = [&] {
    try {
      Tokenizer::load(folder);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("tokenizer"));
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  EXPECT_EQ(code_of(), ErrorCode::kNotFound);
  std::filesystem::create_directories(folder / "tokenizer.json");
  EXPECT_EQ(code_of(), ErrorCode::kIo);
  std::filesystem::remove(folder / "tokenizer.json");
  std::ofstream(folder / "tokenizer.json") << minimal().dump();
  EXPECT_NO_THROW(Tokenizer::load(folder));
  std::ofstream(folder / "tokenizer_config.json") << "[1]";
  EXPECT_EQ(code_of(), ErrorCode::kInvalidFile);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace mlxa
