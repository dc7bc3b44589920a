#include "measure/accounting.h"

#include <algorithm>
#include <map>

namespace mlxa::measure {
namespace {

bool is_part(const nn::TakenWeight& weight, const char* part) {
  return weight.path.find(part) != std::string::npos;
}

}  // namespace

WeightTraffic weight_traffic(const std::vector<nn::TakenWeight>& weights) {
  WeightTraffic out;
  int64_t embedding_bytes = 0, embedding_values = 0;
  bool untied = false;
  std::optional<QuantMode> embedding_mode;
  std::map<std::optional<QuantMode>, int64_t> macs_of;
  for (const nn::TakenWeight& weight : weights) {
    if (weight.matrix && is_part(weight, "embed_tokens")) {
      embedding_bytes += weight.bytes;
      embedding_values += weight.values;
      embedding_mode = weight.mode;
      continue;
    }
    const int64_t read = weight.bytes / weight.experts * weight.chosen;
    out.decode_bytes += read;
    if (weight.experts > 1) out.chosen_bytes += read;
    if (!weight.matrix) continue;
    const bool head = is_part(weight, "lm_head");
    untied |= head;
    const int64_t used = weight.values / weight.experts * weight.chosen;
    (head ? out.head_macs : out.body_macs) += used;
    macs_of[weight.mode] += used;
  }
  if (!untied) {
    out.decode_bytes += embedding_bytes;
    out.head_macs = embedding_values;
    macs_of[embedding_mode] += embedding_values;
  }
  int64_t most = 0;
  for (const auto& [mode, macs] : macs_of) {
    if (macs <= most) continue;
    most = macs;
    out.mode = mode;
  }
  return out;
}

int64_t kv_bytes_at(const models::Config& config, const nn::KVShape& shape, int64_t position) {
  const auto per_layer = static_cast<int64_t>(shape.bytes_per_position()) / shape.layers;
  int64_t positions = shape.layers * (position + 1);
  for (const std::string& type : config.texts("layer_types")) {
    if (type != "sliding_attention") continue;
    const int window = config.integer("sliding_window", 1, 1 << 28);
    positions -= std::max<int64_t>(0, position + 1 - window);
  }
  return per_layer * positions;
}

Arithmetic product_arithmetic(std::optional<QuantMode> mode, bool exact, Dtype values) {
  if (mode == QuantMode::kMxfp8) return Arithmetic::kFloat32;
  if (mode && !exact) return Arithmetic::kInt8;
  return values == bfloat16 ? Arithmetic::kBFloat16 : Arithmetic::kFloat32;
}

}  // namespace mlxa::measure
