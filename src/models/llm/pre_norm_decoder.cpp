#include "models/llm/pre_norm_decoder.h"

#include <string>
#include <tuple>

namespace mlxa::models {

namespace {

using Mlp = std::variant<nn::GatedMLP, nn::MixtureOfExperts>;

std::string layer_path(size_t index) { return "model.layers." + std::to_string(index); }

Mlp take_mlp(nn::Weights& weights, const PreNormDecoderSpec& spec, size_t index) {
  const std::string path = layer_path(index) + "." + spec.mlp_name;
  if (spec.experts && spec.experts->in_layer[index]) {
    return nn::MixtureOfExperts(weights, path, spec.experts->shape);
  }
  return nn::GatedMLP(weights, path, spec.sizes.hidden, spec.sizes.intermediate, spec.mlp_bias);
}

std::optional<nn::Rope> layer_rope(const PreNormDecoderSpec& spec, size_t index) {
  if (!spec.rotated.empty() && !spec.rotated[index]) return std::nullopt;
  return nn::Rope(spec.sizes.head_dim, spec.rope_traditional, spec.rope.base, spec.rope.scaling);
}

}  // namespace

PreNormDecoder::Layer::Layer(nn::Weights& weights, const PreNormDecoderSpec& spec, size_t index)
    : input_norm(weights, layer_path(index) + ".input_layernorm", spec.sizes.hidden,
                 spec.sizes.norm_eps),
      attention(
          weights, layer_path(index) + ".self_attn",
          {.hidden = spec.sizes.hidden,
           .heads = spec.sizes.heads,
           .kv_heads = spec.sizes.kv_heads,
           .head_dim = spec.sizes.head_dim,
           .qkv_bias = spec.qkv_bias,
           .output_bias = spec.output_bias,
           .head_norm_eps = spec.head_norms ? std::optional(spec.sizes.norm_eps) : std::nullopt,
           .window = spec.windows[index]},
          layer_rope(spec, index)),
      mlp_norm(weights, layer_path(index) + ".post_attention_layernorm", spec.sizes.hidden,
               spec.sizes.norm_eps),
      mlp(take_mlp(weights, spec, index)) {}

PreNormDecoder::PreNormDecoder(const PreNormDecoderSpec& spec, nn::Weights& weights)
    : spec_(spec),
      embed_(weights, "model.embed_tokens", spec.sizes.vocab, spec.sizes.hidden),
      norm_(weights, "model.norm", spec.sizes.hidden, spec.sizes.norm_eps) {
  for (size_t i = 0; i < static_cast<size_t>(spec.sizes.layers); i++) {
    weights.drop(layer_path(i) + ".self_attn.rotary_emb.inv_freq");  // old checkpoints store it
    layers_.emplace_back(weights, spec, i);
  }
  if (spec.tied) {
    for (const char* part : {"weight", "scales", "biases"}) {
      weights.drop(std::string("lm_head.") + part);
    }
  } else {
    head_ = nn::take_matrix(weights, "lm_head", spec.sizes.vocab, spec.sizes.hidden);
  }
}

array PreNormDecoder::hidden(const array& tokens, nn::KVStep& kv) const {
  // Activations are float32 whatever the weights are: rounding the residual stream to 16 bits after
  // every layer would cost more precision than all the rest, and saves no memory traffic to speak
  // of.
  array residual = nn::mx::astype(embed_(tokens), float32);
  array x = layers_[0].input_norm(residual);
  for (size_t i = 0; i < layers_.size(); i++) {
    const Layer& layer = layers_[i];
    std::tie(residual, x) =
        layer.mlp_norm.add(layer.attention(x, static_cast<int>(i), kv), residual);
    const nn::RMSNorm& next = i + 1 < layers_.size() ? layers_[i + 1].input_norm : norm_;
    const array y = std::visit([&](const auto& mlp) { return mlp(x); }, layer.mlp);
    std::tie(residual, x) = next.add(y, residual);
  }
  return x;
}

array PreNormDecoder::logits(const array& hidden) const {
  return head_ ? nn::multiply_transposed(hidden, *head_) : embed_.as_linear(hidden);
}

nn::KVShape PreNormDecoder::kv_shape() const {
  const DecoderSizes& s = spec_.sizes;
  return {s.layers, s.kv_heads, s.head_dim, s.head_dim, embed_.dtype()};
}

}  // namespace mlxa::models
