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

std::string description(const QuantizationEntry& entry) {
  return std::string(mode_name(entry.mode)) + ", " + std::to_string(entry.bits) +
         " bits, groups of " + std::to_string(entry.group_size);
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
                    shape.size() > 1, /*mode=*/std::nullopt});
  return out;
}

array Weights::take_experts(const std::string& path, const ExpertStack& stack, int out, int in) {
  array weight = take(path + ".weight", {stack.experts, out, in});
  taken_.back().experts = stack.experts;
  taken_.back().chosen = stack.chosen;
  return weight;
}

QuantizedWeight Weights::take_quantized(const std::string& path, int out, int in) {
  return take_packed(path, {out}, in);
}

QuantizedWeight Weights::take_quantized_experts(const std::string& path, const ExpertStack& stack,
                                                int out, int in) {
  QuantizedWeight weight = take_packed(path, {stack.experts, out}, in);
  taken_.back().experts = stack.experts;
  taken_.back().chosen = stack.chosen;
  return weight;
}

// `rows`: the axes before the packed one.
QuantizedWeight Weights::take_packed(const std::string& path, const Shape& rows, int in) {
  array weight = take_any(path + ".weight");
  array scales = take_any(path + ".scales");
  const bool affine = is_float(scales);
  std::optional<array> biases;
  if (affine) biases = take_any(path + ".biases");
  const auto has_rows = [&](const array& a) {
    return a.ndim() == rows.size() + 1 && std::equal(rows.begin(), rows.end(), a.shape().begin());
  };
  const bool shaped = has_rows(weight) && has_rows(scales) && scales.shape(-1) > 0 &&
                      (!affine || biases->shape() == scales.shape());
  const bool typed = weight.dtype().val() == Dtype::Val::uint32 &&
                     (affine ? biases->dtype().val() == scales.dtype().val()
                             : scales.dtype().val() == Dtype::Val::uint8);
  if (!shaped || !typed) {
    fail("the quantized tensors of " + path + " do not fit together or the config: weight " +
         text_of(weight.shape()) + ", scales " + text_of(scales.shape()) + " of " +
         std::string(dtype_name(scales.dtype())) + ", expected " + text_of(rows) + " rows");
  }
  if (!affine && has(path + ".biases")) {
    fail("the scales of " + path + " are bytes, but it has biases, which are of the affine mode");
  }
  const int group_size = in % scales.shape(-1) == 0 ? in / scales.shape(-1) : 0;
  const int64_t row_bits = static_cast<int64_t>(weight.shape(-1)) * 32;
  const int bits = row_bits % in == 0 ? static_cast<int>(row_bits / in) : 0;
  const QuantMode mode = affine             ? QuantMode::kAffine
                         : group_size == 16 ? QuantMode::kNvfp4
                         : bits == 8        ? QuantMode::kMxfp8
                                            : QuantMode::kMxfp4;
  if (!has_group_size(mode, group_size) || !has_bits(mode, bits)) {
    fail("the shapes of " + path + " mean " + std::to_string(bits) + " bits in groups of " +
         std::to_string(group_size) + ", which " +
         (affine ? "affine quantization does not have" : "mxfp4, mxfp8 and nvfp4 do not have"));
  }
  const QuantizationEntry found{true, group_size, bits, mode};
  auto listed = listed_.find(path);
  if (listed != listed_.end() && listed->second.quantized) {
    const std::string said = description(listed->second), is = description(found);
    if (said != is) fail("the config lists " + path + " as " + said + ", the tensors are " + is);
  }
  int64_t count = in;
  for (const ShapeElem length : rows) count *= length;
  const size_t bytes = weight.nbytes() + scales.nbytes() + (biases ? biases->nbytes() : 0);
  taken_.push_back({path, count, static_cast<int64_t>(bytes), /*matrix=*/true, mode});
  quantizations_[description(found)] += count;
  return {std::move(weight), std::move(scales), std::move(biases), group_size, bits, mode};
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
