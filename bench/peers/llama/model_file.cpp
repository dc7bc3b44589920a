#include "model_file.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>

#include <unistd.h>

#include "gguf.h"

namespace peers {
namespace {

const ModelShape kShapes[] = {
#define SHAPE(...) {__VA_ARGS__},
#include "../shapes.def"
#undef SHAPE
};

const std::pair<const char*, ggml_type> kTypes[] = {
    {"q4_0", GGML_TYPE_Q4_0},   {"q4_1", GGML_TYPE_Q4_1},     {"q5_0", GGML_TYPE_Q5_0},
    {"q8_0", GGML_TYPE_Q8_0},   {"q2_k", GGML_TYPE_Q2_K},     {"q3_k", GGML_TYPE_Q3_K},
    {"q4_k", GGML_TYPE_Q4_K},   {"q5_k", GGML_TYPE_Q5_K},     {"q6_k", GGML_TYPE_Q6_K},
    {"mxfp4", GGML_TYPE_MXFP4}, {"iq4_nl", GGML_TYPE_IQ4_NL}, {"f16", GGML_TYPE_F16},
    {"bf16", GGML_TYPE_BF16},   {"f32", GGML_TYPE_F32},
};

std::vector<FileTensor> tensors_of(const ModelShape& s) {
  const int64_t q = s.heads * s.head_dim, kv = s.kv_heads * s.head_dim;
  std::vector<FileTensor> tensors = {{"token_embd.weight", s.vocab, s.hidden},
                                     {"output_norm.weight", 0, s.hidden}};
  if (!s.tied) tensors.push_back({"output.weight", s.vocab, s.hidden});
  for (int64_t i = 0; i < s.layers; i++) {
    const std::string layer = "blk." + std::to_string(i) + ".";
    tensors.push_back({layer + "attn_norm.weight", 0, s.hidden});
    tensors.push_back({layer + "attn_q.weight", q, s.hidden});
    tensors.push_back({layer + "attn_k.weight", kv, s.hidden});
    tensors.push_back({layer + "attn_v.weight", kv, s.hidden});
    tensors.push_back({layer + "attn_output.weight", s.hidden, q});
    if (s.architecture == "qwen2") {
      tensors.push_back({layer + "attn_q.bias", 0, q});
      tensors.push_back({layer + "attn_k.bias", 0, kv});
      tensors.push_back({layer + "attn_v.bias", 0, kv});
    }
    tensors.push_back({layer + "ffn_norm.weight", 0, s.hidden});
    tensors.push_back({layer + "ffn_gate.weight", s.intermediate, s.hidden});
    tensors.push_back({layer + "ffn_up.weight", s.intermediate, s.hidden});
    tensors.push_back({layer + "ffn_down.weight", s.hidden, s.intermediate});
  }
  return tensors;
}

class Random {
 public:
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    return state_ ^= state_ << 17;
  }
  // Uniform in [-1, 1).
  float uniform() { return static_cast<float>(next() >> 40) * 0x1p-23f - 1.0f; }

 private:
  uint64_t state_ = 88172645463325252ull;
};

// Rows of random numbers in a type, about a million elements. Tensors are made of these rows in
// random order: quantizing every element anew would take minutes and change no speed.
struct RowPool {
  std::vector<uint8_t> bytes;
  size_t row_bytes = 0;
  size_t rows = 0;
};

RowPool make_row_pool(ggml_type type, int64_t columns, Random& random) {
  if (columns % ggml_blck_size(type) != 0)
    throw std::runtime_error(std::string(ggml_type_name(type)) + " needs rows of a multiple of " +
                             std::to_string(ggml_blck_size(type)) +
                             " elements, which this shape does not have; choose another --type");
  RowPool pool;
  pool.row_bytes = ggml_row_size(type, columns);
  pool.rows = static_cast<size_t>(std::max<int64_t>(16, (int64_t{1} << 20) / columns));
  pool.bytes.resize(pool.rows * pool.row_bytes);
  std::vector<float> values(pool.rows * static_cast<size_t>(columns));
  const float range = std::sqrt(3.0f / static_cast<float>(columns));
  for (float& value : values) value = range * random.uniform();
  if (type == GGML_TYPE_F32)
    std::memcpy(pool.bytes.data(), values.data(), pool.bytes.size());
  else
    ggml_quantize_chunk(type, values.data(), pool.bytes.data(), 0, static_cast<int64_t>(pool.rows),
                        columns, nullptr);
  return pool;
}

void describe(gguf_context* file, const ModelShape& s) {
  const std::string prefix = s.architecture + ".";
  const auto number = [&](const char* key, int64_t value) {
    gguf_set_val_u32(file, (prefix + key).c_str(), static_cast<uint32_t>(value));
  };
  gguf_set_val_str(file, "general.architecture", s.architecture.c_str());
  gguf_set_val_str(file, "general.name", s.name.c_str());
  gguf_set_val_u32(file, "general.quantization_version", 2);
  gguf_set_val_str(file, "tokenizer.ggml.model", "none");
  number("vocab_size", s.vocab);
  number("context_length", 131072);
  number("embedding_length", s.hidden);
  number("block_count", s.layers);
  number("feed_forward_length", s.intermediate);
  number("attention.head_count", s.heads);
  number("attention.head_count_kv", s.kv_heads);
  number("attention.key_length", s.head_dim);
  number("attention.value_length", s.head_dim);
  number("rope.dimension_count", s.head_dim);
  gguf_set_val_f32(file, (prefix + "rope.freq_base").c_str(), s.rope_base);
  gguf_set_val_f32(file, (prefix + "attention.layer_norm_rms_epsilon").c_str(), 1e-5f);
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

void write_or_throw(std::FILE* file, const void* data, size_t size, const std::string& path) {
  if (std::fwrite(data, 1, size, file) != size)
    throw std::runtime_error("cannot write " + path + ": is the disk full?");
}

void write_tensors(std::FILE* file, const std::string& path, const gguf_context* description,
                   const std::vector<FileTensor>& tensors, ggml_type type) {
  Random random;
  std::map<int64_t, RowPool> pools;
  uint64_t written = 0;
  const std::vector<char> zeros(GGUF_DEFAULT_ALIGNMENT);
  for (size_t i = 0; i < tensors.size(); i++) {
    const FileTensor& tensor = tensors[i];
    const uint64_t offset = gguf_get_tensor_offset(description, static_cast<int64_t>(i));
    write_or_throw(file, zeros.data(), offset - written, path);
    written = offset;
    if (tensor.rows == 0) {
      const bool bias = tensor.name.ends_with(".bias");
      const std::vector<float> values(static_cast<size_t>(tensor.columns), bias ? 0.0f : 1.0f);
      write_or_throw(file, values.data(), values.size() * sizeof(float), path);
      written += values.size() * sizeof(float);
      continue;
    }
    auto pool = pools.find(tensor.columns);
    if (pool == pools.end())
      pool = pools.emplace(tensor.columns, make_row_pool(type, tensor.columns, random)).first;
    const RowPool& rows = pool->second;
    for (int64_t row = 0; row < tensor.rows; row++) {
      const size_t chosen = random.next() % rows.rows;
      write_or_throw(file, rows.bytes.data() + chosen * rows.row_bytes, rows.row_bytes, path);
    }
    written += static_cast<uint64_t>(tensor.rows) * rows.row_bytes;
  }
  while (written++ % GGUF_DEFAULT_ALIGNMENT != 0) write_or_throw(file, zeros.data(), 1, path);
}

}  // namespace

const ModelShape& find_shape(const std::string& name) {
  std::string names;
  for (const ModelShape& shape : kShapes) {
    if (shape.name == name) return shape;
    names += " " + shape.name;
  }
  throw std::runtime_error("no such shape: " + name + "; there are" + names);
}

ggml_type find_type(const std::string& name) {
  std::string names;
  for (const auto& [known, type] : kTypes) {
    if (known == name) return type;
    names += std::string(" ") + known;
  }
  throw std::runtime_error("no such type: " + name + "; there are" + names);
}

int64_t weight_bytes_per_token(const ModelShape& shape, ggml_type type) {
  int64_t bytes = 0;
  for (const FileTensor& tensor : tensors_of(shape))
    if (tensor.rows > 0 && (shape.tied || tensor.name != "token_embd.weight"))
      bytes += tensor.rows * static_cast<int64_t>(ggml_row_size(type, tensor.columns));
  return bytes;
}

void ensure_model_file(const std::string& path, const ModelShape& shape, ggml_type type) {
  const std::vector<FileTensor> tensors = tensors_of(shape);
  const ggml_init_params arena = {(tensors.size() + 1) * ggml_tensor_overhead(), nullptr, true};
  const std::unique_ptr<ggml_context, void (*)(ggml_context*)> context(ggml_init(arena), ggml_free);
  const std::unique_ptr<gguf_context, void (*)(gguf_context*)> description(gguf_init_empty(),
                                                                           gguf_free);
  describe(description.get(), shape);
  uint64_t size = 0;
  for (const FileTensor& t : tensors) {
    ggml_tensor* tensor = t.rows == 0 ? ggml_new_tensor_1d(context.get(), GGML_TYPE_F32, t.columns)
                                      : ggml_new_tensor_2d(context.get(), type, t.columns, t.rows);
    ggml_set_name(tensor, t.name.c_str());
    gguf_add_tensor(description.get(), tensor);
    size = gguf_get_tensor_offset(description.get(), gguf_get_n_tensors(description.get()) - 1) +
           ggml_nbytes(tensor);
  }
  size = (size + GGUF_DEFAULT_ALIGNMENT - 1) / GGUF_DEFAULT_ALIGNMENT * GGUF_DEFAULT_ALIGNMENT +
         gguf_get_meta_size(description.get());

  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::file_size(path, error) == size && !error) return;
  const fs::path folder = fs::absolute(path).parent_path();
  fs::create_directories(folder, error);
  const fs::space_info space = fs::space(folder, error);
  if (error) throw std::runtime_error("cannot use " + folder.string() + ": " + error.message());
  if (space.available < size)
    throw std::runtime_error(folder.string() + " has room for " +
                             std::to_string(space.available >> 20) + " MiB, the model needs " +
                             std::to_string(size >> 20) + " MiB; name another with --dir");

  const std::string part = path + ".part";
  if (!gguf_write_to_file(description.get(), part.c_str(), true))
    throw std::runtime_error("cannot write " + part);
  {
    const File file(std::fopen(part.c_str(), "ab"), std::fclose);
    if (!file) throw std::runtime_error("cannot write " + part);
    write_tensors(file.get(), part, description.get(), tensors, type);
    // On the disk before anything is timed: the system would write it back meanwhile.
    if (std::fflush(file.get()) != 0 || fdatasync(fileno(file.get())) != 0)
      throw std::runtime_error("cannot write " + part + ": is the disk full?");
  }
  fs::rename(part, path, error);
  if (error) throw std::runtime_error("cannot write " + path + ": " + error.message());
}

}  // namespace peers
