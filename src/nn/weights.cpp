#include "nn/weights.h"

#include <algorithm>

#include "mlxa/error.h"

namespace mlxa::nn {
namespace {

constexpr const char* kRefetch = "The model's files do not belong together: fetch the model again.";

std::string text_of(const Shape& shape) {
  std::string out = "[";
  for (size_t i = 0; i < shape.size(); i++) out += (i ? ", " : "") + std::to_string(shape[i]);
  return out + "]";
}

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorCode::kInvalidFile, "[weights] " + what, kRefetch);
}

bool is_float(const array& a) { return issubdtype(a.dtype(), floating); }

}  // namespace

array Weights::take_any(const std::string& name) {
  auto found = tensors_.find(name);
  if (found == tensors_.end()) fail("tensor " + name + " is missing");
  array out = found->second;
  tensors_.erase(found);
  return out;
}

array Weights::take(const std::string& name, const Shape& shape) {
  array out = take_any(name);
  if (out.shape() != shape) {
    fail("tensor " + name + " has shape " + text_of(out.shape()) + ", the config expects " +
         text_of(shape));
  }
  if (!is_float(out)) {
    fail("tensor " + name + " holds " + std::string(dtype_name(out.dtype())) +
         ", expected a floating-point type");
  }
  taken_.push_back({name, static_cast<int64_t>(out.size()), static_cast<int64_t>(out.nbytes()),
                    shape.size() > 1, /*quantized=*/false});
  return out;
}

QuantizedWeight Weights::take_quantized(const std::string& path, int out, int in) {
  array weight = take_any(path + ".weight");
  array scales = take_any(path + ".scales");
  if (scales.dtype().val() == Dtype::Val::uint8) {
    throw Error(ErrorCode::kUnsupported,
                "[weights] " + path + " is quantized as mxfp4, mxfp8 or nvfp4",
                "Use an affine quantization of the model (MLX's default mode).");
  }
  array biases = take_any(path + ".biases");
  const bool shaped = weight.ndim() == 2 && scales.ndim() == 2 &&
                      biases.shape() == scales.shape() && weight.shape(0) == out &&
                      scales.shape(0) == out && scales.shape(1) > 0;
  if (!shaped || weight.dtype().val() != Dtype::Val::uint32 || !is_float(scales) ||
      biases.dtype().val() != scales.dtype().val()) {
    fail("the quantized tensors of " + path + " do not fit together or the config: weight " +
         text_of(weight.shape()) + ", scales " + text_of(scales.shape()) + ", expected " +
         std::to_string(out) + " rows");
  }
  const int group_size = in % scales.shape(1) == 0 ? in / scales.shape(1) : 0;
  const int64_t row_bits = static_cast<int64_t>(weight.shape(1)) * 32;
  const int bits = row_bits % in == 0 ? static_cast<int>(row_bits / in) : 0;
  const bool group_ok = group_size == 32 || group_size == 64 || group_size == 128;
  const bool bits_ok = bits >= 2 && bits <= 8 && bits != 7;
  if (!group_ok || !bits_ok) {
    fail("the shapes of " + path + " mean " + std::to_string(bits) + " bits in groups of " +
         std::to_string(group_size) + ", which affine quantization does not have");
  }
  const size_t bytes = weight.nbytes() + scales.nbytes() + biases.nbytes();
  taken_.push_back({path, int64_t{out} * in, static_cast<int64_t>(bytes), /*matrix=*/true,
                    /*quantized=*/true});
  auto listed = listed_.find(path);
  if (listed != listed_.end() && listed->second.quantized &&
      (listed->second.bits != bits || listed->second.group_size != group_size)) {
    fail("the config lists " + path + " with " + std::to_string(listed->second.bits) +
         " bits in groups of " + std::to_string(listed->second.group_size) + ", the tensors have " +
         std::to_string(bits) + " and " + std::to_string(group_size));
  }
  return {std::move(weight), std::move(scales), std::move(biases), group_size, bits};
}

int64_t Weights::parameters() const {
  int64_t sum = 0;
  for (const TakenWeight& one : taken_) sum += one.values;
  return sum;
}

std::vector<std::string> Weights::remaining() const {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace mlxa::nn
