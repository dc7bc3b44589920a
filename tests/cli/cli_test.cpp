// The command-line program from outside: exit codes, streams, documents.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(MLXA_GOLDEN_DIR) / "models";
const std::string kModel = (kGolden / "llama-f32-q4-g128").string();

struct Outcome {
  int code;
  std::string out, err;
};

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    dir_ = fs::temp_directory_path() /
           ("mlxa_cli_" + std::string(info->name()) + std::to_string(::getpid()));
    fs::create_directories(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }

  /// Runs `mlxa arguments` with `input` on stdin, through a shell.
  Outcome mlxa(const std::string& arguments, const std::string& input = "") {
    std::ofstream(dir_ / "in", std::ios::binary) << input;
    const std::string command = std::string(MLXA_PROGRAM) + " " + arguments + " <" +
                                (dir_ / "in").string() + " >" + (dir_ / "out").string() + " 2>" +
                                (dir_ / "err").string();
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(dir_ / "out"),
            contents(dir_ / "err")};
  }

  /// A failure is one line on stderr, nothing on stdout, and the documented code.
  void expect_error(const std::string& arguments, int code, const std::string& words,
                    const std::string& input = "") {
    const Outcome run = mlxa(arguments, input);
    EXPECT_EQ(run.code, code) << arguments << "\n" << run.err;
    EXPECT_EQ(run.out, "") << arguments;
    EXPECT_NE(run.err.find(words), std::string::npos) << run.err;
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  }

  /// A copy of the small model, to be broken.
  fs::path copy_of_model() {
    const fs::path copy = dir_ / "model";
    fs::remove_all(copy);
    fs::copy(kModel, copy);
    return copy;
  }

  fs::path dir_;
};

TEST_F(Cli, AnswersAndStreams) {
  const Outcome run = mlxa("generate --model " + kModel + " --prompt-ids 5,80,3 --max-tokens 8");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_FALSE(run.out.empty());
  EXPECT_EQ(run.err, "");  // silent where stderr is no terminal
}

TEST_F(Cli, JsonIsOneDocument) {
  const Outcome run = mlxa("generate --model " + kModel +
                           " --prompt-ids 5,80,3 --max-tokens 8 --ignore-eos --json");
  ASSERT_EQ(run.code, 0) << run.err;
  const auto document = nlohmann::json::parse(run.out);
  EXPECT_EQ(document.at("token_ids").size(), 8u);
  EXPECT_EQ(document.at("generation_tokens"), 8);
  EXPECT_EQ(document.at("prompt_tokens"), 3);
  EXPECT_EQ(document.at("finish_reason"), "length");
  for (const char* key : {"prompt_tps", "generation_tps", "time_to_first_token_s"}) {
    EXPECT_GT(document.at(key).get<double>(), 0) << key;
  }
  EXPECT_GT(document.at("peak_memory_bytes").get<int64_t>(), 1 << 20);
  EXPECT_TRUE(document.at("text").is_string());
}

TEST_F(Cli, WritesLogits) {
  const std::string file = (dir_ / "logits.npy").string();
  const Outcome run =
      mlxa("generate --model " + kModel + " --prompt-ids 5,80,3 --max-tokens 1 --logits " + file);
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(fs::file_size(file), 128u + 163u * 4u);
}

// A row of every position: each is what its own prompt gives.
TEST_F(Cli, WritesLogitsOfAllPositions) {
  const auto logits = [&](const std::string& arguments) {
    const std::string file = (dir_ / "logits.npy").string();
    const Outcome run = mlxa("generate --model " + kModel + " --max-tokens 1 --logits " + file +
                             " --prompt-ids " + arguments);
    EXPECT_EQ(run.code, 0) << run.err;
    std::ifstream in(file, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    return bytes.substr(128);
  };
  EXPECT_EQ(logits("5,80,3 --all-positions"), logits("5") + logits("5,80") + logits("5,80,3"));
  expect_error("generate --model " + kModel + " --prompt-ids 5 --all-positions", 2, "--logits");
}

TEST_F(Cli, TokenizesLines) {
  const Outcome ids = mlxa("tokenize --model " + kModel + " --no-special", "\"ab\"\n\"\"\n");
  ASSERT_EQ(ids.code, 0) << ids.err;
  const Outcome text = mlxa("tokenize --model " + kModel + " --decode", ids.out);
  EXPECT_EQ(text.out, "\"ab\"\n\"\"\n");
}

TEST_F(Cli, HelpEverywhere) {
  for (const char* arguments : {"--help", "generate --help", "chat --help", "tokenize --help",
                                "template --help", "info --help", "env --help", "--version"}) {
    const Outcome run = mlxa(arguments);
    EXPECT_EQ(run.code, 0) << arguments;
    EXPECT_FALSE(run.out.empty()) << arguments;
  }
}

TEST_F(Cli, DescribesModelAndMachine) {
  const Outcome info = mlxa("info " + kModel + " --json");
  ASSERT_EQ(info.code, 0) << info.err;
  const auto document = nlohmann::json::parse(info.out);
  EXPECT_EQ(document.at("architecture"), "llama");
  EXPECT_EQ(document.at("vocab_size"), 163);
  EXPECT_EQ(mlxa("info " + kModel).code, 0);
  const Outcome env = mlxa("env --json");
  EXPECT_GE(nlohmann::json::parse(env.out).at("threads"), 1);
  EXPECT_NE(mlxa("env").out.find("MLXA_ISA"), std::string::npos);
}

TEST_F(Cli, WrongUsage) {
  expect_error("", 2, "--help");
  expect_error("frobnicate", 2, "--help");
  expect_error("generate --model " + kModel + " --prompt x --no-such-flag", 2, "no-such-flag");
  expect_error("generate --model " + kModel, 2, "--help");
  expect_error("generate --prompt x", 2, "--model");
  expect_error("generate --model " + kModel + " --prompt-ids 1,x", 2, "--prompt-ids");
  expect_error("generate --model " + kModel + " --prompt-ids 1,163", 2, "163");
  expect_error("generate --model " + kModel + " --prompt-ids 1 --temp nan", 2, "temperature");
  expect_error("generate --model " + kModel + " --prompt-ids 1 --top-p 1.5", 2, "top_p");
  expect_error("generate --model " + kModel + " --prompt-ids 1 --max-tokens -1", 2, "max_tokens");
  expect_error("tokenize --model " + kModel, 2, "line 1", "{\n");
}

TEST_F(Cli, MissingThings) {
  expect_error("generate --model /no/such/dir --prompt x", 3, "/no/such/dir");
  expect_error("generate --model " + dir_.string() + " --prompt x", 3, "config.json");
  fs::path model = copy_of_model();
  fs::remove(model / "model.safetensors");
  expect_error("generate --model " + model.string() + " --prompt x", 3, "safetensors");
  model = copy_of_model();
  std::ofstream(model / "model.safetensors.index.json")
      << R"({"weight_map": {"a": "model-00001-of-00002.safetensors"}})";
  expect_error("generate --model " + model.string() + " --prompt x", 3, "model-00001-of-00002");
  model = copy_of_model();
  fs::remove(model / "tokenizer.json");
  expect_error("generate --model " + model.string() + " --prompt x", 3, "tokenizer.json");
  expect_error("generate --model " + kModel + " --messages /no/such/file", 3, "/no/such/file");
}

TEST_F(Cli, BrokenFiles) {
  fs::path model = copy_of_model();
  fs::resize_file(model / "model.safetensors", fs::file_size(model / "model.safetensors") - 10);
  expect_error("generate --model " + model.string() + " --prompt x", 4, "model.safetensors");
  fs::resize_file(model / "model.safetensors", 0);
  expect_error("generate --model " + model.string() + " --prompt x", 4, "model.safetensors");
  model = copy_of_model();
  std::ofstream(model / "config.json") << "{";
  expect_error("generate --model " + model.string() + " --prompt x", 4, "config.json");
  model = copy_of_model();
  std::ofstream(model / "model.safetensors.index.json") << R"({"weight_map": {"a": "../x"}})";
  expect_error("generate --model " + model.string() + " --prompt x", 4, "../x");
  model = copy_of_model();
  std::ofstream(model / "tokenizer.json") << "[]";
  expect_error("generate --model " + model.string() + " --prompt x", 4, "tokenizer");
}

TEST_F(Cli, UnknownArchitecture) {
  const fs::path model = copy_of_model();
  std::ofstream(model / "config.json") << R"({"model_type": "perceptron"})";
  expect_error("generate --model " + model.string() + " --prompt x", 5, "perceptron");
}

TEST_F(Cli, PromptBeyondTheContext) {
  std::string ids = "5";
  for (int i = 0; i < 600; i++) ids += ",5";
  expect_error("generate --model " + kModel + " --prompt-ids " + ids, 7, "512");
}

TEST_F(Cli, FullOutput) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const int status = std::system(
      (std::string(MLXA_PROGRAM) + " info " + kModel + " >/dev/full 2>" + (dir_ / "err").string())
          .c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 8);
}

TEST_F(Cli, ForcedIsa) {
  ::setenv("MLXA_ISA", "scalar", 1);
  const Outcome scalar = mlxa("env --json");
  EXPECT_EQ(nlohmann::json::parse(scalar.out).at("isa"), "scalar");
  ::setenv("MLXA_ISA", "mmx", 1);
  expect_error("env", 2, "MLXA_ISA=mmx, expected scalar, avx2, avx512 or amx");
  expect_error("generate --model " + kModel + " --prompt-ids 5", 2, "MLXA_ISA=mmx");
  ::unsetenv("MLXA_ISA");
}

// Every set that there is a name for either runs here, or is refused in one line.
TEST_F(Cli, ForcedIsaThatThisMachineLacks) {
  const auto supported = nlohmann::json::parse(mlxa("env --json").out).at("supported_isas");
  for (const char* isa : {"scalar", "avx2", "avx512", "amx"}) {
    ::setenv("MLXA_ISA", isa, 1);
    const std::string run = "generate --model " + kModel + " --prompt-ids 5 --max-tokens 2";
    if (std::find(supported.begin(), supported.end(), isa) != supported.end()) {
      EXPECT_EQ(mlxa(run).code, 0) << isa;
    } else {
      expect_error(run, 5, "MLXA_ISA=" + std::string(isa) + ", but this processor cannot run it");
    }
  }
  ::unsetenv("MLXA_ISA");
}

TEST_F(Cli, MessagesFollowTheSystemPrompt) {
  std::ofstream(dir_ / "both") << R"([{"role": "system", "content": "Be kind."},
                                      {"role": "user", "content": "Hello!"}])";
  std::ofstream(dir_ / "one") << R"([{"role": "user", "content": "Hello!"}])";
  const std::string begin = "generate --model " + std::string(MLXA_SOURCE_DIR) +
                            "/models/tiny-chat --max-tokens 8 --verbose --messages " +
                            dir_.string();
  const Outcome both = mlxa(begin + "/both"), one = mlxa(begin + "/one --system-prompt 'Be kind.'");
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(one.out, both.out);
  const auto prompt = [](const Outcome& run) { return run.err.substr(0, run.err.find(" (")); };
  EXPECT_EQ(prompt(one), prompt(both));  // "prompt: N tokens"
}

TEST_F(Cli, ChatKeepsTheConversation) {
  const Outcome run = mlxa("chat --model " + std::string(MLXA_SOURCE_DIR) + "/models/tiny-chat",
                           "Hello!\n/drop\n/drop\n/system Be kind.\n/reset\n/nonsense\n");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("The oldest exchange is forgotten."), std::string::npos);
  EXPECT_NE(run.out.find("There is nothing to forget."), std::string::npos);
  EXPECT_NE(run.out.find("System prompt set."), std::string::npos);
  EXPECT_NE(run.out.find("No such command."), std::string::npos);
}

}  // namespace
