// What the API throws for broken model directories and requests; tests/cli has the long list.
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>

#include <gtest/gtest.h>
#include <unistd.h>

#include "mlxa/chat_template.h"
#include "mlxa/engine.h"
#include "mlxa/error.h"

namespace mlxa {
namespace {

namespace fs = std::filesystem;

class BrokenModel : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) /
              ("mlxa_broken_" + std::string(info->name()) + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::copy(fs::path(MLXA_GOLDEN_DIR) / "models" / "llama-f32-q4-g128", folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& file, const std::string& text) {
    std::ofstream(folder_ / file, std::ios::binary) << text;
  }

  /// `use` throws an Error of this code in one line, with a remedy.
  static void expect_error(ErrorCode code, const std::function<void()>& use) {
    try {
      use();
      ADD_FAILURE() << "nothing thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error_info(error.code()).name, error_info(code).name) << error.what();
      EXPECT_EQ(std::strchr(error.what(), '\n'), nullptr) << error.what();
      EXPECT_NE(error.remedy(), "") << error.what();
    }
  }

  void expect_load_error(ErrorCode code) {
    expect_error(code, [&] { Engine::load(folder_); });
  }

  fs::path folder_;
};

TEST_F(BrokenModel, NothingThere) {
  fs::remove(folder_ / "model.safetensors");
  expect_load_error(ErrorCode::kNotFound);
  fs::remove(folder_ / "config.json");
  expect_load_error(ErrorCode::kNotFound);
  fs::remove_all(folder_);
  expect_load_error(ErrorCode::kNotFound);
}

TEST_F(BrokenModel, ShardOutsideTheDirectory) {
  write("model.safetensors.index.json", R"({"weight_map": {"a": "../model.safetensors"}})");
  expect_load_error(ErrorCode::kInvalidFile);
  write("model.safetensors.index.json", R"({"weight_map": {"a": "model-1.safetensors"}})");
  expect_load_error(ErrorCode::kNotFound);
}

TEST_F(BrokenModel, TruncatedWeights) {
  for (const uintmax_t size : {60000, 100, 8, 0}) {
    fs::resize_file(folder_ / "model.safetensors", size);
    expect_load_error(ErrorCode::kInvalidFile);
  }
}

TEST_F(BrokenModel, HeaderOfAnExbibyte) {
  write("model.safetensors", std::string("\0\0\0\0\0\0\0\x10{}", 10));
  expect_load_error(ErrorCode::kInvalidFile);
}

TEST_F(BrokenModel, Config) {
  const std::string deep(300'000, '[');
  for (const std::string& text : {std::string(), std::string("{"), std::string("\xff"), deep,
                                  std::string(R"({"model_type": "llama", "hidden_size": -1})")}) {
    write("config.json", text);
    expect_load_error(ErrorCode::kInvalidFile);
  }
  write("config.json", R"({"model_type": "perceptron"})");
  expect_load_error(ErrorCode::kUnsupported);
}

TEST_F(BrokenModel, Tokenizer) {
  write("tokenizer.json", "{}");
  EXPECT_THROW(Engine::load(folder_), Error);
  write("tokenizer.json", "[");
  expect_load_error(ErrorCode::kInvalidFile);
}

TEST_F(BrokenModel, DirectoryInAFilesPlace) {
  fs::create_directory(folder_ / "chat_template.jinja");
  expect_load_error(ErrorCode::kIo);
}

TEST_F(BrokenModel, TemplateWithoutEnd) {
  const auto chat = ChatTemplate::parse(
      "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}");
  const std::vector<ChatMessage> messages = {{"user", "hello"}};
  expect_error(ErrorCode::kInvalidFile, [&] { chat.render(messages, {}); });
}

TEST_F(BrokenModel, Requests) {
  const Engine engine = Engine::load(folder_);
  Session session = engine.create_session();
  const std::vector<int32_t> prompt = {5, 6};
  GenerateParameters hot, mass;
  hot.temperature = std::numeric_limits<float>::quiet_NaN();
  mass.top_p = 1.5f;
  for (const GenerateParameters& parameters : {hot, mass}) {
    expect_error(ErrorCode::kInvalidArgument, [&] { session.generate(prompt, parameters); });
  }
  const std::vector<int32_t> unknown = {5, 1 << 20};
  expect_error(ErrorCode::kInvalidArgument, [&] { session.generate(unknown); });
  EngineOptions greedy;
  greedy.kv_tokens = int64_t{1} << 50;
  expect_error(ErrorCode::kOutOfMemory, [&] { Engine::load(folder_, greedy); });
}

// The error comes before the lost pages are touched, and only where bytes are lost.
TEST_F(BrokenModel, WeightsCutWhileInUse) {
  const std::vector<int32_t> prompt = {5, 6};
  const Engine engine = Engine::load(folder_);
  EngineOptions in_memory;
  in_memory.map_weights = false;
  const Engine copied = Engine::load(folder_, in_memory);
  write("short", "x");
  fs::copy_file(folder_ / "model.safetensors", folder_ / "kept");
  fs::rename(folder_ / "model.safetensors", folder_ / "mapped");
  fs::rename(folder_ / "short", folder_ / "model.safetensors");
  EXPECT_NO_THROW(engine.create_session().generate(prompt));  // another file of the same name
  fs::resize_file(folder_ / "mapped", 4096);
  expect_error(ErrorCode::kInvalidFile, [&] { engine.create_session().generate(prompt); });
  expect_error(ErrorCode::kInvalidFile, [&] { engine.create_session().logits(prompt); });
  EXPECT_NO_THROW(copied.create_session().generate(prompt));
  fs::remove(folder_ / "mapped");
  fs::rename(folder_ / "kept", folder_ / "model.safetensors");
  EXPECT_NO_THROW(Engine::load(folder_).create_session().generate(prompt));
}

TEST_F(BrokenModel, FilesMayBeLinks) {
  const fs::path blob = folder_ / "blob";
  fs::rename(folder_ / "model.safetensors", blob);
  fs::create_symlink("blob", folder_ / "model.safetensors");
  EXPECT_NO_THROW(Engine::load(folder_));
  fs::remove(blob);
  expect_load_error(ErrorCode::kNotFound);
}

}  // namespace
}  // namespace mlxa
