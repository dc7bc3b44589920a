// Model files of known shapes with random weights, in llama.cpp's format.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ggml.h"

namespace peers {

struct ModelShape {
  std::string name;
  std::string architecture;  // "llama" or "qwen2", whose projections have biases
  int64_t hidden, layers, heads, kv_heads, head_dim, intermediate, vocab;
  bool tied;
  float rope_base;
};

struct FileTensor {
  std::string name;
  int64_t rows, columns;  // rows of 0: a vector of float32
};

/// The shape of that name; throws std::runtime_error that lists the names there are.
const ModelShape& find_shape(const std::string& name);

/// Type of ggml by its usual name, such as "q4_0"; throws std::runtime_error.
ggml_type find_type(const std::string& name);

/// Bytes of the matrices that one token reads: all layers and the head, not an untied embedding.
int64_t weight_bytes_per_token(const ModelShape& shape, ggml_type type);

/// Writes the file if `path` does not hold it already. Every matrix has the one type. Throws
/// std::runtime_error, also when the disk lacks room.
void ensure_model_file(const std::string& path, const ModelShape& shape, ggml_type type);

}  // namespace peers
