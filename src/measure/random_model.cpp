#include "measure/random_model.h"

#include <algorithm>

#include "mlxa/ops.h"

#include "measure/shapes.h"

namespace mlxa::measure {
namespace {

// Of a matrix; experts' lie one below the other.
int rows_of(const TensorSpec& tensor) {
  return tensor.shape.size() > 2 ? tensor.shape[0] * tensor.shape[1] : tensor.shape[0];
}

int64_t tensor_bytes(const TensorSpec& tensor, const WeightFormat& format) {
  if (tensor.kind == TensorSpec::Kind::kMatrix) {
    return matrix_bytes(format, tensor.path, rows_of(tensor), tensor.shape.back());
  }
  return int64_t{tensor.shape[0]} * format.dtype.size();
}

// The matrices of experts, made as one, by themselves: views of the same memory.
void stack_experts(const TensorSpec& tensor, Tensors& tensors) {
  for (const char* part : {".weight", ".scales", ".biases"}) {
    auto found = tensors.find(tensor.path + part);
    if (found == tensors.end()) continue;
    array& stacked = found->second;
    stacked = reshape(stacked, {tensor.shape[0], tensor.shape[1], stacked.shape(1)});
    stacked.eval();
  }
}

}  // namespace

int64_t random_model_bytes(const std::string& shape, const WeightFormat& format) {
  check_format(format);
  int64_t bytes = 0;
  for (const TensorSpec& tensor : model_tensors(shape_config(shape))) {
    bytes += tensor_bytes(tensor, format);
  }
  return bytes;
}

models::LoadedModel random_model(const std::string& shape, const WeightFormat& format) {
  random_model_bytes(shape, format);  // checks both
  nlohmann::json json = shape_config(shape);
  json["quantization"] = quantization_json(format);
  Tensors tensors;
  WeightMemory memory;
  for (const TensorSpec& tensor : model_tensors(json)) {
    if (tensor.kind == TensorSpec::Kind::kMatrix) {
      add_matrix(format, tensor.path, rows_of(tensor), tensor.shape.back(), memory, tensors);
      if (tensor.shape.size() > 2) stack_experts(tensor, tensors);
      continue;
    }
    array values = memory.take(tensor.shape, format.dtype);
    fill_uniform(values, 0.25f);
    const bool norm = tensor.kind == TensorSpec::Kind::kNorm;
    tensors.emplace(tensor.path, norm ? astype(add(values, array(1.0f)), format.dtype) : values);
  }
  return models::make_model(models::Config(std::move(json), shape), std::move(tensors));
}

void fill_context(const nn::KVPool& pool, nn::KVSequence& sequence, int64_t length) {
  constexpr int64_t kChunk = nn::KVPool::kBlockSize;
  const nn::KVShape& shape = pool.shape();
  sequence.reserve(length - sequence.length());
  const auto blocks = sequence.blocks();
  const array table(blocks.data(), {1, static_cast<int>(blocks.size())}, int32);
  while (sequence.length() < length) {
    const int64_t count = std::min(kChunk, length - sequence.length());
    const array offsets({static_cast<int32_t>(sequence.length())}, {1}, int32);
    std::vector<array> written;
    const auto write = [&](const array& storage, int dim) {
      // As large as what a norm and a projection give.
      array values = array::uninitialized({1, shape.heads, static_cast<int>(count), dim}, float32);
      fill_uniform(values, 1.7f);
      written.push_back(nn::mx::fast::kv_append(storage, values, table, offsets, shape.format));
    };
    for (int layer = 0; layer < shape.layers; layer++) {
      write(pool.keys(layer), shape.key_dim);
      write(pool.values(layer), shape.value_dim);
    }
    eval(std::move(written));
    sequence.advance(count);
  }
}

}  // namespace mlxa::measure
