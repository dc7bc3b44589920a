// A checkpoint's tensors on their way into layers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "array/quant_mode.h"
#include "nn/platform.h"

namespace mlxa::nn {

/// What a config's quantization dictionary says of one module.
struct QuantizationEntry {
  bool quantized = true;
  int group_size = 64;
  int bits = 4;
  QuantMode mode = QuantMode::kAffine;
};

/// A quantized matrix [out, in]: see mlxa::quantize. Only QuantMode::kAffine has biases.
struct QuantizedWeight {
  array weight, scales;
  std::optional<array> biases;
  int group_size, bits;
  QuantMode mode;
};

/// What a layer took: a tensor, or a quantized matrix with its scales and biases.
struct TakenWeight {
  std::string path;  ///< as in the file; of a quantized matrix without ".weight"
  int64_t values;    ///< elements, a quantized matrix counted by its values
  int64_t bytes;
  bool matrix;                    ///< multiplied with activations, or a table
  std::optional<QuantMode> mode;  ///< of a quantized matrix
  int experts = 1;                ///< matrices that are stacked in it
  int chosen = 1;                 ///< of these, how many a token is multiplied with
};

/// Matrices [experts, out, in], of which every token is multiplied with a few.
struct ExpertStack {
  int experts, chosen;
};

/// Tensors by name. Layers take theirs out; what is left over at the end belongs to no layer.
class Weights {
 public:
  explicit Weights(std::unordered_map<std::string, array> tensors,
                   std::unordered_map<std::string, QuantizationEntry> listed = {})
      : tensors_(std::move(tensors)), listed_(std::move(listed)) {}

  bool has(const std::string& name) const { return tensors_.count(name) != 0; }

  /// Removes and returns a floating-point tensor. Throws Error kInvalidFile if it is missing, has
  /// another shape, or is no float.
  array take(const std::string& name, const Shape& shape);
  /// Likewise the dense matrices [experts, out, in] `path`.weight.
  array take_experts(const std::string& path, const ExpertStack& stack, int out, int in);

  /// Removes and returns the quantized matrix `path`.{weight, scales, biases} that multiplies
  /// vectors of `in` elements into `out`. Shapes and the type of the scales tell mode, bits and
  /// group size. Throws Error kInvalidFile where no mode has them, and where the config's entry for
  /// the path says something else.
  QuantizedWeight take_quantized(const std::string& path, int out, int in);
  /// Likewise stacked ones.
  QuantizedWeight take_quantized_experts(const std::string& path, const ExpertStack& stack, int out,
                                         int in);

  /// Whether `path` is stored quantized.
  bool is_quantized(const std::string& path) const { return has(path + ".scales"); }

  /// Forgets a tensor that the model does not use.
  void drop(const std::string& name) { tensors_.erase(name); }

  /// The modes, group sizes and bits of the quantized matrices taken, each with the parameters that
  /// have it, as "affine, 4 bits, groups of 64".
  const std::map<std::string, int64_t>& quantizations() const { return quantizations_; }

  /// Parameters that the taken tensors stand for: a quantized matrix counts its values.
  int64_t parameters() const;

  /// What was taken, in that order.
  const std::vector<TakenWeight>& taken() const { return taken_; }

  /// Names of what nobody took, sorted.
  std::vector<std::string> remaining() const;

 private:
  array take_any(const std::string& name);
  QuantizedWeight take_packed(const std::string& path, const Shape& rows, int in);

  std::unordered_map<std::string, array> tensors_;
  std::unordered_map<std::string, QuantizationEntry> listed_;
  std::vector<TakenWeight> taken_;
  std::map<std::string, int64_t> quantizations_;
};

}  // namespace mlxa::nn
