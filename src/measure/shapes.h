// Published models by name: their architecture and sizes, without their weights.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mlxa/array.h"

namespace mlxa::measure {

/// The config.json of a named shape. Throws Error kInvalidArgument for other names.
nlohmann::json shape_config(const std::string& name);

/// The names, smallest model first.
std::vector<std::string> shape_names();

/// One tensor that a model of some config has.
struct TensorSpec {
  enum class Kind { kMatrix, kNorm, kBias };
  std::string path;  ///< of a matrix without ".weight"
  Shape shape;       ///< of a matrix {out, in}, as it multiplies; of experts' {experts, out, in}
  Kind kind;
};

/// Every tensor that the model of `config` takes. Throws Error kUnsupported for architectures whose
/// tensors this does not know.
std::vector<TensorSpec> model_tensors(const nlohmann::json& config);

}  // namespace mlxa::measure
