#include "text/tokenizer/decoder.h"

#include <utility>

#include "text/tokenizer/decode_stages.h"

namespace mlxa::tok {
namespace {

constexpr int64_t kMaxStrip = 1 << 20;

std::unique_ptr<StageFactory> make_stage(const std::string& type, const Fields& fields) {
  if (type == "ByteLevel") return byte_level_stage();
  if (type == "Fuse") return fuse_stage();
  if (type == "ByteFallback") return byte_fallback_stage();
  if (type == "Metaspace") {
    const std::string otherwise = fields.boolean("add_prefix_space", true) ? "always" : "never";
    const std::string scheme = fields.optional_string("prepend_scheme").value_or(otherwise);
    return metaspace_stage(fields.character("replacement"), scheme != "never");
  }
  if (type == "Replace") {
    return replace_stage(Pattern::from_json(fields.at("pattern"), fields.where("pattern")),
                         fields.string("content"));
  }
  if (type == "Strip") {
    return strip_stage(fields.character("content"),
                       static_cast<size_t>(fields.integer_or("start", 0, kMaxStrip, 0)),
                       static_cast<size_t>(fields.integer_or("stop", 0, kMaxStrip, 0)));
  }
  if (type == "WordPiece") {
    return word_piece_stage(fields.optional_string("prefix").value_or("##"),
                            fields.boolean("cleanup", true));
  }
  if (type == "BPEDecoder") {
    const std::string suffix = fields.optional_string("suffix").value_or("</w>");
    if (suffix.empty()) fail_unsupported(fields.where("suffix"), "empty", "a suffix");
    return bpe_suffix_stage(suffix);
  }
  fail_unsupported(
      fields.where(), "the decoder " + in_quotes(type),
      "ByteLevel, Metaspace, Replace, Strip, Fuse, ByteFallback, WordPiece, BPEDecoder "
      "or Sequence");
}

}  // namespace

Decoder::Decoder(const Json& value, const std::string& where) {
  if (value.is_null()) {
    stages_.push_back(join_with_spaces_stage());
  } else {
    add(value, where);
  }
}

Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

void Decoder::add(const Json& value, const std::string& where) {
  const std::string type = component_type(value, where);
  const Fields fields(value, where);
  if (type != "Sequence") {
    stages_.push_back(make_stage(type, fields));
    return;
  }
  size_t index = 0;
  for (const Json& part : fields.array("decoders")) {
    add(part, fields.where("decoders[" + std::to_string(index++) + "]"));
  }
}

Decoder::Stream::Stream(const Decoder& decoder) : output_(std::make_unique<Output>()) {
  std::vector<bool> fused;
  bool after_fuse = false;
  for (const auto& factory : decoder.stages_) {
    fused.push_back(after_fuse);
    after_fuse = after_fuse || factory->fuses();
  }
  for (size_t i = decoder.stages_.size(); i-- > 0;) {
    TokenSink& next = stages_.empty() ? *output_ : *stages_.back();
    stages_.push_back(decoder.stages_[i]->make(next, fused[i]));
  }
}

void Decoder::Stream::put(std::string_view token, std::string& out) {
  TokenSink& first = stages_.empty() ? *output_ : *stages_.back();
  first.put(token);
  drain(out);
}

void Decoder::Stream::finish(std::string& out) {
  TokenSink& first = stages_.empty() ? *output_ : *stages_.back();
  first.finish();
  drain(out);
}

void Decoder::Stream::drain(std::string& out) {
  out += output_->text;
  output_->text.clear();
}

}  // namespace mlxa::tok
