// Engine and Session over a small model of tests/golden.
#include <algorithm>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "mlxa/engine.h"
#include "mlxa/error.h"

#include "nn/kv_cache.h"

namespace mlxa {
namespace {

const std::filesystem::path kModel =
    std::filesystem::path(MLXA_GOLDEN_DIR) / "models" / "llama-f32-q4-g128";

GenerateParameters tokens(int count) {
  GenerateParameters parameters;
  parameters.max_tokens = count;
  parameters.ignore_eos = true;
  return parameters;
}

const std::vector<int32_t> kPrompt = {5, 80, 3, 41, 12, 77, 9};

template <class F>
ErrorCode code_of(F&& f) {
  try {
    f();
  } catch (const std::exception& error) {
    return error_code(error);
  }
  return ErrorCode::kInternal;
}

TEST(Session, ReusesWhatTheCacheHolds) {
  const Engine engine = Engine::load(kModel);
  Session session = engine.create_session();
  const auto first = session.generate(kPrompt, tokens(6));
  EXPECT_EQ(first.reused_tokens, 0);
  std::vector<int32_t> longer = kPrompt;
  longer.insert(longer.end(), first.token_ids.begin(), first.token_ids.end());
  longer.push_back(33);
  const auto second = session.generate(longer, tokens(5));
  EXPECT_EQ(second.reused_tokens, static_cast<int>(kPrompt.size() + 5));  // the last was never fed
  // A changed beginning is computed anew.
  std::vector<int32_t> other = longer;
  other[2] = 4;
  EXPECT_EQ(session.generate(other, tokens(1)).reused_tokens, 2);
}

TEST(Session, DecodingCopiesNoKeysAndValues) {
  const Engine engine = Engine::load(kModel);
  Session session = engine.create_session();
  session.generate(kPrompt, tokens(1));
  Session other = session.fork();
  const uint64_t at_fork = engine.kv_bytes_copied();
  EXPECT_GT(at_fork, 0u);  // the unfinished block
  const auto alone = engine.create_session().generate(kPrompt, tokens(100));
  std::vector<int32_t> prompt = kPrompt;
  EXPECT_EQ(session.generate(prompt, tokens(100)).token_ids, alone.token_ids);
  EXPECT_EQ(other.generate(prompt, tokens(100)).token_ids, alone.token_ids);
  EXPECT_EQ(engine.kv_bytes_copied(), at_fork);
}

EngineOptions with_kv_bits(int bits) {
  EngineOptions options;
  options.kv_bits = bits;
  return options;
}

TEST(Session, QuantizedKeysAndValuesAreSharedTrimmedAndForked) {
  std::vector<int32_t> prompt;
  for (int i = 0; i < nn::KVPool::kBlockSize + 40; i++) prompt.push_back(2 + i * 7 % 150);
  for (int bits : {8, 4}) {
    const Engine engine = Engine::load(kModel, with_kv_bits(bits));
    const auto bytes = static_cast<uint64_t>(engine.info().kv_bytes_per_token);
    Session session = engine.create_session();
    const auto alone = session.generate(prompt, tokens(100));
    EXPECT_EQ(engine.kv_bytes_copied(), 0u);
    Session other = session.fork();  // copies what two full blocks leave over
    const uint64_t held = session.tokens().size();
    EXPECT_EQ(engine.kv_bytes_copied(), (held - 2 * nn::KVPool::kBlockSize) * bytes);
    // Both write to the second block after a trim; the one that comes first copies what it keeps.
    const uint64_t before = engine.kv_bytes_copied();
    other.trim(static_cast<int64_t>(prompt.size()) + 30);
    EXPECT_EQ(other.generate(prompt, tokens(100)).token_ids, alone.token_ids);
    EXPECT_EQ(session.generate(prompt, tokens(100)).token_ids, alone.token_ids);
    const uint64_t kept = prompt.size() - 1 - nn::KVPool::kBlockSize;
    EXPECT_EQ(engine.kv_bytes_copied(), before + kept * bytes);
  }
}

// 2 layers, 2 key heads of 32: a row is 32 codes with one scale and bias of 2 bytes each.
TEST(Session, TellsTheBytesOfAPosition) {
  EXPECT_EQ(Engine::load(kModel).info().kv_bytes_per_token, 2 * 2 * 2 * 32 * 4);
  EXPECT_EQ(Engine::load(kModel, with_kv_bits(8)).info().kv_bytes_per_token, 2 * 2 * 2 * 36);
  EXPECT_EQ(Engine::load(kModel, with_kv_bits(4)).info().kv_bytes_per_token, 2 * 2 * 2 * 20);
}

TEST(Session, RefusesOtherKeyAndValueBits) {
  EXPECT_EQ(code_of([] { Engine::load(kModel, with_kv_bits(7)); }), ErrorCode::kInvalidArgument);
  EngineOptions exact = with_kv_bits(8);
  exact.exact = true;
  EXPECT_EQ(code_of([&] { Engine::load(kModel, exact); }), ErrorCode::kInvalidArgument);
  const auto narrow = kModel.parent_path() / "llama-f32-linear";  // heads of 8 values
  EXPECT_EQ(code_of([&] { Engine::load(narrow, with_kv_bits(8)); }), ErrorCode::kUnsupported);
}

TEST(Session, WritesAfterATrimDoNotReachTheOther) {
  const Engine engine = Engine::load(kModel);
  std::vector<int32_t> prompt;
  for (int i = 0; i < nn::KVPool::kBlockSize + 40; i++) prompt.push_back(2 + i * 7 % 150);
  Session session = engine.create_session();
  const auto expected = session.generate(prompt, tokens(8));
  Session other = session.fork();
  other.trim(60);  // into a shared block
  std::vector<int32_t> different(prompt.begin(), prompt.begin() + 60);
  different.push_back(99);
  other.generate(different, tokens(30));
  session.trim(static_cast<int64_t>(prompt.size()) - 1);
  EXPECT_EQ(session.generate(prompt, tokens(8)).token_ids, expected.token_ids);
}

TEST(Session, StopsAtTheEndToken) {
  const Engine engine = Engine::load(kModel);
  EXPECT_EQ(engine.info().eos_token_ids, std::vector<int32_t>{1});
  Session session = engine.create_session();
  const auto result = session.generate(kPrompt, tokens(3));
  EXPECT_EQ(result.finish_reason, "length");
  EXPECT_EQ(result.generation_tokens, 3);
}

TEST(Session, StopStringsEndTheText) {
  const Engine engine = Engine::load(kModel);
  const auto plain = engine.create_session().generate(kPrompt, tokens(20));
  const size_t middle = plain.text.size() / 2;
  GenerateParameters parameters = tokens(20);
  // Whole characters around the middle.
  size_t begin = middle;
  while (begin > 0 && (plain.text[begin] & 0xc0) == 0x80) begin--;
  parameters.stop = {plain.text.substr(begin, 4)};
  std::string streamed;
  const auto stopped =
      engine.create_session().generate(kPrompt, parameters, [&](const TokenEvent& event) {
        streamed += event.text;
        return true;
      });
  EXPECT_EQ(stopped.finish_reason, "stop");
  EXPECT_EQ(stopped.text, plain.text.substr(0, plain.text.find(parameters.stop[0])));
  EXPECT_EQ(streamed, stopped.text);
}

TEST(Session, CallbackAndCancelEndTheAnswer) {
  const Engine engine = Engine::load(kModel);
  Session session = engine.create_session();
  int seen = 0;
  auto result =
      session.generate(kPrompt, tokens(50), [&](const TokenEvent&) { return ++seen < 4; });
  EXPECT_EQ(result.finish_reason, "cancelled");
  EXPECT_EQ(result.generation_tokens, 4);
  seen = 0;
  result = session.generate(kPrompt, tokens(50), [&](const TokenEvent&) {
    if (++seen == 2) std::thread([&] { session.cancel(); }).join();
    return true;
  });
  EXPECT_EQ(result.finish_reason, "cancelled");
  EXPECT_EQ(result.generation_tokens, 2);
}

TEST(Session, NeedsNoTokenizerForIds) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "mlxa_no_tokenizer";
  std::filesystem::remove_all(folder);
  std::filesystem::copy(kModel, folder);
  std::filesystem::remove(folder / "tokenizer.json");
  const Engine engine = Engine::load(folder);
  EXPECT_FALSE(engine.has_tokenizer());
  EXPECT_EQ(code_of([&] { engine.tokenizer(); }), ErrorCode::kNotFound);
  EXPECT_EQ(code_of([&] { engine.encode("text"); }), ErrorCode::kNotFound);
  Session session = engine.create_session();
  GenerateParameters with_stop = tokens(5);
  with_stop.stop = {"x"};
  EXPECT_EQ(code_of([&] { session.generate(kPrompt, with_stop); }), ErrorCode::kNotFound);
  const auto result = session.generate(kPrompt, tokens(5));
  EXPECT_EQ(result.text, "");
  EXPECT_EQ(result.token_ids,
            Engine::load(kModel).create_session().generate(kPrompt, tokens(5)).token_ids);
  std::filesystem::remove_all(folder);
}

TEST(Session, RefusesWhatCannotBe) {
  const Engine engine = Engine::load(kModel);
  Session session = engine.create_session();
  const std::vector<int32_t> unknown = {1, 163}, negative = {-1}, none;
  EXPECT_EQ(code_of([&] { session.generate(unknown); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { session.generate(negative); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { session.generate(none); }), ErrorCode::kInvalidArgument);
  const std::vector<int32_t> full(static_cast<size_t>(engine.info().context_length), 5);
  EXPECT_EQ(code_of([&] { session.generate(full); }), ErrorCode::kContextFull);
}

TEST(Session, EndsWhereTheContextEnds) {
  const Engine engine = Engine::load(kModel);
  const int context = engine.info().context_length;
  const std::vector<int32_t> prompt(static_cast<size_t>(context - 3), 5);
  const auto result = engine.create_session().generate(prompt, tokens(50));
  EXPECT_EQ(result.finish_reason, "context");
  EXPECT_EQ(result.generation_tokens, 4);  // the last one needs no position
}

TEST(Session, RunsOutOfPositionsWithoutLosingAny) {
  EngineOptions options;
  options.kv_tokens = 1;
  const Engine engine = Engine::load(kModel, options);
  std::vector<Session> sessions;
  ErrorCode code = ErrorCode::kInternal;
  for (int i = 0; i < 20 && code == ErrorCode::kInternal; i++) {
    sessions.push_back(engine.create_session());
    code = code_of([&] { sessions.back().generate(kPrompt, tokens(2)); });
  }
  EXPECT_EQ(code, ErrorCode::kOutOfMemory);
  sessions.pop_back();
  sessions.pop_back();
  EXPECT_EQ(engine.create_session().generate(kPrompt, tokens(2)).generation_tokens, 2);
}

TEST(Session, ManyThreadsShareAnEngine) {
  const Engine engine = Engine::load(kModel);
  const auto expected = engine.create_session().generate(kPrompt, tokens(20)).token_ids;
  std::vector<std::thread> threads;
  std::vector<std::vector<int32_t>> got(8);
  for (auto& out : got) {
    threads.emplace_back(
        [&] { out = engine.create_session().generate(kPrompt, tokens(20)).token_ids; });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& out : got) EXPECT_EQ(out, expected);
}

}  // namespace
}  // namespace mlxa
