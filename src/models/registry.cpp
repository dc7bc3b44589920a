#include "models/registry.h"

#include <algorithm>
#include <set>

#include "mlxa/error.h"

#include "base/json.h"

namespace mlxa::models {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRefetch = "The model is incomplete: fetch it again.";

struct Architecture {
  const char* model_type;
  std::unique_ptr<LanguageModel> (*make)(const Config&, nn::Weights&);
};

// The one table of architectures.
constexpr Architecture kArchitectures[] = {
    {"llama", make_llama},         {"mistral", make_llama}, {"smollm3", make_smollm3},
    {"qwen2", make_qwen2},         {"qwen3", make_qwen3},   {"mixtral", make_mixtral},
    {"qwen3_moe", make_qwen3_moe},
};

const Architecture& find_architecture(const Config& config) {
  const std::string type = config.text("model_type");
  for (const Architecture& architecture : kArchitectures) {
    if (type == architecture.model_type) return architecture;
  }
  std::string known;
  for (const std::string& name : supported_architectures())
    known += (known.empty() ? "" : ", ") + name;
  throw Error(
      ErrorCode::kUnsupported,
      "[model] " + config.where() + " has model_type \"" + type + "\", supported are " + known,
      "Use a model of one of these architectures.");
}

// Names in an index are file names, not paths: a model must not make the program read elsewhere.
std::vector<fs::path> indexed_files(const fs::path& dir, const fs::path& index) {
  const Config config = Config::read(index);
  const Config map = config.object("weight_map");
  std::set<std::string> names;
  for (const auto& [tensor, file] : map.json().items()) {
    if (!file.is_string()) map.fail("maps " + tensor + " to no file name");
    names.insert(file.get<std::string>());
  }
  if (names.empty()) config.fail("names no files");
  std::vector<fs::path> out;
  for (const std::string& name : names) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
        name.find('\\') != std::string::npos || name.find('\0') != std::string::npos) {
      map.fail("names the file \"" + name + "\", which is no plain file name");
    }
    if (!has_entry(dir / name)) {
      throw Error(ErrorCode::kNotFound, "[model] " + (dir / name).string() + " is missing",
                  kRefetch);
    }
    out.push_back(dir / name);
  }
  return out;
}

std::vector<fs::path> weight_files(const fs::path& dir) {
  const fs::path index = dir / "model.safetensors.index.json";
  if (has_entry(index)) return indexed_files(dir, index);
  std::vector<fs::path> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(dir, error)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("model", 0) == 0 && entry.path().extension() == ".safetensors") {
      out.push_back(entry.path());
    }
  }
  if (error) {
    throw Error(ErrorCode::kIo, "[model] " + dir.string() + ": " + error.message(),
                "Check the directory's permissions and the disk.");
  }
  std::sort(out.begin(), out.end());
  if (out.empty()) {
    throw Error(ErrorCode::kNotFound, "[model] no model*.safetensors in " + dir.string(),
                "Give the directory of an MLX model: config.json, model.safetensors, "
                "tokenizer.json.");
  }
  return out;
}

void check_directory(const fs::path& dir) {
  std::error_code error;
  const bool is_directory = fs::is_directory(dir, error);
  if (error && error != std::errc::no_such_file_or_directory) {
    throw Error(ErrorCode::kIo, "[model] " + dir.string() + ": " + error.message(),
                "Check the directory's permissions and the disk.");
  }
  if (!is_directory) {
    throw Error(ErrorCode::kNotFound, "[model] no such directory: " + dir.string(),
                "Check the path given with --model.");
  }
  if (!has_entry(dir / "config.json")) {
    throw Error(ErrorCode::kNotFound, "[model] no config.json in " + dir.string(),
                "Give the directory of an MLX model: config.json, model.safetensors, "
                "tokenizer.json.");
  }
}

}  // namespace

void WeightFiles::check_intact() const {
  for (const auto& file : files) {
    if (!file->cut_short()) continue;
    throw Error(ErrorCode::kInvalidFile,
                "[model] " + file->path().string() + " was cut short while in use",
                "Restore the file and load the model again, or load it with --no-mmap.");
  }
}

std::vector<std::string> supported_architectures() {
  std::vector<std::string> out;
  for (const Architecture& architecture : kArchitectures) out.push_back(architecture.model_type);
  std::sort(out.begin(), out.end());
  return out;
}

LoadedModel make_model(Config config, std::unordered_map<std::string, array> tensors) {
  const Architecture& architecture = find_architecture(config);
  int64_t bytes = 0;
  for (const auto& [name, tensor] : tensors) bytes += static_cast<int64_t>(tensor.nbytes());
  nn::Weights weights(std::move(tensors), quantization_entries(config));
  auto model = architecture.make(config, weights);
  const std::vector<std::string> left = weights.remaining();
  if (!left.empty()) {
    throw Error(ErrorCode::kInvalidFile,
                "[model] beside " + config.where() + " stand " + std::to_string(left.size()) +
                    " tensors that " + architecture.model_type + " does not have, such as " +
                    left.front(),
                "The weights do not belong to this config: fetch the model again.");
  }
  return {std::move(model),
          std::move(config),
          architecture.model_type,
          weights.parameters(),
          bytes,
          weights.taken(),
          weights.quantizations(),
          WeightFiles{}};
}

LoadedModel load_model(const fs::path& dir, bool map) {
  check_directory(dir);
  Config config = Config::read(dir / "config.json");
  find_architecture(config);  // before the weights are looked at
  std::unordered_map<std::string, array> tensors;
  WeightFiles files;
  for (const fs::path& file : weight_files(dir)) {
    if (map) files.files.push_back(std::make_unique<const HeldFile>(file));
    auto loaded = nn::mx::load_safetensors(file, map);
    for (auto& [name, tensor] : loaded.first) {
      if (!tensors.emplace(name, tensor).second) {
        throw Error(ErrorCode::kInvalidFile,
                    "[model] tensor " + name + " stands in two files of " + dir.string(), kRefetch);
      }
    }
  }
  LoadedModel loaded = make_model(std::move(config), std::move(tensors));
  loaded.files = std::move(files);
  return loaded;
}

}  // namespace mlxa::models
