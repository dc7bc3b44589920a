// Golden models with something changed: what loading says of it.
#pragma once

#include <string>
#include <unordered_map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mlxa/error.h"
#include "mlxa/io.h"

#include "models/registry.h"

namespace mlxa::models {

using Json = nlohmann::json;

/// Config and tensors of a golden model, to be changed before they are loaded.
struct Files {
  Json config;
  std::unordered_map<std::string, array> tensors;

  explicit Files(const std::string& name) {
    const std::string dir = std::string(MLXA_GOLDEN_DIR) + "/models/" + name;
    config = Config::read(dir + "/config.json").json();
    tensors = load_safetensors(dir + "/model.safetensors").first;
  }
  LoadedModel load() const { return make_model(Config(config, "test"), tensors); }
};

/// The message of the error that loading throws, which has this code.
inline std::string error_of(const Files& files, ErrorCode code) {
  try {
    files.load();
  } catch (const Error& error) {
    EXPECT_EQ(error_info(error.code()).name, error_info(code).name) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing thrown";
  return {};
}

/// Loading refuses the model with this value of a config's key, in a message that has `said`.
inline void expect_refused(const std::string& model, const std::string& key, const Json& value,
                           const std::string& said) {
  Files files(model);
  files.config[key] = value;
  const std::string message = error_of(files, ErrorCode::kInvalidFile);
  EXPECT_NE(message.find(said), std::string::npos) << message;
}

}  // namespace mlxa::models
