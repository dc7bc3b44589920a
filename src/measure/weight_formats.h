// How the matrices of a random model are stored.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "mlxa/array.h"

namespace mlxa::measure {

/// Memory of random weights: anonymous, in huge pages where the system has them, given back with
/// the last array on it.
class WeightMemory {
 public:
  /// An array whose contents are yet to be written. Throws Error kOutOfMemory.
  array take(const Shape& shape, Dtype dtype);

 private:
  struct Chunk;
  std::shared_ptr<Chunk> chunk_;
  size_t used_ = 0;
};

/// What a matrix is made into: a mode and its settings.
struct WeightFormat {
  std::string mode;  ///< a name of the table in weight_formats.cpp
  int bits;
  int group_size;
  Dtype dtype;  ///< of dense values, affine scales and vectors
};

using Tensors = std::unordered_map<std::string, array>;

/// Throws Error kInvalidArgument for modes, bits and groups that do not exist.
void check_format(const WeightFormat& format);

/// "affine, 4 bits, groups of 64, bfloat16", "mxfp4, 4 bits, groups of 32".
std::string format_text(const WeightFormat& format);

/// What a config says of it, an object for the key "quantization"; null for dense weights.
nlohmann::json quantization_json(const WeightFormat& format);

/// Bytes of a matrix [out, in]. Throws Error kInvalidArgument, naming `path`, where the format's
/// groups do not divide its rows.
int64_t matrix_bytes(const WeightFormat& format, const std::string& path, int64_t out, int64_t in);

/// Adds the tensors of a matrix [out, in]: random values around 0 whose products with vectors keep
/// their size. Every matrix has memory and bytes of its own.
void add_matrix(const WeightFormat& format, const std::string& path, int out, int in,
                WeightMemory& memory, Tensors& tensors);

/// Fills an array of a floating-point type with random values from -limit to limit.
void fill_uniform(array& values, float limit);

}  // namespace mlxa::measure
